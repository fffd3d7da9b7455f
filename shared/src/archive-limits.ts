/** So many mails of the archive may be asked for at once by what finds them. */
export const mostFound = 10_000

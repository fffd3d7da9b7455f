/** A mail as it is quoted in another one, its date already in words. */
export interface Quoted {
  readonly from: string
  readonly to: string
  readonly date: string
  readonly subject: string
  readonly text: string
}

/** Words of the language that the quote is written in. */
export interface QuoteWords {
  readonly original: string
  readonly from: string
  readonly to: string
  readonly date: string
  readonly subject: string
  readonly cut: string
}

/** Outlook's window for a new mail takes at most 32 KB of HTML; a rest is left for the person's own words. */
export const formLimit = 30_000

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? "")

/** A plain text as HTML that shows it as it is: nothing of it is markup. */
export function textAsHtml(text: string): string {
  return escapeHtml(text.replaceAll("\r\n", "\n").trim()).replaceAll("  ", " &nbsp;").replaceAll("\n", "<br>")
}

/** The heading of a quote, line by line. */
function heading({ from, to, date, subject }: Quoted, words: QuoteWords): [string, string][] {
  return [[words.from, from], [words.date, date], [words.to, to], [words.subject, subject]]
}

/** A mail quoted as HTML, at most `limit` bytes long (UTF-8); a longer text is cut at its end, and says so. */
export function quoteHtml(mail: Quoted, words: QuoteWords, limit = Number.POSITIVE_INFINITY): { html: string; cut: boolean } {
  const whole = (text: string, end: string) =>
    `<br><br><div>-------- ${escapeHtml(words.original)} --------<br>${heading(mail, words).map(([name, value]) => `<b>${escapeHtml(name)}:</b> ${escapeHtml(value)}`).join("<br>")}</div><br><blockquote>${textAsHtml(text)}${end}</blockquote>`
  const size = (html: string) => new TextEncoder().encode(html).length
  const complete = whole(mail.text, "")
  if (size(complete) <= limit) return { html: complete, cut: false }
  const end = `<br><br><i>${escapeHtml(words.cut)}</i>`
  let [fits, tooLong] = [0, mail.text.length]
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1
    if (size(whole(mail.text.slice(0, middle).toWellFormed(), end)) <= limit) fits = middle
    else tooLong = middle
  }
  return { html: whole(mail.text.slice(0, fits).replace(/[\ud800-\udbff]$/, ""), end), cut: true }
}

/** The same as plain text, for a mail that is written as text. */
export function quoteText(mail: Quoted, words: QuoteWords): string {
  return `\n\n-------- ${words.original} --------\n${heading(mail, words).map(([name, value]) => `${name}: ${value}`).join("\n")}\n\n${mail.text.replaceAll("\r\n", "\n").trim()}\n`
}

/** The subject of a forwarded mail: with one prefix, however often it was forwarded. */
export function forwardSubject(subject: string, prefix: string): string {
  return `${prefix} ${subject.replace(/^(?:(?:fwd?|wg)\s*:\s*)+/i, "")}`.trim().slice(0, 255).toWellFormed()
}

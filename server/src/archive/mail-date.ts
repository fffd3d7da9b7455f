/** A date that a mail names; undefined for none, and for what no calendar has (RFC 5322 §3.3: years of four digits). */
export function mailDate(named: Date | string | null | undefined): Date | undefined {
  const date = named instanceof Date ? named : new Date(named ?? "")
  const year = date.getUTCFullYear()
  return year >= 1000 && year <= 9999 ? date : undefined
}

/** A Date field as it stands in a header: without the comments that it may have (RFC 5322 §3.3). */
export function writtenDate(field: string | undefined): Date | undefined {
  return mailDate(field?.replaceAll(/\s+/g, " ").replace(/\(.*\)/, "").trim())
}

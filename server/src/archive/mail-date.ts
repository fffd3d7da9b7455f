/** A date that a mail names; undefined for none, and for what no calendar has (RFC 5322 §3.3: years of four digits). */
export function mailDate(named: Date | string | null | undefined): Date | undefined {
  const date = named instanceof Date ? named : new Date(named ?? "")
  const year = date.getUTCFullYear()
  return year >= 1000 && year <= 9999 ? date : undefined
}

const dayMs = 86_400_000

/** What of the archive is listed, as it stands in the page's address; empty parts do not narrow. Times ISO 8601. */
export interface ArchiveFilter {
  readonly q: string
  readonly part: "" | "received" | "sent"
  readonly status: string
  /** Id of an outage: only mails that it delayed. */
  readonly outage: string
  readonly from: string
  readonly to: string
}

const text = (value: unknown) => (typeof value === "string" ? value : "")
const time = (value: unknown) => (Number.isNaN(Date.parse(text(value))) ? "" : text(value))

/** Reads the filter from a page's address; what means nothing there is left out. */
export function filterOf(query: Readonly<Record<string, unknown>>, statuses: readonly string[]): ArchiveFilter {
  const part = text(query.part)
  const status = text(query.status)
  return {
    q: text(query.q).slice(0, 200),
    part: part === "received" || part === "sent" ? part : "",
    status: statuses.includes(status) ? status : "",
    outage: text(query.outage),
    from: time(query.from),
    to: time(query.to),
  }
}

/** The end of a day (`2026-11-23`) of the person's own calendar: the list begins with its last mail. */
export function endOfDay(day: string): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number)
  const end = new Date(year, month - 1, date + 1)
  return Number.isNaN(end.getTime()) ? "" : end.toISOString()
}

/** The start of a period of so many days up to now. */
export const daysAgo = (days: number, now: Date) => new Date(now.getTime() - days * dayMs).toISOString()

/** A day of the person's own calendar, `2026-11-23`. */
export function dayOf(date: Date): string {
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0")).join("-")
}

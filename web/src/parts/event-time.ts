import type { Invitation } from "@lifeboat/shared/schemas/mail"

const day = 86_400_000

/** When an event is, in the reader's time zone (`zone` undefined: the browser's) and language; whole days and times without a zone are those of wherever one is. Empty without a start. */
export function eventTime({ start, end, allDay, floating }: Pick<Invitation, "start" | "end" | "allDay" | "floating">, language: string, zone?: string): string {
  if (start === null) return ""
  const from = new Date(start)
  // The end of whole days is the day after the last (RFC 5545 §3.6.1).
  const to = end === null ? from : new Date(allDay ? Math.max(from.getTime(), new Date(end).getTime() - day) : end)
  const date: Intl.DateTimeFormatOptions = { weekday: "long", day: "numeric", month: "long", year: "numeric" }
  const options: Intl.DateTimeFormatOptions = allDay ? { ...date, timeZone: "UTC" } : { ...date, hour: "2-digit", minute: "2-digit", timeZone: floating ? "UTC" : zone }
  const format = new Intl.DateTimeFormat(language === "de" ? "de-DE" : "en-GB", options)
  return to > from ? format.formatRange(from, to) : format.format(from)
}

/** How often an event comes again, as far as it can be said in few words. */
export interface Repetition {
  readonly every: "day" | "week" | "month" | "year"
  readonly interval: number
  readonly count: number | undefined
  readonly until: Date | undefined
}

const frequencies: Readonly<Record<string, Repetition["every"]>> = { DAILY: "day", WEEKLY: "week", MONTHLY: "month", YEARLY: "year" }

/** Reads an RRULE (RFC 5545 §3.3.10); undefined for what cannot be said simply. */
export function repetition(rule: string): Repetition | undefined {
  const parts = new Map(rule.toUpperCase().split(";").map((part) => { const [name = "", value = ""] = part.split("=", 2); return [name, value] as const }))
  const every = frequencies[parts.get("FREQ") ?? ""]
  const interval = Number(parts.get("INTERVAL") ?? 1)
  if (!every || !Number.isInteger(interval) || interval < 1) return undefined
  const until = /^(\d{4})-?(\d\d)-?(\d\d)/.exec(parts.get("UNTIL") ?? "")
  const count = Number(parts.get("COUNT") ?? Number.NaN)
  return { every, interval, count: Number.isInteger(count) ? count : undefined, until: until ? new Date(Date.UTC(Number(until[1]), Number(until[2]) - 1, Number(until[3]))) : undefined }
}

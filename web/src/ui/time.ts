/** Where and in which language times are shown; `zone` undefined: the browser's. */
export interface TimeStyle {
  readonly language: string
  readonly zone?: string | undefined
}

const cache = new Map<string, Intl.DateTimeFormat>()

/** Making a formatter takes milliseconds, using it microseconds. */
function formatterOf(style: TimeStyle, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${style.language}|${style.zone}|${JSON.stringify(options)}`
  let formatter = cache.get(key)
  if (!formatter) cache.set(key, (formatter = new Intl.DateTimeFormat(style.language === "de" ? "de-DE" : "en-GB", { ...options, timeZone: style.zone })))
  return formatter
}

const format = (date: Date, style: TimeStyle, options: Intl.DateTimeFormatOptions): string => formatterOf(style, options).format(date)

const day = (date: Date, style: TimeStyle) => format(date, style, { year: "numeric", month: "2-digit", day: "2-digit" })
const year = (date: Date, style: TimeStyle) => (style.zone === undefined ? date.getFullYear() : format(date, style, { year: "numeric" }))

const atMinute = { hour: "2-digit", minute: "2-digit" } as const
const inYear = { day: "numeric", month: "short" } as const
const anyYear = { day: "2-digit", month: "2-digit", year: "2-digit" } as const

/** Makes what lists need ahead, while nobody waits. */
export function prepareListTimes(style: TimeStyle): void {
  for (const options of [atMinute, inYear, anyYear]) formatterOf(style, options)
}

/** Whether two times fall on the same calendar day there. */
export function sameDay(a: Date, b: Date, style: TimeStyle): boolean {
  // The browser's own zone needs no formatter, and lists ask for every row.
  return style.zone === undefined ? a.getDate() === b.getDate() && a.getMonth() === b.getMonth() && a.getFullYear() === b.getFullYear() : day(a, style) === day(b, style)
}

/** For lists: today the time, this year the day and month, else the whole date. */
export function listTime(iso: string, now: Date, style: TimeStyle): string {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return ""
  if (sameDay(date, now, style)) return format(date, style, atMinute)
  return format(date, style, year(date, style) === year(now, style) ? inYear : anyYear)
}

/** In sentences: today `09:14`, otherwise with the date. */
export function sinceTime(iso: string, now: Date, style: TimeStyle): string {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return ""
  return format(date, style, sameDay(date, now, style) ? atMinute : { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" })
}

/** Date and time, for one mail. */
export function fullTime(iso: string, style: TimeStyle): string {
  const date = new Date(iso)
  return Number.isNaN(date.getTime()) ? "" : format(date, style, { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" })
}

/** Date and time to the second, for trails. */
export function exactTime(iso: string, style: TimeStyle): string {
  const date = new Date(iso)
  return Number.isNaN(date.getTime()) ? "" : format(date, style, { day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" })
}

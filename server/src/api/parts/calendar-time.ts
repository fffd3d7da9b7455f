import type { default as Ical } from "ical.js"

type Component = InstanceType<typeof Ical.Component>
type Time = InstanceType<typeof Ical.Time>

const day = 86_400_000
const weekdays = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]

/**
 * A calendar's time as a point in time (RFC 5545 §3.3.5). Whole days and times without a zone are taken as UTC. A zone
 * is found by its name where that is one of the IANA's, otherwise in the calendar itself, where rules of the form that
 * calendars write ("last Sunday of March") are understood; unknown ones are UTC. Undefined for what is no time.
 */
export function pointInTime(time: Time, zoneName: string | undefined, calendar: Component): Date | undefined {
  const local = Date.UTC(time.year, time.month - 1, time.day, time.isDate ? 0 : time.hour, time.isDate ? 0 : time.minute, time.isDate ? 0 : time.second)
  if (Number.isNaN(local) || time.year < 1900 || time.year > 9999) return undefined
  if (time.isDate || time.zone.tzid === "UTC" || zoneName === undefined) return new Date(local)
  return new Date(local - (offsetIn(local, zoneName, calendar) ?? 0))
}

/** Whether a time means the clock of wherever one is: it names no zone, or one that nobody knows (RFC 5545 §3.3.5). */
export function isFloating(time: Time, zoneName: string | undefined, calendar: Component): boolean {
  if (time.isDate || time.zone.tzid === "UTC") return false
  const local = Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second)
  return zoneName === undefined || Number.isNaN(local) || offsetIn(local, zoneName, calendar) === undefined
}

function offsetIn(local: number, zoneName: string, calendar: Component): number | undefined {
  return ianaOffset(local, zoneName) ?? ownOffset(local, zoneName, calendar)
}

/** Offset from UTC of a zone at a local time, milliseconds; undefined: there is no such zone. */
function ianaOffset(local: number, zoneName: string): number | undefined {
  try {
    const format = new Intl.DateTimeFormat("en-US", { timeZone: zoneName, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" })
    const offsetAt = (utc: number) => {
      const part = Object.fromEntries(format.formatToParts(utc).map(({ type, value }) => [type, Number(value)]))
      return Date.UTC(part["year"] ?? 0, (part["month"] ?? 1) - 1, part["day"], part["hour"], part["minute"], part["second"]) - utc
    }
    // Near a change of the clock the first guess may lie on its other side.
    return offsetAt(local - offsetAt(local))
  } catch {
    return undefined
  }
}

/** The same by the VTIMEZONE of this name: the part of it that began last before the time. */
function ownOffset(local: number, zoneName: string, calendar: Component): number | undefined {
  const zone = calendar.getAllSubcomponents("vtimezone").find((each) => String(each.getFirstPropertyValue("tzid")) === zoneName)
  if (!zone) return undefined
  let latest = -Infinity
  let offset: number | undefined
  for (const part of zone.getAllSubcomponents().slice(0, 50)) {
    const to = offsetOf(part.getFirstPropertyValue("tzoffsetto"))
    if (to === undefined) continue
    offset ??= to
    const onset = lastOnset(part, local)
    if (onset === undefined || onset < latest) continue
    latest = onset
    offset = to
  }
  return offset
}

/** When a part of a zone (standard or daylight) began last before a local time. */
function lastOnset(part: Component, local: number): number | undefined {
  const [start, rule] = [part.getFirstPropertyValue("dtstart"), String(part.getFirstPropertyValue("rrule") ?? "")]
  const begins = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)/.exec(String(start))
  if (!begins) return undefined
  const [year = 0, month = 1, date = 1, hour = 0, minute = 0, second = 0] = begins.slice(1).map(Number)
  const first = Date.UTC(year, month - 1, date, hour, minute, second)
  if (rule === "") return first <= local ? first : undefined
  const byMonth = Number(/BYMONTH=(\d{1,2})/.exec(rule)?.[1] ?? month)
  const byDay = /BYDAY=(-?\d)?(SU|MO|TU|WE|TH|FR|SA)/.exec(rule)
  const until = /UNTIL=(\d{4})/.exec(rule)?.[1]
  const onsetIn = (wanted: number) => {
    const time = hour * 3_600_000 + minute * 60_000 + second * 1000
    if (!byDay) return Date.UTC(wanted, byMonth - 1, date) + time
    const [nth, weekday] = [Number(byDay[1] ?? 1), weekdays.indexOf(byDay[2] ?? "SU")]
    const edge = nth > 0 ? Date.UTC(wanted, byMonth - 1, 1) : Date.UTC(wanted, byMonth, 0)
    const away = nth > 0 ? (weekday - new Date(edge).getUTCDay() + 7) % 7 : -((new Date(edge).getUTCDay() - weekday + 7) % 7)
    return edge + (away + 7 * (nth > 0 ? nth - 1 : nth + 1)) * day + time
  }
  const now = new Date(local).getUTCFullYear()
  const onsets = [now, now - 1].filter((each) => until === undefined || each <= Number(until)).map(onsetIn)
  return onsets.find((onset) => onset <= local && onset >= first - day)
}

function offsetOf(value: unknown): number | undefined {
  const match = /^([+-])(\d\d):?(\d\d)(?::?(\d\d))?$/.exec(String(value))
  if (!match) return undefined
  const amount = (Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4] ?? 0)) * 1000
  return match[1] === "-" ? -amount : amount
}

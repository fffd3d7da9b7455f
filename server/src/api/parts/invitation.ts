import ICAL from "ical.js"
import { canonicalAddress } from "@lifeboat/shared/address"
import { withoutTurning } from "@lifeboat/shared/hidden-characters"
import type { EventDate, Invitation, Mailbox } from "@lifeboat/shared/schemas/mail"
import { isFloating, pointInTime } from "./calendar-time.ts"

/** Larger calendars are not read, bytes. */
export const maxCalendarBytes = 1_000_000
const maxAttendees = 300
const maxOthers = 50
const maxLine = 1000
const maxDescription = 10_000

type Component = InstanceType<typeof ICAL.Component>
type Property = InstanceType<typeof ICAL.Property>

/** A calendar of a mail, read; what it says about the user is for `invitationView`. */
export interface CalendarEvent {
  readonly calendar: Component
  readonly event: Component
  /** Further events of it, as far as they are looked at. */
  readonly others: readonly Component[]
  readonly method: Invitation["method"]
  readonly uid: string
  readonly sequence: number
  /** Text of RECURRENCE-ID: it is about one of several dates. */
  readonly recurrence: string
}

const methods: Readonly<Record<string, Invitation["method"]>> = { REQUEST: "request", ADD: "request", COUNTER: "counter", DECLINECOUNTER: "decline-counter", REFRESH: "refresh", CANCEL: "cancel", REPLY: "reply", PUBLISH: "publish", "": "publish" }

/** Reads the events of a calendar, a series before its single dates (RFC 5545, iTIP RFC 5546); null for what is none, too large, or broken. Never throws. */
export function readCalendar(text: string): CalendarEvent | null {
  if (text.length > maxCalendarBytes) return null
  try {
    const parsed: unknown = ICAL.parse(text)
    const jcal = Array.isArray(parsed) && Array.isArray(parsed[0]) ? parsed[0] : parsed
    if (!Array.isArray(jcal)) return null
    const calendar = new ICAL.Component(jcal)
    const events = calendar.getAllSubcomponents("vevent")
    const uid = said(events[0], "uid", maxLine)
    const event = events.find((each) => !each.hasProperty("recurrence-id") && said(each, "uid", maxLine) === uid) ?? events[0]
    const method = methods[said(calendar, "method", 20).toUpperCase()]
    if (!event || uid === "" || method === undefined) return null
    const cancelled = said(event, "status", 20).toUpperCase() === "CANCELLED" && (method === "request" || method === "publish")
    const sequence = Number(said(event, "sequence", 12))
    const others = events.filter((each) => each !== event).slice(0, maxOthers)
    return { calendar, event, others, method: cancelled ? "cancel" : method, uid, sequence: Number.isSafeInteger(sequence) && sequence >= 0 ? sequence : 0, recurrence: said(event, "recurrence-id", 40) }
  } catch {
    return null
  }
}

/**
 * What the reader sees. `own`: canonical addresses of the user; `answer`: what they said before. Whole days are midnight
 * UTC, their end is the day after the last. Null where it cannot be read. Never throws.
 */
export function invitationView({ calendar, event, others, method, uid, recurrence }: CalendarEvent, own: readonly string[], answer: Invitation["answer"]): Invitation | null {
  try {
    const organizer = mailboxOf(event.getFirstProperty("organizer"))
    const organizerKey = canonicalAddress(organizer.address)
    return {
      method,
      uid,
      summary: said(event, "summary", maxLine),
      ...whenOf(event, calendar),
      location: said(event, "location", maxLine),
      description: said(event, "description", maxDescription),
      organizer,
      attendees: event.getAllProperties("attendee").slice(0, maxAttendees).map((attendee) => ({ ...mailboxOf(attendee), answer: answerOf(parameter(attendee, "partstat")) })),
      recurring: event.hasProperty("rrule") || event.hasProperty("rdate"),
      rule: said(event, "rrule", maxLine),
      answerable: method === "request" && organizerKey !== undefined && !own.includes(organizerKey),
      answer,
      ...(recurrence === "" ? {} : { oneOfSeries: true }),
      ...(event.hasProperty("comment") ? { comment: said(event, "comment", maxDescription) } : {}),
      ...(others.length === 0 ? {} : { dates: others.map((other) => dateOf(other, calendar, said(event, "summary", maxLine))) }),
    }
  } catch {
    return null
  }
}

function whenOf(event: Component, calendar: Component): Pick<Invitation, "start" | "end" | "allDay" | "floating"> {
  const start = event.getFirstProperty("dtstart")
  const allDay = start !== null && start !== undefined && timeOf(start)?.isDate === true
  return {
    start: instant(start, calendar)?.toISOString() ?? null,
    end: endOf(event, calendar, allDay)?.toISOString() ?? null,
    allDay,
    floating: start !== null && start !== undefined && floats(start, calendar),
  }
}

/** Its summary only where it is another than that of the event before. */
function dateOf(event: Component, calendar: Component, summary: string): EventDate {
  const own = said(event, "summary", maxLine)
  return { summary: own === summary ? "" : own, was: instant(event.getFirstProperty("recurrence-id"), calendar)?.toISOString() ?? null, ...whenOf(event, calendar), cancelled: said(event, "status", 20).toUpperCase() === "CANCELLED" }
}

/** The attendee's line that means the user; undefined: they were invited by another name (a list). */
export function ownAttendee(event: Component, own: readonly string[]): Property | undefined {
  return event.getAllProperties("attendee").find((attendee) => own.includes(canonicalAddress(mailboxOf(attendee).address) ?? ""))
}

export function mailboxOf(property: Property | null | undefined): Mailbox {
  if (!property) return { name: "", address: "" }
  const value = String(property.getFirstValue() ?? "")
  const address = /^mailto:/i.test(value) ? decoded(value.slice("mailto:".length)) : parameter(property, "email").replace(/^mailto:/i, "")
  return { name: plain(parameter(property, "cn"), 200), address: plain(address, 320) }
}

function answerOf(status: string): Invitation["attendees"][number]["answer"] {
  const answer = status.toLowerCase()
  return answer === "accepted" || answer === "declined" || answer === "tentative" ? answer : "none"
}

function endOf(event: Component, calendar: Component, allDay: boolean): Date | undefined {
  const end = instant(event.getFirstProperty("dtend"), calendar)
  if (end) return end
  const start = instant(event.getFirstProperty("dtstart"), calendar)
  if (!start) return undefined
  const duration: unknown = event.getFirstPropertyValue("duration")
  const seconds = duration instanceof ICAL.Duration ? duration.toSeconds() : allDay ? 86_400 : undefined
  const time = start.getTime() + (seconds ?? Number.NaN) * 1000
  return Math.abs(time) < 8e15 ? new Date(time) : undefined
}

function instant(property: Property | null | undefined, calendar: Component): Date | undefined {
  const time = property ? timeOf(property) : undefined
  return property && time ? pointInTime(time, parameter(property, "tzid") || undefined, calendar) : undefined
}

function floats(property: Property, calendar: Component): boolean {
  const time = timeOf(property)
  return time !== undefined && isFloating(time, parameter(property, "tzid") || undefined, calendar)
}

function timeOf(property: Property): InstanceType<typeof ICAL.Time> | undefined {
  const value: unknown = property.getFirstValue()
  return value instanceof ICAL.Time ? value : undefined
}

function parameter(property: Property, name: string): string {
  const value: unknown = property.getFirstParameter(name)
  return typeof value === "string" ? value : ""
}

function said(component: Component | undefined, name: string, limit: number): string {
  const value: unknown = component?.getFirstPropertyValue(name)
  return value === null || value === undefined ? "" : plain(String(value), limit)
}

/** Text without control characters other than line ends and tabs, and without marks that make it run backwards. */
function plain(text: string, limit: number): string {
  return withoutTurning(text.slice(0, limit).replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "")).toWellFormed().trim()
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

import ICAL from "ical.js"
import { oneLine } from "@lifeboat/shared/hidden-characters"
import type { Language } from "@lifeboat/shared/schemas/session"
import type { Invitation } from "@lifeboat/shared/schemas/mail"
import MailComposer from "nodemailer/lib/mail-composer/index.js"
import { mailboxOf, ownAttendee, type CalendarEvent } from "./invitation.ts"

export type Answer = NonNullable<Invitation["answer"]>

/** An answer to an invitation. `address`: one of the user's own, which `own` names all. */
export interface InvitationAnswer {
  readonly invitation: CalendarEvent
  readonly answer: Answer
  readonly comment: string
  readonly user: { readonly name: string; readonly address: string; readonly own: readonly string[]; readonly language: Language | null }
  readonly now: Date
}

/** The calendar of METHOD:REPLY (RFC 5546 §3.2.3): who answers what, about which event. */
export function replyCalendar({ invitation: { event, others, uid, sequence, recurrence }, answer, comment, user, now }: InvitationAnswer): string {
  const reply = new ICAL.Component(["vcalendar", [], []])
  reply.addPropertyWithValue("prodid", "-//Lifeboat//Webmail//EN")
  reply.addPropertyWithValue("version", "2.0")
  reply.addPropertyWithValue("method", "REPLY")
  // Where single dates of a series are asked about, each is answered (RFC 5546 §3.2.3); their series answers for all of its own.
  const dates = recurrence === "" ? [] : others.filter((other) => String(other.getFirstPropertyValue("uid")) === uid && String(other.getFirstPropertyValue("status")).toUpperCase() !== "CANCELLED")
  const answers = [event, ...dates].map((asked) => {
    const answered = new ICAL.Component("vevent", reply)
    answered.addPropertyWithValue("uid", uid)
    answered.addPropertyWithValue("sequence", sequence)
    answered.addPropertyWithValue("dtstamp", ICAL.Time.fromJSDate(now, true))
    // Times keep the form they came in, with the zone they name.
    for (const name of ["recurrence-id", "dtstart", "dtend", "organizer", "summary"]) {
      const property = asked.getFirstProperty(name)
      if (property) answered.addProperty(new ICAL.Property(structuredClone(property.jCal)))
    }
    const attendee = new ICAL.Property("attendee")
    attendee.setValue(`mailto:${mailboxOf(ownAttendee(asked, user.own)).address || user.address}`)
    attendee.setParameter("partstat", answer.toUpperCase())
    if (user.name !== "") attendee.setParameter("cn", user.name)
    answered.addProperty(attendee)
    if (comment !== "") answered.addPropertyWithValue("comment", comment)
    answered.addPropertyWithValue("request-status", ["2.0", "Success"])
    reply.addSubcomponent(answered)
    return answered
  })
  for (const zone of invitationZones(event, answers)) reply.addSubcomponent(zone)
  return `${reply.toString().replace(/\r?\n/g, "\r\n")}\r\n`
}

/** The zones that the answers' times name, as the invitation defines them. */
function invitationZones(event: CalendarEvent["event"], answers: readonly CalendarEvent["event"][]): CalendarEvent["event"][] {
  const named = new Set(answers.flatMap((answered) => answered.getAllProperties()).map((property) => property.getFirstParameter("tzid")))
  return (event.parent?.getAllSubcomponents("vtimezone") ?? []).filter((zone) => named.has(String(zone.getFirstPropertyValue("tzid")))).map((zone) => new ICAL.Component(structuredClone(zone.jCal)))
}

const subjects: Readonly<Record<Language, Readonly<Record<Answer, string>>>> = {
  de: { accepted: "Zugesagt", tentative: "Mit Vorbehalt zugesagt", declined: "Abgesagt" },
  en: { accepted: "Accepted", tentative: "Tentative", declined: "Declined" },
}

/** The mail that carries the answer to the organizer (iMIP, RFC 6047); lines end in CRLF. `messageId` with brackets. */
export function replyMail(given: InvitationAnswer, summary: string, messageId: string): Promise<Buffer> {
  const { invitation, answer, comment, user, now } = given
  const organizer = mailboxOf(invitation.event.getFirstProperty("organizer"))
  const title = oneLine(`${subjects[user.language ?? "en"][answer]}: ${summary}`).slice(0, 500)
  const composer = new MailComposer({
    from: { name: user.name, address: user.address },
    to: [{ name: organizer.name, address: organizer.address }],
    subject: title,
    date: now,
    messageId,
    text: comment === "" ? title : `${title}\n\n${comment}`,
    icalEvent: { method: "REPLY", filename: "reply.ics", content: replyCalendar(given) },
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: "windows",
  })
  return composer.compile().build()
}

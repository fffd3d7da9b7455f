import { simpleParser } from "mailparser"
import { describe, expect, it } from "vitest"
import { replyCalendar, replyMail } from "./invitation-answer.ts"
import { invitationView, readCalendar } from "./invitation.ts"

const own = ["anna@example.com", "a.berg@example.com"]
const outlookZone = `BEGIN:VTIMEZONE
TZID:Mitteleuropa (Outlook)
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE`

function calendar(event: string, method = "REQUEST", zones = ""): string {
  return ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", ...(method === "" ? [] : [`METHOD:${method}`]), ...(zones === "" ? [] : zones.split("\n")), "BEGIN:VEVENT", "UID:1@x", "SEQUENCE:2", "SUMMARY:Projekt\\, Köln", ...event.split("\n"), "END:VEVENT", "END:VCALENDAR", ""].join("\r\n")
}
const people = 'ORGANIZER;CN="Lindqvist, Maria":mailto:maria@nordlicht.example\nATTENDEE;PARTSTAT=NEEDS-ACTION;CN=Anna:MAILTO:A.Berg@example.com\nATTENDEE;PARTSTAT=ACCEPTED:mailto:b@x.example\nATTENDEE;PARTSTAT=DELEGATED:mailto:c@x.example'
const view = (text: string) => {
  const read = readCalendar(text)
  return read && invitationView(read, own, null)
}

describe("an invitation", () => {
  it("says what, when, where, who", () => {
    expect(view(calendar(`DTSTART:20260601T120000Z\nDTEND:20260601T130000Z\nLOCATION:Raum 1\nDESCRIPTION:Zeile 1\\nZeile 2\nRRULE:FREQ=WEEKLY;COUNT=3\n${people}`))).toEqual({
      method: "request", uid: "1@x", summary: "Projekt, Köln", start: "2026-06-01T12:00:00.000Z", end: "2026-06-01T13:00:00.000Z", allDay: false, floating: false, location: "Raum 1", description: "Zeile 1\nZeile 2",
      organizer: { name: "Lindqvist, Maria", address: "maria@nordlicht.example" },
      attendees: [{ name: "Anna", address: "A.Berg@example.com", answer: "none" }, { name: "", address: "b@x.example", answer: "accepted" }, { name: "", address: "c@x.example", answer: "none" }],
      recurring: true, rule: "FREQ=WEEKLY;COUNT=3", answerable: true, answer: null,
    })
  })

  it("says nothing backwards", () => {
    expect(view(calendar('DTSTART:20260601T120000Z\nLOCATION:\u202emoor\nORGANIZER;CN="\u202emoc.elpmaxe@ssob":mailto:x@evil.example'))).toMatchObject({ location: "moor", organizer: { name: "moc.elpmaxe@ssob", address: "x@evil.example" } })
  })

  it.each([
    ["by the name of its zone, in summer", "DTSTART;TZID=Europe/Berlin:20260601T120000", "", "2026-06-01T10:00:00.000Z"],
    ["by the name of its zone, in winter", "DTSTART;TZID=Europe/Berlin:20261201T120000", "", "2026-12-01T11:00:00.000Z"],
    ["on the day the clock changes", "DTSTART;TZID=Europe/Berlin:20260329T030000", "", "2026-03-29T01:00:00.000Z"],
    ["by its own zone, in summer", 'DTSTART;TZID="Mitteleuropa (Outlook)":20260601T120000', outlookZone, "2026-06-01T10:00:00.000Z"],
    ["by its own zone, in winter", 'DTSTART;TZID="Mitteleuropa (Outlook)":20260115T120000', outlookZone, "2026-01-15T11:00:00.000Z"],
    ["by its own zone, in autumn", 'DTSTART;TZID="Mitteleuropa (Outlook)":20261101T120000', outlookZone, "2026-11-01T11:00:00.000Z"],
    ["in a zone nobody knows", "DTSTART;TZID=Nowhere:20260601T120000", "", "2026-06-01T12:00:00.000Z"],
    ["without a zone", "DTSTART:20260601T120000", "", "2026-06-01T12:00:00.000Z"],
    ["of no time at all", "DTSTART:nonsense", "", null],
  ])("begins %s", (_, start, zones, expected) => expect(view(calendar(start, "REQUEST", zones))?.start ?? null).toBe(expected))

  it.each([
    ["DTSTART:20260601T120000", "", true],
    ["DTSTART;TZID=Nowhere:20260601T120000", "", true],
    ["DTSTART:20260601T120000Z", "", false],
    ["DTSTART;TZID=Europe/Berlin:20260601T120000", "", false],
    ['DTSTART;TZID="Mitteleuropa (Outlook)":20260601T120000', outlookZone, false],
    ["DTSTART;VALUE=DATE:20260601", "", false],
  ])("of %s is by the clock wherever one is: %s %j", (start, zones, floating) => expect(view(calendar(start, "REQUEST", zones))?.floating).toBe(floating))

  it.each([
    ["DTSTART;VALUE=DATE:20260601\nDTEND;VALUE=DATE:20260603", true, "2026-06-03T00:00:00.000Z"],
    ["DTSTART;VALUE=DATE:20260601", true, "2026-06-02T00:00:00.000Z"],
    ["DTSTART:20260601T120000Z\nDURATION:PT90M", false, "2026-06-01T13:30:00.000Z"],
    ["DTSTART:20260601T120000Z", false, null],
  ])("ends: %s", (times, allDay, end) => expect(view(calendar(times))).toMatchObject({ allDay, end }))

  it.each([
    ["REQUEST", "STATUS:CONFIRMED", "request", true],
    ["REQUEST", "STATUS:CANCELLED", "cancel", false],
    ["CANCEL", "", "cancel", false],
    ["REPLY", "", "reply", false],
    ["PUBLISH", "", "publish", false],
    ["COUNTER", "", "counter", false],
    ["DECLINECOUNTER", "", "decline-counter", false],
    ["REFRESH", "", "refresh", false],
    ["", "", "publish", false],
  ])("%s %s is %s", (method, status, read, answerable) => expect(view(calendar(`${people}${status === "" ? "" : `\n${status}`}`, method))).toMatchObject({ method: read, answerable }))

  it("says which dates of a series differ, and which further events there are", () => {
    const other = (lines: string) => `END:VEVENT\nBEGIN:VEVENT\n${lines}`
    const series = `DTSTART;TZID=Europe/Berlin:20260601T120000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\n${people}`
    const moved = "UID:1@x\nSUMMARY:Projekt\\, Köln\nRECURRENCE-ID;TZID=Europe/Berlin:20260608T120000\nDTSTART:20260608T150000Z\nDTEND:20260608T160000Z"
    const off = "UID:1@x\nSUMMARY:Projekt\\, Köln\nRECURRENCE-ID:20260615T100000Z\nDTSTART:20260615T100000Z\nSTATUS:CANCELLED"
    const more = "UID:2@x\nSUMMARY:Essen\nDTSTART;VALUE=DATE:20260616"
    expect(view(calendar([moved, other(`UID:1@x\n${series}`), other(off), other(more)].join("\n")))).toMatchObject({ start: "2026-06-01T10:00:00.000Z", recurring: true, dates: [{ was: "2026-06-08T10:00:00.000Z" }, { cancelled: true }, { summary: "Essen" }] })
    const read = view(calendar([series, other(moved), other(off), other(more)].join("\n")))
    expect(read).toMatchObject({ summary: "Projekt, Köln", start: "2026-06-01T10:00:00.000Z", recurring: true, method: "request" })
    expect(read).not.toHaveProperty("oneOfSeries")
    expect(read?.dates).toEqual([
      { summary: "", was: "2026-06-08T10:00:00.000Z", start: "2026-06-08T15:00:00.000Z", end: "2026-06-08T16:00:00.000Z", allDay: false, floating: false, cancelled: false },
      { summary: "", was: "2026-06-15T10:00:00.000Z", start: "2026-06-15T10:00:00.000Z", end: null, allDay: false, floating: false, cancelled: true },
      { summary: "Essen", was: null, start: "2026-06-16T00:00:00.000Z", end: "2026-06-17T00:00:00.000Z", allDay: true, floating: false, cancelled: false },
    ])
    expect(view(calendar(`RECURRENCE-ID:20260608T100000Z\nDTSTART:20260608T100000Z\n${people}`, "CANCEL"))).toMatchObject({ method: "cancel", oneOfSeries: true })
    expect(view(calendar(Array.from({ length: 500 }, () => other(more)).join("\n")))?.dates).toHaveLength(50)
  })

  it("hands on what is said to an answer", () => expect(view(calendar("COMMENT:Lieber Dienstag?\nDTSTART:20260602T100000Z", "COUNTER"))).toMatchObject({ method: "counter", comment: "Lieber Dienstag?" }))

  it("is not answered to oneself, nor to nobody", () => {
    expect(view(calendar("ORGANIZER:mailto:Anna@example.com"))?.answerable).toBe(false)
    expect(view(calendar("LOCATION:x"))?.answerable).toBe(false)
    expect(view(calendar("ORGANIZER:invalid:anna"))?.answerable).toBe(false)
  })

  it("is nothing where it is broken, another kind, or too large", () => {
    for (const text of ["", "x", "BEGIN:VCALENDAR", "BEGIN:VCALENDAR\r\nEND:VCALENDAR", calendar("x", "NONSENSE"), calendar("A".repeat(1_000_001)), "BEGIN:VCARD\r\nEND:VCARD", calendar("").replace("UID:1@x\r\n", ""), "\0".repeat(1000), "BEGIN:VEVENT\r\n".repeat(10_000)]) expect(view(text)).toBeNull()
    expect(view(calendar(Array.from({ length: 5_000 }, (_, n) => `ATTENDEE:mailto:a${n}@x.example`).join("\n")))?.attendees).toHaveLength(300)
    const hostile = outlookZone.replaceAll("FREQ=YEARLY", "FREQ=SECONDLY;BYMONTHDAY=30;BYMONTH=2")
    const started = performance.now()
    view(calendar('DTSTART;TZID="Mitteleuropa (Outlook)":20260601T120000\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30', "REQUEST", hostile))
    expect(performance.now() - started).toBeLessThan(500)
  })
})

describe("the answer", () => {
  const user = { name: "Anna Berg", address: "anna@example.com", own, language: "de" as const }
  const now = new Date("2026-05-01T08:00:00Z")
  const invitation = readCalendar(calendar(`DTSTART;TZID=Mitteleuropa (Outlook):20260601T120000\nRECURRENCE-ID:20260601T100000Z\n${people}`, "REQUEST", outlookZone))

  it("is a calendar that names the event and who answers", () => {
    if (!invitation) throw new Error("The invitation cannot be read.")
    const text = replyCalendar({ invitation, answer: "tentative", comment: "Komme, später;\nEND:VEVENT", user, now })
    const lines = text.replace(/\r\n /g, "").split("\r\n")
    for (const line of ["METHOD:REPLY", "UID:1@x", "SEQUENCE:2", "DTSTAMP:20260501T080000Z", "RECURRENCE-ID:20260601T100000Z", "DTSTART;TZID=Mitteleuropa (Outlook):20260601T120000", "ATTENDEE;PARTSTAT=TENTATIVE;CN=Anna Berg:mailto:A.Berg@example.com", "COMMENT:Komme\\, später\\;\\nEND:VEVENT", "TZID:Mitteleuropa (Outlook)"]) expect(lines).toContain(line)
    expect(lines.filter((line) => line.startsWith("ATTENDEE"))).toHaveLength(1)
    expect(readCalendar(text)).toMatchObject({ method: "reply", uid: "1@x", sequence: 2 })
  })

  it("answers each single date that is asked about, but none that was cancelled", () => {
    const date = (day: number, more = "") => `RECURRENCE-ID:202606${day}T100000Z\nDTSTART:202606${day}T110000Z${more}`
    const asked = readCalendar(calendar([`${date(10)}\n${people}`, `UID:1@x\n${date(17)}`, `UID:1@x\n${date(24, "\nSTATUS:CANCELLED")}`, "UID:2@x\nDTSTART:20260601T100000Z"].join("\nEND:VEVENT\nBEGIN:VEVENT\n")))
    if (!asked) throw new Error("The invitation cannot be read.")
    const text = replyCalendar({ invitation: asked, answer: "accepted", comment: "", user, now })
    expect(text.match(/^RECURRENCE-ID:.*$/gm)).toEqual(["RECURRENCE-ID:20260610T100000Z\r", "RECURRENCE-ID:20260617T100000Z\r"].map((line) => line.trim()))
    expect(text.match(/PARTSTAT=ACCEPTED/g)).toHaveLength(2)
  })

  it("is a mail to the organizer", async () => {
    if (!invitation) throw new Error("The invitation cannot be read.")
    const raw = (await replyMail({ invitation, answer: "accepted", comment: "Gern", user, now }, "Projekt\r\nBcc: x@y.example", "<r@x>")).toString()
    const mail = await simpleParser(raw)
    expect(mail.subject).toBe("Zugesagt: Projekt Bcc: x@y.example")
    expect(mail.to).toMatchObject({ value: [{ address: "maria@nordlicht.example", name: "Lindqvist, Maria" }] })
    expect(mail.text).toContain("Gern")
    expect(raw).toMatch(/Content-Type: text\/calendar; charset=utf-8; method=REPLY/)
    expect(mail.attachments.map(({ content }) => readCalendar(content.toString())?.method)).toContain("reply")
  })
})

import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, expect, test } from "vitest"
import { Company, plainContent, subjectOf } from "../support/company.ts"
import type { PrimaryBehaviour } from "../support/primary.ts"

interface Outage {
  readonly name: string
  readonly timing: number
  readonly behaviour: PrimaryBehaviour
  /** From the 250 of the first mail to the mailbox, milliseconds. */
  readonly readableWithin: number
}

/** The bounds of the issue hold on a machine of its own; here others may work beside us. */
const underLoad = 2

const outages: readonly Outage[] = [
  { name: "refused", timing: 1, behaviour: { refuse: true }, readableWithin: 5_000 * underLoad },
  { name: "silent", timing: 1, behaviour: { silent: true }, readableWithin: 25_000 * underLoad },
  { name: "4xx", timing: 20, behaviour: { mail: () => "452 4.3.1 insufficient system storage" }, readableWithin: 25_000 },
  { name: "5xx banner", timing: 20, behaviour: { banner: "554 5.3.2 not in service" }, readableWithin: 25_000 },
]

let company: Company | undefined
afterEach(async () => {
  const ended = company
  company = undefined
  await ended?.stop()
})

const wait = { timeout: 60_000, interval: 100 }

test.each(outages)("a primary that fails ($name) loses nobody a mail", async ({ timing, behaviour, readableWithin, name }) => {
  company = await Company.start({ timing, users: ["anna", "ben"] })
  const { primary, internet } = company
  const anna = company.person("anna")
  const ben = company.person("ben")
  const receive = (subject: string, ...to: string[]) => company!.accepted({ subject, to: to.map((local) => `${local}@example.com`), text: `Grüße, ${subject}` })

  // Normal operation: the primary has it at once, the mailbox nothing.
  await receive("before", "anna", "ben")
  await primary.waitFor(1)
  expect(company.atPrimary("anna")).toEqual(["before"])
  expect(await anna.subjects()).toEqual([])

  // The outage: open connections are cut, as when a machine dies.
  await primary.behave({ refuse: true })
  await primary.behave(behaviour)
  const first = await receive("first", "anna")
  const accepted = performance.now()
  await expect.poll(() => anna.subjects(), { timeout: readableWithin, interval: 50 }).toEqual(["first"])
  console.log(`${name}, timing ${timing}: readable ${Math.round(performance.now() - accepted)} ms after its 250`)
  expect(await company.mode()).toMatchObject({ mode: "emergency", by: "automatic", forced: false })
  await receive("deleted", "anna")
  await receive("expunged", "anna")
  await receive("deleted by POP3", "anna")
  await receive("moved", "anna")
  await receive("there and back", "anna")
  await receive("both", "anna", "ben")
  await expect.poll(() => anna.subjects(), wait).toEqual(["both", "deleted", "deleted by POP3", "expunged", "first", "moved", "there and back"])

  // Read by every client.
  const opened = await anna.open(await anna.find("first"))
  expect(opened).toMatchObject({ subject: "first", text: expect.stringContaining("Grüße, first") as unknown, messageId: first })
  for (const kind of ["starttls", "tls"] as const) {
    const sources = await anna.sources(kind)
    expect(sources.map(subjectOf)).toContain("first")
    expect(sources.find((source) => subjectOf(source) === "first")?.toString()).toContain("Grüße, first")
  }
  const pop3 = await anna.pop3()
  expect(await pop3.count()).toBe(7)
  for (let number = 1; number <= 7; number++) if (subjectOf(await pop3.retrieve(number)) === "deleted by POP3") await pop3.command(`DELE ${number}`)
  await pop3.quit()

  // Answered in the webmail, by submission with STARTTLS and with TLS; to colleagues and to the outside.
  await anna.send({ to: ["sender@outside.example"], subject: "Re: first", text: "from the webmail", reference: { folder: opened.folder, id: opened.id, action: "reply" } })
  await anna.send({ to: ["ben@example.com"], subject: "colleague", text: "from the webmail" })
  const submit = (subject: string, to: string[], kind: "starttls" | "tls") =>
    anna.submit(to, plainContent({ subject, to, from: anna.address }), kind)
  expect((await submit("by 587", ["ben@example.com", "sender@outside.example"], "starttls")).code).toBe(250)
  expect((await submit("by 465", ["ben@example.com", "sender@outside.example"], "tls")).code).toBe(250)
  await internet.waitFor(3, 30_000)
  expect(internet.mailbox("sender@outside.example").map((mail) => subjectOf(mail.raw)).toSorted()).toEqual(["Re: first", "by 465", "by 587"])
  await expect.poll(() => ben.subjects(), wait).toEqual(["both", "by 465", "by 587", "colleague"])
  await expect.poll(() => anna.subjects("sent"), wait).toEqual(["Re: first", "by 465", "by 587", "colleague"])
  expect((await anna.find("first")).answered).toBe(true)

  // Deleted, moved, and taken out of the trash again.
  await anna.delete(await anna.find("deleted"))
  await anna.delete(await anna.find("there and back"))
  await anna.move(await anna.find("there and back", "trash"), "inbox")
  await anna.inImap(async (imap) => {
    await imap.mailboxCreate("Projekt")
    const bySubject = async (subject: string) => {
      for await (const mail of imap.fetch("1:*", { envelope: true })) if (mail.envelope?.subject === subject) return String(mail.uid)
      throw new Error(`no ${subject}`)
    }
    await imap.messageMove(await bySubject("moved"), "Projekt", { uid: true })
    await imap.messageDelete(await bySubject("expunged"), { uid: true })
  })
  await expect.poll(() => anna.subjects(), wait).toEqual(["both", "first", "there and back"])
  expect(await anna.subjects("Projekt")).toEqual(["moved"])
  expect(primary.messages()).toHaveLength(1)

  // The return.
  const returned = performance.now()
  await primary.behave({})
  await company.reaches("normal", 90_000)
  console.log(`${name}, timing ${timing}: back to normal ${Math.round(performance.now() - returned)} ms after the primary's return`)
  await receive("after", "anna")
  await expect.poll(() => company?.atPrimary("anna"), wait).toEqual(["after", "before", "both", "first", "moved", "there and back"])
  await expect.poll(() => company?.atPrimary("ben"), wait).toEqual(["before", "both", "by 465", "by 587", "colleague"])
  await expect.poll(() => anna.subjects(), wait).toEqual([])
  await expect.poll(() => anna.subjects("Projekt"), wait).toEqual([])
  await expect.poll(() => ben.subjects(), wait).toEqual([])
  expect(await anna.subjects("sent")).toHaveLength(4)
  await sleep(1_000)
  expect(company.atPrimary("anna")).toHaveLength(6)
  expect(company.atPrimary("ben")).toHaveLength(5)
  expect(internet.messages()).toHaveLength(3)

  // Tracking and report.
  const byStatus = async () => {
    const statuses: Record<string, string[]> = {}
    for (const row of await company!.tracking()) (statuses[row.status] ??= []).push(row.subject)
    for (const subjects of Object.values(statuses)) subjects.sort()
    return statuses
  }
  await expect.poll(byStatus, wait).toEqual({
    delivered: ["Re: first", "after", "before"],
    delayed: ["both", "by 465", "by 587", "colleague", "first", "moved", "there and back"],
    cancelled: ["deleted", "deleted by POP3", "expunged"],
  })
  for (const row of await company.tracking("&status=delayed")) expect(row).toMatchObject({ viaService: true, deliveredAt: expect.any(String) as unknown })
  const trail = await company.trail(first)
  expect(trail.events.map((event) => event.event)).toEqual(expect.arrayContaining(["accepted", "rescued", "mailbox-delivered", "delivered", "mailbox-removed"]))
  const reports = await company.outages()
  expect(reports).toHaveLength(1)
  expect(reports[0]).toMatchObject({ accepted: 11, delivered: 8, deletedByUser: 3, held: 0, failed: 0, missing: 0, end: expect.any(String) as unknown })
})

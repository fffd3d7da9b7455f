import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { Company, companyDomain, plainContent, subjectOf } from "../support/company.ts"
import type { Person } from "../support/person.ts"
import { SmtpDialogue } from "../support/smtp-dialogue.ts"

let company: Company
let anna: Person
const wait = { timeout: 60_000, interval: 100 }
const outside = "customer@outside.example"

beforeAll(async () => {
  company = await Company.start({ timing: 20, users: [] })
  anna = await company.addUser("anna", { aliases: [`info@${companyDomain}`] })
  await company.addUser("ben")
})
afterAll(() => company.stop())
beforeEach(async () => {
  await company.internet.behave({})
  company.internet.clear()
})

const sentOut = () => company.internet.mailbox(outside).map((mail) => subjectOf(mail.raw)).toSorted()
const inSent = async (subject: string) => (await anna.subjects("sent")).filter((each) => each === subject).length
const written = (subject: string, from = anna.address) => plainContent({ subject, to: [outside], from })

test.each([
  { way: "webmail", send: (subject: string) => anna.send({ to: [outside], subject, text: "hello" }) },
  { way: "587", send: (subject: string) => anna.submit([outside], written(subject), "starttls") },
  { way: "465", send: (subject: string) => anna.submit([outside], written(subject), "tls") },
])("by $way: at the recipient once, in Sent once", async ({ way, send }) => {
  await send(way)
  await company.internet.waitFor(1, 30_000)
  await expect.poll(() => inSent(way), wait).toBe(1)
  await sleep(500)
  expect(sentOut()).toEqual([way])
  expect(await inSent(way)).toBe(1)
  const [mail] = company.internet.messages()
  expect(mail?.envelope.mailFrom).toBe(anna.address)
  expect(company.primary.messages()).toEqual([])
  const [row] = (await company.tracking()).filter((each) => each.subject === way)
  expect(row).toMatchObject({ direction: "outbound", status: "delivered" })
  expect((await anna.archive()).map((each) => each.subject)).toContain(way)
})

test.each(["before", "after"] as const)("a mail client that files its own copy %s sending leaves one in Sent", async (when) => {
  const subject = `filed ${when}`
  const content = written(subject)
  const file = () => anna.inImap((imap) => imap.append("Sent", Buffer.from(`${content}\r\n`), ["\\Seen"]))
  const path = (await anna.folder("sent")).path
  expect(path).toBe("Sent")
  if (when === "before") await file()
  expect((await anna.submit([outside], content)).code).toBe(250)
  if (when === "after") {
    await expect.poll(() => inSent(subject), wait).toBe(1)
    await file()
  }
  await company.internet.waitFor(1, 30_000)
  await sleep(2_000)
  await expect.poll(() => inSent(subject), wait).toBe(1)
})

test("blind copies are delivered and shown to nobody", async () => {
  await anna.send({ to: [outside], bcc: ["secret@outside.example"], subject: "blind", text: "hello" })
  await expect.poll(() => company.internet.mailbox("secret@outside.example").length, wait).toBe(1)
  for (const mail of company.internet.messages()) expect(mail.raw.toString()).not.toContain("secret@")
})

test("only one's own addresses, and only signed in", async () => {
  expect((await anna.submit([outside], written("not mine"), "starttls", `ben@${companyDomain}`)).text).toMatch(/^553 5\.7\.1 /)
  expect((await anna.submit([outside], written("not mine", `ben@${companyDomain}`))).text).toMatch(/^550 5\.7\.1 /)
  await expect(anna.send({ from: `ben@${companyDomain}`, to: [outside], subject: "not mine", text: "x" })).rejects.toThrow(/ 4\d\d /)
  const alias = `info@${companyDomain}`
  expect((await anna.submit([outside], written("alias", alias), "starttls", alias)).code).toBe(250)
  const smtp = await SmtpDialogue.open(company.installation.ports.submissions, { tls: true })
  expect((await smtp.command(`MAIL FROM:<${anna.address}>`)).text).toMatch(/^530 5\.7\.0 /)
  smtp.close()
  const plain = await SmtpDialogue.open(company.installation.ports.submission)
  expect((await plain.command("AUTH PLAIN AGFubmEAeA==")).text).toMatch(/^5(30|02|03|38) /)
  plain.close()
  await company.internet.waitFor(1, 30_000)
  expect(sentOut()).toEqual(["alias"])
})

test("a recipient that the outside refuses: the sender has a report, at the primary or in the mailbox", async () => {
  await company.internet.behave({ failRecipients: ["typo@outside.example"] })
  company.primary.clear()
  const send = (subject: string) => anna.submit(["typo@outside.example", outside], written(subject))
  await send("normal failure")
  await company.primary.waitFor(1, 30_000)
  const [report] = company.primary.mailbox(anna.address)
  expect(report?.envelope.mailFrom).toBe("")
  expect(report?.raw.toString()).toMatch(/report-type="?delivery-status/)
  expect(report?.raw.toString()).toMatch(/^Final-Recipient: rfc822; ?typo@outside\.example\r$/m)
  expect(sentOut()).toEqual(["normal failure"])

  await company.primary.behave({ refuse: true })
  await company.accepted({ subject: "starts the outage", to: [anna.address] })
  await company.reaches("emergency")
  await send("emergency failure")
  await expect.poll(async () => (await anna.mails()).length, wait).toBe(2)
  const inMailbox = (await anna.mails()).find((row) => row.subject !== "starts the outage")
  expect(inMailbox && (await anna.open(inMailbox)).text).toContain("typo@outside.example")
  expect((await anna.submit([`nobody@${companyDomain}`], written("x"))).text).toMatch(/^550 5\.1\.1 /)

  await company.primary.behave({})
  await company.reaches("normal")
  await expect.poll(() => company.primary.mailbox(anna.address).length, wait).toBe(3)
  await expect.poll(() => anna.subjects(), wait).toEqual([])
})

test("the outside is away for a while: the mail waits and goes once", async () => {
  await company.internet.behave({ refuse: true })
  await anna.send({ to: [outside], subject: "patient", text: "hello" })
  await expect.poll(async () => (await company.tracking()).find((row) => row.subject === "patient")?.status, wait).toBe("queued")
  await sleep(1_500)
  await company.internet.behave({})
  await company.internet.waitFor(1, 60_000)
  await expect.poll(async () => (await company.tracking()).find((row) => row.subject === "patient")?.status, wait).toBe("delivered")
  expect(sentOut()).toEqual(["patient"])
})

import { afterAll, beforeAll, expect, test } from "vitest"
import type { ArchiveView } from "@lifeboat/shared/schemas/archive"
import { Company, companyDomain } from "../support/company.ts"
import { foreignMails, type ForeignMail } from "../support/mail-corpus.ts"

let company: Company
let mails: ForeignMail[]
const anna = `anna@${companyDomain}`
const wait = { timeout: 120_000, interval: 250 }

beforeAll(async () => {
  ;[company, mails] = await Promise.all([Company.start({ users: ["anna"] }), foreignMails()])
})
afterAll(() => company.stop())

/** Sends every mail; their ids in order. */
async function sendAll(): Promise<string[]> {
  const ids: string[] = []
  for (const { name, content } of mails) {
    const stuffed = content.subarray(0, -2).toString("latin1").replaceAll(/^\./gm, "..")
    ids.push(await company.accepted({ subject: name, to: [anna], content: Buffer.from(stuffed, "latin1") }))
  }
  return ids
}

/** Everything of these ids is at the primary, once, with nothing changed but the trace in front. */
async function atPrimaryUnchanged(ids: readonly string[]): Promise<void> {
  await company.primary.waitFor(ids.length, 60_000)
  for (const [index, id] of ids.entries()) {
    const mail = mails[index]
    const arrived = company.primary.messages().filter((each) => each.raw.subarray(0, 2_000).includes(id))
    expect(arrived, mail?.name).toHaveLength(1)
    const raw = arrived[0]?.raw ?? Buffer.alloc(0)
    const traceLength = raw.length - (mail?.content.length ?? 0)
    expect(raw.subarray(traceLength).equals(mail?.content ?? Buffer.alloc(0)), mail?.name).toBe(true)
    // What does not begin with a header is text: an empty line keeps it apart from the trace. A mailbox file's line becomes a field.
    const trace = /^[!-9;-~]+[ \t]*:/.test(mail?.content.toString("latin1") ?? "") ? /^([!-9;-~]+:.*\r\n([ \t].*\r\n)*)+$/ : /^([!-9;-~]+:.*\r\n([ \t].*\r\n)*)+(\r\n|X-Mailbox-Line: )?$/
    expect(raw.subarray(0, traceLength).toString(), mail?.name).toMatch(trace)
  }
}

test("mail that nobody here made goes through unchanged, into the archive, and can be read in the mailbox", async () => {
  console.log(`${mails.length} foreign mails: ${Object.entries(Object.groupBy(mails, (mail) => mail.name.split("/")[0] ?? "")).map(([source, list]) => `${list?.length ?? 0} ${source}`).join(", ")}`)
  expect(mails.length, "mails in the corpus: neither Python's test data nor the package could be had").toBeGreaterThanOrEqual(25)

  const normal = await sendAll()
  await atPrimaryUnchanged(normal)
  for (const [index, id] of normal.entries()) {
    const kept = await company.installation.bytes(`/api/archive/${id}/raw`)
    expect(kept.equals(mails[index]?.content ?? Buffer.alloc(0)), mails[index]?.name).toBe(true)
  }

  const person = company.person("anna")
  company.primary.clear()
  await company.primary.behave({ refuse: true })
  await company.api("PUT", "/mode", { force: "emergency" })
  const held = await sendAll()
  await expect.poll(async () => (await person.mails()).length, wait).toBe(mails.length)
  const rows = await person.mails()
  let substitutes = 0
  const unreadable: string[] = []
  for (const [index, id] of held.entries()) {
    const name = mails[index]?.name
    const row = rows.find((each) => each.messageId === id)
    expect(row, name).toBeDefined()
    if (!row) continue
    const opened = await person.open(row)
    const archived = await person.api<ArchiveView>("GET", `/api/archive/${id}`)
    if ((await company.trail(id)).events.some((event) => event.event === "mailbox-substituted")) substitutes++
    else expect(opened.subject.replaceAll(/\s+/g, " ").trim(), name).toBe(archived.subject.replaceAll(/\s+/g, " ").trim())
    const something = archived.text.trim() !== "" || archived.attachmentList.some((attachment) => attachment.size > 0)
    if (something && opened.text.trim() === "" && !opened.html && opened.attachmentList.length === 0) unreadable.push(name ?? id)
  }
  expect(unreadable).toEqual([])
  console.log(`in the mailbox: ${rows.length}, ${substitutes} of them as a substitute`)
  expect(await person.sources()).toHaveLength(mails.length)

  await company.primary.behave({})
  await company.api("PUT", "/mode", { force: "normal" })
  await atPrimaryUnchanged(held)
  await expect.poll(() => person.subjects(), wait).toEqual([])
  expect(company.primary.messages()).toHaveLength(mails.length)
})

import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { MongoClient } from "mongodb"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { ListOf } from "@lifeboat/shared/schemas/list"
import type { OutboxItem, Sent } from "@lifeboat/shared/schemas/outgoing"
import { Company, subjectOf } from "../support/company.ts"
import { killOne } from "../support/kills.ts"
import type { Person } from "../support/person.ts"

let company: Company
let anna: Person
const outside = "customer@outside.example"
const wait = { timeout: 60_000, interval: 100 }

beforeAll(async () => {
  company = await Company.start({ timing: 20, users: ["anna"] })
  anna = company.person("anna")
})
afterAll(() => company.stop())

const sentOut = () => company.internet.mailbox(outside).map((mail) => subjectOf(mail.raw)).toSorted()
const outbox = async () => (await anna.api<ListOf<OutboxItem>>("GET", "/api/mail/outbox")).items

/** Writes a draft and sends it, to go out after some seconds. */
async function send(subject: string, undoSeconds: number): Promise<Sent> {
  const letter = { to: [outside], subject, text: "hello", letter: `letter-${subject}` }
  const draft = await anna.api<{ folder: string; id: string }>("POST", "/api/mail/drafts", letter)
  return anna.api("POST", "/api/mail/send", { ...letter, draft, undoSeconds })
}

async function killAndRestart(): Promise<void> {
  await killOne(company.installation, "lifeboat")
  await company.installation.restart()
  anna.signOut()
}

test("a mail that waits is sent once, though its node is killed before and its browser is gone", async () => {
  await send("killed-before", 3)
  await killAndRestart()
  await company.internet.waitFor(1, 30_000)
  await expect.poll(() => anna.subjects("drafts"), wait).toEqual([])
  await expect.poll(outbox, wait).toEqual([])
  expect(sentOut()).toEqual(["killed-before"])
})

test("a kill at any moment of handing over: sent once, never lost, no draft left behind", async () => {
  const subjects = Array.from({ length: 4 }, (_, n) => `moment-${n}`)
  for (const [n, subject] of subjects.entries()) {
    await send(subject, 1)
    // From just before it is due to just after it was handed over.
    await new Promise((done) => setTimeout(done, 750 + n * 200))
    await killAndRestart()
  }
  // A kill in the middle of handing over leaves a claim that ends by itself; nobody need wait for it here.
  const port = (await readFile(join(company.installation.dataDir, "mongod", "port"), "utf8")).trim()
  const client = await MongoClient.connect(`mongodb://127.0.0.1:${port}/?directConnection=true`)
  await client.db("lifeboat").collection("outbox").updateMany({ state: "sending" }, { $set: { due: new Date(0) } })
  await client.close()
  await expect.poll(outbox, wait).toEqual([])
  await expect.poll(sentOut, wait).toEqual(["killed-before", ...subjects])
  await expect.poll(() => anna.subjects("drafts"), wait).toEqual([])
  await expect.poll(async () => (await anna.subjects("sent")).filter((subject) => subject.startsWith("moment")), wait).toEqual(subjects)
})

test("taken back in time it is a draft, and never goes out", async () => {
  const { outbox: id } = await send("taken-back", 20)
  const back = await anna.api<{ folder: string; id: string }>("DELETE", `/api/mail/outbox/${id ?? ""}`)
  await killAndRestart()
  expect((await anna.mails("drafts")).map((row) => [row.subject, row.id])).toEqual([["taken-back", back.id]])
  expect(await outbox()).toEqual([])
  await send("after-it", 1)
  await expect.poll(() => sentOut().includes("after-it"), wait).toBe(true)
  expect(sentOut()).not.toContain("taken-back")
})

import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable } from "node:stream"
import { pino } from "pino"
import { afterAll, beforeAll, expect, it } from "vitest"
import { readConfig } from "../config.ts"
import { startMongod } from "../embedded/mongod.ts"
import type { Part } from "../embedded/supervisor.ts"
import { newDelivery } from "../routing/route.ts"
import { openDatabase, type Database } from "../store/database.ts"
import type { BodyDocument, MessageDocument } from "../store/documents.ts"
import { Bodies } from "./bodies.ts"
import { createMessageId } from "./message-id.ts"
import { Messages, NotDurable } from "./messages.ts"

const log = pino({ level: "silent" })
let folder: string
let part: Part
let database: Database
let messages: Messages

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lifeboat-messages-"))
  const started = await startMongod({ folder, logFile: join(folder, "mongod.log"), cacheDir: readConfig().cacheDir, cacheMb: 256, progress: () => undefined }, log)
  part = started.part
  database = await openDatabase(started.url)
  messages = new Messages(database, log)
})
afterAll(async () => {
  await database?.close()
  await part?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function mail(id = createMessageId(new Date())): Promise<[BodyDocument, MessageDocument]> {
  const now = new Date()
  const expireAt = new Date(now.getTime() + 86_400_000)
  const bodies = new Bodies(database)
  const body = await bodies.receive(id, Readable.from([Buffer.from(`Subject: ${id}\r\n\r\ntext`)]), 1_000)
  const message: MessageDocument = {
    _id: id, receivedAt: now, expireAt, direction: "inbound", domains: ["example.com"], owners: [],
    envelope: { mailFrom: "", rcptTo: ["anna@example.com"], smtpUtf8: false, eightBit: false },
    client: { address: "127.0.0.1", name: "", helo: "", tls: false, user: null }, summary: { subject: id, from: "", to: "", messageId: null, date: null },
    trace: "", size: body.size, hasBody: true, deliveries: [newDelivery(`${id}.0`, "primary", "primary:example.com", "anna@example.com", null, now)],
    version: 0, status: "queued", viaService: false, deliveredAt: null,
  }
  return [await bodies.document(body, expireAt), message]
}

const freeze = (frozen: boolean) => {
  const { pid } = part.status()
  if (pid === undefined) throw new Error("mongod does not run")
  process.kill(pid, frozen ? "SIGSTOP" : "SIGCONT")
}

it("keeps body and message when it says so", async () => {
  const [body, message] = await mail()
  await messages.insert(body, message)
  expect(await database.bodies.countDocuments({ _id: message._id })).toBe(1)
  expect(await database.messages.countDocuments({ _id: message._id })).toBe(1)
})

it("fails only those of a batch that cannot be written, and never takes back what somebody else was promised", async () => {
  const known = await mail()
  await messages.insert(...known)
  const others = await Promise.all([mail(), mail(), mail()])
  const results = await Promise.allSettled([known, ...others].map((one) => messages.insert(...one)))
  expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled", "fulfilled"])
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  expect(await database.messages.countDocuments({ _id: { $in: [known, ...others].map(([, message]) => message._id) } })).toBe(4)
  expect(await database.bodies.countDocuments({ _id: known[1]._id })).toBe(1)
})

it("says no within 5 s while the database is frozen, takes back what came through late, and leaves no mail without its body", async () => {
  const mails = await Promise.all(Array.from({ length: 40 }, () => mail()))
  const ids = mails.map(([, message]) => message._id)
  // Frozen in the middle: some are written before, some are under way, most have not begun.
  const first = messages.insert(...(mails[0] ?? (await mail())))
  freeze(true)
  const began = performance.now()
  const results = await Promise.allSettled([first, ...mails.slice(1).map((one) => messages.insert(...one))]).finally(() => freeze(false))
  expect(performance.now() - began).toBeLessThan(5_000)
  expect(results.slice(1).every((result) => result.status === "rejected" && result.reason instanceof NotDurable)).toBe(true)
  const promised = ids.filter((_, index) => results[index]?.status === "fulfilled")
  const withoutBody = async () => database.messages.aggregate([{ $lookup: { from: "bodies", localField: "_id", foreignField: "_id", as: "body" } }, { $match: { body: [] } }]).toArray()
  for (let look = 0; look < 20; look++) {
    expect(await withoutBody()).toEqual([])
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await expect.poll(async () => (await database.messages.find({ _id: { $in: ids } }).toArray()).map((message) => message._id), { timeout: 5_000 }).toEqual(promised)
  const after = await mail()
  await messages.insert(...after)
  expect(await database.messages.countDocuments({ _id: after[1]._id })).toBe(1)
})

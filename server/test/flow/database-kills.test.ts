import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable } from "node:stream"
import { setTimeout as sleep } from "node:timers/promises"
import { pino } from "pino"
import { afterAll, beforeAll, expect, it } from "vitest"
import { Bodies } from "../../src/archive/bodies.ts"
import { createMessageId } from "../../src/archive/message-id.ts"
import { Messages } from "../../src/archive/messages.ts"
import { readConfig } from "../../src/config.ts"
import { startMongod } from "../../src/embedded/mongod.ts"
import { waitForExit } from "../../src/embedded/process-identity.ts"
import type { Part } from "../../src/embedded/supervisor.ts"
import { newDelivery } from "../../src/routing/route.ts"
import { openDatabase, type Database } from "../../src/store/database.ts"
import type { MessageDocument } from "../../src/store/documents.ts"
import { seededRandom } from "../support/numbered-load.ts"

const kills = Number(process.env["LIFEBOAT_TEST_DATABASE_KILLS"] ?? 10)
const seed = Number(process.env["LIFEBOAT_TEST_SEED"] ?? Date.now() % 1_000_000)
const random = seededRandom(seed)
const writers = 30
/** Some bodies lie in their document, some are too large for one. */
const sizes = [200, 4_000, 60_000, 1_500_000]
const log = pino({ level: "silent" })
let folder: string
let part: Part
let database: Database
let messages: Messages
let bodies: Bodies

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lifeboat-database-kills-"))
})
afterAll(async () => {
  await database?.close()
  await part?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function start(): Promise<void> {
  const started = await startMongod({ folder, logFile: join(folder, "mongod.log"), cacheDir: readConfig().cacheDir, cacheMb: 256, progress: () => undefined }, log)
  part = started.part
  database ??= await openDatabase(started.url)
  messages ??= new Messages(database, log)
  bodies ??= new Bodies(database)
}

async function kill(): Promise<void> {
  const { pid } = part.status()
  if (pid === undefined) throw new Error("mongod does not run")
  process.kill(pid, "SIGKILL")
  await waitForExit(pid, 10_000)
  await part.stop()
}

/** Stores one mail; its id once it is promised, undefined when it was refused. */
async function store(): Promise<string | undefined> {
  const now = new Date()
  const id = createMessageId(now)
  const size = sizes[Math.floor(random() ** 2 * sizes.length)] ?? 200
  try {
    const body = await bodies.receive(id, Readable.from([Buffer.from(id.padEnd(size, id))]), 1_000)
    const expireAt = new Date(now.getTime() + 86_400_000)
    const message: MessageDocument = {
      _id: id, receivedAt: now, expireAt, direction: "inbound", domains: ["example.com"], owners: [],
      envelope: { mailFrom: "", rcptTo: ["anna@example.com"], smtpUtf8: false, eightBit: false },
      client: { address: "127.0.0.1", name: "", helo: "", tls: false, user: null }, summary: { subject: id, from: "", to: "", messageId: null, date: null },
      trace: "", size: body.size, hasBody: true, deliveries: [newDelivery(`${id}.0`, "primary", "primary:example.com", "anna@example.com", null, now)],
      version: 0, status: "queued", viaService: false, deliveredAt: null,
    }
    await messages.insert(await bodies.document(body, expireAt), message)
    return id
  } catch {
    return undefined
  }
}

it(`a mongod killed ${kills} times under load keeps every promised mail, and no message without its body`, { timeout: 60_000 + kills * 15_000 }, async () => {
  console.log(`LIFEBOAT_TEST_SEED=${seed} LIFEBOAT_TEST_DATABASE_KILLS=${kills}`)
  await start()
  const promised: string[] = []
  let refused = 0
  for (let n = 0; n < kills; n++) {
    let over = false
    const work = Array.from({ length: writers }, async () => {
      while (!over) {
        const id = await store()
        if (id === undefined) {
          refused++
          await sleep(50)
        } else promised.push(id)
      }
    })
    await sleep(150 + random() * 700)
    await kill()
    over = true
    await start()
    await Promise.all(work)
    const withoutBody = await database.messages.aggregate([{ $match: { hasBody: true } }, { $lookup: { from: "bodies", localField: "_id", foreignField: "_id", as: "body" } }, { $match: { body: [] } }, { $project: { _id: 1 } }]).toArray()
    expect(withoutBody).toEqual([])
  }
  const kept = new Set((await database.messages.find({}, { projection: { _id: 1 } }).toArray()).map((message) => message._id))
  expect(promised.filter((id) => !kept.has(id))).toEqual([])
  for (const id of promised.filter((_, index) => index % 20 === 0)) expect((await bodies.read(id))?.toString().startsWith(id)).toBe(true)
  console.log(JSON.stringify({ kills, promised: promised.length, refused, unpromised: kept.size - promised.length }))
  expect(promised.length).toBeGreaterThan(kills * 10)
})

import { randomBytes } from "node:crypto"
import { Readable } from "node:stream"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { testDatabase } from "../../test/support/mongo.ts"
import { openDatabase, type Database } from "../store/database.ts"
import { Bodies, headerBlock, inlineBytes } from "./bodies.ts"
import { createMessageId } from "./message-id.ts"

let database: Database
let bodies: Bodies
const expireAt = new Date(Date.now() + 86_400_000)

beforeAll(async () => {
  const { url, dbName } = testDatabase()
  database = await openDatabase(url, { lifeboat: dbName, wildduck: `${dbName}_wd` })
  bodies = new Bodies(database)
})
afterAll(() => database.close())

async function* pieces(raw: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < raw.length; at += size) yield raw.subarray(at, at + size)
}

async function keep(raw: Buffer, piece = 7_919): Promise<string> {
  const id = createMessageId(new Date())
  const body = await bodies.receive(id, pieces(raw, piece), 65_536)
  expect(body.size).toBe(raw.length)
  await database.bodies.insertOne(await bodies.document(body, expireAt))
  return id
}

const odd = Buffer.from("Subject: odd\r\n\r\n\0\xff bare\rcr bare\nlf .\r\n..\r\nno end", "latin1")
const large = Buffer.concat([Buffer.from("Subject: large\r\n\r\n"), Buffer.alloc(3 * inlineBytes, "0123456789abcdef\r\n")])

describe("a body is stored once, byte for byte (invariant 4)", () => {
  it.each([["empty", Buffer.alloc(0)], ["odd bytes", odd], ["at the limit of a document", large.subarray(0, inlineBytes)], ["larger than a document", large]])("%s", async (_, raw) => {
    const id = await keep(raw)
    expect((await bodies.read(id))?.equals(raw)).toBe(true)
    expect(await database.bodies.countDocuments({ _id: id })).toBe(1)
    expect(await database.db.collection("largeBodies.files").countDocuments({ filename: id })).toBe(raw.length > inlineBytes ? 1 : 0)
  })

  it("reads many small ones at once and leaves out the others", async () => {
    const ids = [await keep(odd), await keep(large), "gone"]
    expect([...(await bodies.readSmall(ids)).keys()]).toEqual([ids[0]])
    expect(await bodies.read("gone")).toBeUndefined()
  })

  it("leaves nothing behind of a large one that broke off, or was refused", async () => {
    const broken = createMessageId(new Date())
    const breaks = async function* () {
      yield* pieces(large.subarray(0, 2 * inlineBytes), 65_536)
      throw new Error("the client went away")
    }
    await expect(bodies.receive(broken, breaks(), 65_536)).rejects.toThrow("the client went away")
    const refused = await bodies.receive(createMessageId(new Date()), Readable.from([large]), 65_536)
    await bodies.discard(refused)
    for (const id of [broken, refused.messageId]) expect(await database.db.collection("largeBodies.files").countDocuments({ filename: id })).toBe(0)
  })

  it("leaves nothing behind of many that break off while their pieces are on their way to the database", async () => {
    const raw = randomBytes(2 * inlineBytes)
    const chunks = database.db.collection("largeBodies.chunks")
    const before = await chunks.countDocuments()
    const breaks = async function* (end: number) {
      yield* pieces(raw.subarray(0, end), 65_536)
      throw new Error("the client went away")
    }
    const ends = Array.from({ length: 24 }, (_, n) => inlineBytes + (n + 1) * 40_000)
    await Promise.all(ends.map((end) => expect(bodies.receive(createMessageId(new Date()), breaks(end), 65_536)).rejects.toThrow("the client went away")))
    expect(await chunks.countDocuments()).toBe(before)
  })

  it("sweeps large ones that no document points to any more, and only those", async () => {
    const kept = await keep(large)
    const expired = await keep(large)
    await database.bodies.deleteOne({ _id: expired })
    await bodies.sweepLarge(new Date(Date.now() + 1_000))
    expect(await database.db.collection("largeBodies.files").countDocuments({ filename: { $in: [kept, expired] } })).toBe(1)
    expect((await bodies.read(kept))?.length).toBe(large.length)
  })
})

describe("headerBlock", () => {
  it.each([
    ["A: b\r\n\r\nbody", "A: b\r\n\r\n"],
    ["A: b\n\nbody\r\n\r\n", "A: b\n\n"],
    ["\r\nbody", "\r\n"],
    ["A: b", "A: b"],
  ])("of %j", (raw, block) => expect(headerBlock(Buffer.from(raw), 1_000).toString()).toBe(block))
  it("is bounded", () => expect(headerBlock(Buffer.alloc(100, "x"), 10)).toHaveLength(10))
})

import { pino } from "pino"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { testDatabase } from "../../test/support/mongo.ts"
import { ChangeReader, type ChangeReading } from "./change-reader.ts"
import { openDatabase, type Database } from "./database.ts"

const log = pino({ level: "silent" })
const place = "test-place"
const wait = { timeout: 10_000, interval: 20 }
let database: Database
let readers: ChangeReader[] = []
let seen: string[] = []
let gaps = 0

beforeAll(async () => {
  const { url, dbName } = testDatabase()
  database = await openDatabase(url, { lifeboat: dbName, wildduck: `${dbName}_wildduck` })
})
afterEach(async () => {
  await Promise.all(readers.map((reader) => reader.stop()))
  await database.state.deleteMany({})
  readers = []
  seen = []
  gaps = 0
})
afterAll(async () => {
  await database.db.dropDatabase()
  await database.close()
})

const things = () => database.db.collection<{ _id: string }>("things")
const add = async (...ids: string[]) => things().insertMany(ids.map((_id) => ({ _id })))

function read(own: Partial<ChangeReading> = {}): ChangeReader {
  const reader = new ChangeReader({
    database,
    log,
    lease: "test-lease",
    place,
    leaseDuration: 600,
    ready: async () => true,
    open: (options) => things().watch([], options),
    gap: async () => void gaps++,
    handle: async (changes) => void seen.push(...changes.map((change) => String(change["documentKey"]?._id ?? change["operationType"]))),
    says: { lost: "lost", failed: "failed" },
    ...own,
  })
  readers.push(reader)
  reader.start()
  return reader
}

const watching = async (reader: ChangeReader) => expect.poll(() => reader.watching, wait).toBe(true)

describe("a reader of changes", () => {
  it("goes on where it was, and says when there is no such place", async () => {
    const first = read()
    await watching(first)
    await add("a1", "a2")
    await expect.poll(() => seen, wait).toEqual(["a1", "a2"])
    await first.stop()
    await add("a3")
    await watching(read())
    await expect.poll(() => seen, wait).toEqual(["a1", "a2", "a3"])
    expect(gaps).toBe(1)
  })

  it("hands over the same changes again after they could not be handled", async () => {
    let failures = 0
    const reader = read({
      handle: async (changes) => {
        if (changes.length > 0 && failures++ < 2) throw new Error("the database is away")
        seen.push(...changes.map((change) => String(change["documentKey"]?._id)))
      },
    })
    await watching(reader)
    await expect.poll(async () => (await database.state.findOne({ _id: place }))?.value, wait).toBeDefined()
    await add("b1", "b2")
    await expect.poll(() => seen, wait).toEqual(["b1", "b2"])
    expect([failures, gaps]).toEqual([3, 1])
  })

  it("begins again when the stream ends by itself and cannot go on, and says that there is a gap", async () => {
    const reader = read()
    await add("d0")
    await watching(reader)
    await things().drop()
    await expect.poll(() => seen.includes("invalidate"), wait).toBe(true)
    await expect.poll(() => gaps, wait).toBe(2)
    await watching(reader)
    await add("d1")
    await expect.poll(() => seen.includes("d1"), wait).toBe(true)
  })

  it("begins again when what goes on beside it fails", async () => {
    let begun = 0
    const reader = read({
      beside: async () => {
        if (++begun === 1) throw new Error("the comparison failed")
      },
    })
    await expect.poll(() => begun, wait).toBe(2)
    await watching(reader)
    await add("e1")
    await expect.poll(() => seen, wait).toEqual(["e1"])
  })

  it("puts back no place once another node reads, though it did not notice", async () => {
    const held: (() => void)[] = []
    const first = read({
      leaseDuration: 60_000,
      handle: async (changes) => {
        if (changes.length > 0) await new Promise<void>((resolve) => held.push(resolve))
      },
    })
    await watching(first)
    await add("f1")
    await expect.poll(() => held.length, wait).toBe(1)
    await database.state.deleteOne({ _id: "test-lease" })
    const second = read()
    await expect.poll(() => seen, wait).toEqual(["f1"])
    await add("f2")
    await expect.poll(() => seen, wait).toEqual(["f1", "f2"])
    const reached = async () => (await database.state.findOne({ _id: place }))?.value
    await expect.poll(reached, wait).toBeDefined()
    const before = await reached()
    held[0]?.()
    await expect.poll(() => first.watching, wait).toBe(false)
    expect(await reached()).toEqual(before)
    expect(second.watching).toBe(true)
  })
})

import { afterAll, beforeAll, expect, it } from "vitest"
import { testDatabase } from "../../test/support/mongo.ts"
import { ChangeFollower } from "./change-follower.ts"
import { openDatabase, type Database } from "./database.ts"

const wait = { timeout: 10_000, interval: 20 }
let database: Database

beforeAll(async () => {
  const { url, dbName } = testDatabase()
  database = await openDatabase(url, { lifeboat: dbName, wildduck: `${dbName}_wildduck` })
})
afterAll(async () => {
  await database.db.dropDatabase()
  await database.close()
})

it("follows again after a stream that ended without an error, and not once it is closed", async () => {
  const things = database.db.collection<{ _id: string }>("things")
  await things.insertOne({ _id: "before" })
  const told: string[] = []
  const follower = new ChangeFollower({
    open: () => things.watch(),
    changed: (change) => void ("documentKey" in change && told.push(String(change.documentKey._id))),
    interrupted: () => void told.push("interrupted"),
    resumed: () => void told.push("resumed"),
  })
  follower.open()
  await expect.poll(() => follower.following, wait).toBe(true)
  await things.insertOne({ _id: "first" })
  await expect.poll(() => told, wait).toEqual(["first"])
  await things.drop()
  await expect.poll(() => told, wait).toEqual(["first", "interrupted", "resumed"])
  await expect.poll(() => follower.following, wait).toBe(true)
  await things.insertOne({ _id: "second" })
  await expect.poll(() => told, wait).toEqual(["first", "interrupted", "resumed", "second"])
  await follower.close()
  expect(follower.following).toBe(false)
})

import { afterAll, beforeAll, expect, it } from "vitest"
import { storedMessage } from "../../../test/support/api.ts"
import { testDatabase } from "../../../test/support/mongo.ts"
import { openDatabase, type Database } from "../../store/database.ts"
import type { UserDocument } from "../../store/documents.ts"
import { ensureIndexes } from "../../store/indexes.ts"
import { answersOf } from "./answered.ts"

let database: Database
const user = (address: string) => ({ _id: address }) as UserDocument
const row = (message: string) => ({ metaData: { message } })
const answered = async (address: string, ...messages: string[]) => [...(await answersOf(database, user(address))(messages.map(row)))]

beforeAll(async () => {
  const { url, dbName } = testDatabase()
  database = await openDatabase(url, { lifeboat: dbName, wildduck: `${dbName}_wildduck` })
  await ensureIndexes(database)
  await database.messages.insertMany([
    storedMessage({ _id: "few", answeredBy: ["anna@example.com"] }),
    storedMessage({ _id: "both", answeredBy: ["boris@example.com", "anna@example.com"] }),
    storedMessage({ _id: "none" }),
    ...Array.from({ length: 700 }, (_, n) => storedMessage({ _id: `many-${n}`, answeredBy: ["boris@example.com"] })),
  ])
})
afterAll(async () => {
  await database.db.dropDatabase()
  await database.close()
})

it("tells what its user answered, be it little or much, and nothing of what others did", async () => {
  expect(await answered("anna@example.com", "few", "none", "both", "many-3")).toEqual(expect.arrayContaining(["few", "both"]))
  expect(await answered("anna@example.com", "many-3")).not.toContain("many-3")
  expect((await answered("boris@example.com", "few", "none", "both", "many-3", "many-699")).sort()).toEqual(["both", "many-3", "many-699"])
  expect(await answered("clara@example.com", "few", "both")).toEqual([])
})

it("finds it without looking at any mail", async () => {
  const plan = await database.messages.find({ answeredBy: "anna@example.com" }, { projection: { _id: 1 } }).limit(500).explain("executionStats")
  expect((plan as { executionStats: { totalDocsExamined: number } }).executionStats.totalDocsExamined).toBe(0)
})

import { MongoClient } from "mongodb"
import { expect, test } from "vitest"
import { testDatabase } from "../../test/support/mongo.ts"

test("the run's MongoDB takes journaled majority writes and transactions", async () => {
  const { url, dbName } = testDatabase()
  const client = await MongoClient.connect(url)
  try {
    const items = client.db(dbName).collection("items", { writeConcern: { w: "majority", journal: true } })
    await client.withSession((session) => session.withTransaction(() => items.insertOne({ n: 1 }, { session })))
    expect(await items.countDocuments()).toBe(1)
  } finally {
    await client.close()
  }
})

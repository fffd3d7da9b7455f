import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { MongoClient } from "mongodb"
import { pino } from "pino"
import { expect, test } from "vitest"
import { testDatabase } from "../../test/support/mongo.ts"
import { readConfig } from "../config.ts"
import { startMongod } from "./mongod.ts"
import { freePort } from "./ports.ts"

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

test("its data serve at another port too", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lifeboat-moved-"))
  const { cacheDir, mongoCacheMb } = readConfig()
  /** Starts it, asks something, stops it. */
  const during = async <T>(work: (client: MongoClient) => Promise<T>): Promise<{ url: string; answer: T }> => {
    const { part, url } = await startMongod({ folder, logFile: join(folder, "mongod.log"), cacheDir, cacheMb: mongoCacheMb, progress: () => undefined }, pino({ level: "silent" }))
    try {
      const client = await MongoClient.connect(url)
      return { url, answer: await work(client).finally(() => client.close()) }
    } finally {
      await part.stop()
    }
  }
  try {
    const before = await during((client) => client.db("moved").collection("items").insertOne({ n: 1 }))
    await writeFile(join(folder, "port"), `${await freePort()}\n`)
    const after = await during((client) => client.db("moved").collection("items").countDocuments())
    expect(after.url).not.toBe(before.url)
    expect(after.answer).toBe(1)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

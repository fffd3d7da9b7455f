import { pino } from "pino"
import { afterAll, beforeAll, expect, it } from "vitest"
import { testDatabase } from "../../test/support/mongo.ts"
import { insertHeldMail, plainMail } from "../../test/support/stored-mail.ts"
import type { Claim, DeliveryTarget, Outcome } from "../delivery/delivery-target.ts"
import { openDatabase, type Database } from "../store/database.ts"
import { ensureIndexes } from "../store/indexes.ts"
import { openGate } from "./hop-gate.ts"
import { Queue, type Attempted } from "./queue.ts"
import { Worker } from "./worker.ts"

const log = pino({ level: "silent" })
const { url, dbName } = testDatabase()
let database: Database
beforeAll(async () => {
  database = await openDatabase(url, { lifeboat: dbName, wildduck: `${dbName}_wildduck` })
  await ensureIndexes(database)
})
afterAll(async () => {
  await database?.db.dropDatabase()
  await database?.close()
})

it("begins no more deliveries than the gate allows, and none while outcomes cannot be written down", async () => {
  const mails = 40
  for (let n = 0; n < mails; n++) await insertHeldMail(database, "anna@example.com", plainMail(`mail ${n}`))
  await database.messages.updateMany({}, { $set: { "deliveries.1.state": "queued", "deliveries.1.due": new Date(0) } })
  const arrived: string[] = []
  let side = 0
  let mostAtOnce = 0
  const target: DeliveryTarget = {
    deliver: async (claim: Claim) => {
      mostAtOnce = Math.max(mostAtOnce, ++side)
      await new Promise((resolve) => setTimeout(resolve, 30))
      side--
      arrived.push(claim.message._id)
      const outcome: Outcome = { kind: "delivered", reply: "250 ok", server: "p" }
      return new Map(claim.deliveries.map((delivery) => [delivery.id, outcome]))
    },
  }
  let away = true
  const settled: string[] = []
  const settle = (attempts: readonly Attempted[]) => {
    if (away) return Promise.reject(new Error("the database is away"))
    settled.push(...attempts.map(({ claim }) => claim.message._id))
    return Promise.resolve()
  }
  const worker = new Worker({ hop: "primary:example.com", queue: new Queue(database, "node"), gate: openGate(2), target, settle, log })
  worker.start()
  try {
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    const meanwhile = arrived.length
    expect(meanwhile).toBeGreaterThan(0)
    expect(meanwhile).toBeLessThan(mails / 1.2)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(arrived).toHaveLength(meanwhile)
    away = false
    await expect.poll(() => settled.length, { timeout: 10_000 }).toBe(mails)
    expect(new Set(arrived).size).toBe(arrived.length)
    expect(mostAtOnce).toBe(2)
  } finally {
    await worker.stop()
  }
})

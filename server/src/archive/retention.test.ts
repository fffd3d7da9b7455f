import { pino } from "pino"
import { afterAll, beforeAll, expect, it } from "vitest"
import { testDatabase } from "../../test/support/mongo.ts"
import { insertHeldMail, plainMail } from "../../test/support/stored-mail.ts"
import { Queue } from "../queue/queue.ts"
import { openDatabase, type Database } from "../store/database.ts"
import { ensureIndexes } from "../store/indexes.ts"
import { Bodies } from "./bodies.ts"
import { Retention } from "./retention.ts"

const log = pino({ level: "silent" })
let database: Database

beforeAll(async () => {
  const { url, dbName } = testDatabase()
  database = await openDatabase(url, { lifeboat: dbName, wildduck: `${dbName}_wd` })
  await ensureIndexes(database)
})
afterAll(() => database.close())

it("what is open at the end of its time expires with a report, what is not yet due stays (invariant 3: one final state for every recipient)", async () => {
  const over = await insertHeldMail(database, "anna@example.com", plainMail("over"))
  const young = await insertHeldMail(database, "ben@example.com", plainMail("young"))
  await database.messages.updateOne({ _id: over._id }, { $set: { expireAt: new Date(Date.now() + 86_400_000) } })
  const reported: string[] = []
  let reportable = false
  const retention = new Retention({
    database, bodies: new Bodies(database), queue: new Queue(database, "test"), log,
    report: async (_message, failed) => {
      if (!reportable) throw new Error("no report can be made right now")
      reported.push(...failed.map((delivery) => delivery.id))
    },
  })
  const states = async (id: string) => (await database.messages.findOne({ _id: id }))?.deliveries.map((delivery) => delivery.state)

  await retention.sweep()
  expect(await states(over._id)).toEqual(["queued", "held"])
  reportable = true
  expect(await retention.sweep()).toBe(1)
  expect(await states(over._id)).toEqual(["expired", "expired"])
  expect(reported).toEqual([`${over._id}.1`])
  expect(await states(young._id)).toEqual(["queued", "held"])
  expect(await retention.sweep()).toBe(0)
})

import { pino } from "pino"
import { afterAll, beforeAll, expect, it } from "vitest"
import { testDatabase } from "../../test/support/mongo.ts"
import { insertHeldMail, plainMail } from "../../test/support/stored-mail.ts"
import type { Outcome } from "../delivery/delivery-target.ts"
import { openDatabase, type Database } from "../store/database.ts"
import { Tracker } from "../tracking/tracker.ts"
import { Queue } from "./queue.ts"
import { createSettle } from "./settle.ts"

const log = pino({ level: "silent" })
const { url, dbName } = testDatabase()
const hop = "primary:example.com"
let database: Database
let queue: Queue
beforeAll(async () => {
  database = await openDatabase(url, { lifeboat: dbName, wildduck: `${dbName}_wildduck` })
  await database.messages.createIndex({ "deliveries.hop": 1, "deliveries.state": 1, "deliveries.due": 1 }, { name: "work" })
  queue = new Queue(database, "node")
})
afterAll(async () => {
  await database?.db.dropDatabase()
  await database?.close()
})

const release = async (id: string) => database.messages.updateOne({ _id: id }, { $set: { "deliveries.1.state": "queued", "deliveries.1.due": new Date(0), "deliveries.1.heldFor": null, "deliveries.1.outageId": null } })
const stateOf = async (id: string) => (await database.messages.findOne({ _id: id }))?.deliveries[1]

it.each([["failed", "deferred", false], ["expired", "queued", true]] as const)("nothing is %s without a report, and other mails do not wait for it", async (_end, state, expires) => {
  const [bad, good] = [await insertHeldMail(database, "anna@example.com", plainMail("bad")), await insertHeldMail(database, "anna@example.com", plainMail("good"))]
  await Promise.all([release(bad._id), release(good._id)])
  const claims = await queue.claim(hop, 10)
  expect(claims).toHaveLength(2)
  const reported: string[] = []
  const settle = createSettle({
    queue, log, tracker: new Tracker(database, log), taken: () => undefined,
    report: (message) => (message._id === bad._id ? Promise.reject(new Error("no report")) : (reported.push(message._id), Promise.resolve())),
    context: () => Promise.resolve({ now: database.now(), domain: () => undefined, covered: () => false, divertAfter: 1, nextAttempt: () => (expires ? "expired" : new Date(Date.now() + 60_000)) }),
  })
  const outcome: Outcome = expires ? { kind: "deferred", failure: "host", reply: "451 later", server: "p" } : { kind: "failed", failure: "recipient", reply: "550 no", server: "p" }
  await settle(claims.map((claim) => ({ claim, outcomes: new Map(claim.deliveries.map((delivery) => [delivery.id, outcome])) })))
  expect(await stateOf(bad._id)).toMatchObject({ state, finishedAt: null, lease: null })
  expect(await stateOf(good._id)).toMatchObject({ state: _end, lease: null })
  expect(reported).toEqual([good._id])
  await database.messages.deleteMany({})
})

it("gives back at once what a claim took whose answer was lost", async () => {
  const mail = await insertHeldMail(database, "anna@example.com", plainMail("lost"))
  await release(mail._id)
  let cut = true
  const broken: Database = {
    ...database,
    messages: new Proxy(database.messages, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (name !== "updateMany" || !cut) return typeof value === "function" ? value.bind(target) : value
        cut = false
        return async (...given: Parameters<typeof target.updateMany>) => {
          await target.updateMany(...given)
          throw new Error("connection lost")
        }
      },
    }),
  }
  const other = new Queue(broken, "node")
  await expect(other.claim(hop, 10)).rejects.toThrow("connection lost")
  expect(await stateOf(mail._id)).toMatchObject({ state: "active" })
  expect(await other.claim(hop, 10)).toMatchObject([{ message: { _id: mail._id } }])
  await database.messages.deleteMany({})
})

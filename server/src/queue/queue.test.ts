import { afterEach, beforeEach, expect, it } from "vitest"
import { testDatabase } from "../../test/support/mongo.ts"
import { insertHeldMail, plainMail } from "../../test/support/stored-mail.ts"
import type { Claim, Outcome } from "../delivery/delivery-target.ts"
import { openDatabase, type Database } from "../store/database.ts"
import { ensureIndexes } from "../store/indexes.ts"
import { withDeliveries, type OutcomeContext } from "./apply-outcomes.ts"
import { Queue } from "./queue.ts"

const delivered: Outcome = { kind: "delivered", reply: "250 2.0.0 ok", server: "127.0.0.1:25" }
let database: Database
let one: Queue
let two: Queue

beforeEach(async () => {
  const { url, dbName } = testDatabase()
  database = await openDatabase(url, { lifeboat: dbName, wildduck: `${dbName}_wd` })
  await ensureIndexes(database)
  one = new Queue(database, "one:25")
  two = new Queue(database, "two:25")
})
afterEach(async () => {
  await database.db.dropDatabase()
  await database.close()
})

const context = (): Omit<OutcomeContext, "token"> => ({
  now: database.now(), domain: () => undefined, covered: () => true, nextAttempt: () => new Date(database.now().getTime() + 60_000), divertAfter: 300_000,
})
const insert = async (count: number): Promise<string[]> => {
  const ids: string[] = []
  for (let n = 0; n < count; n++) ids.push((await insertHeldMail(database, "anna@example.com", plainMail(`mail ${n}`)))._id)
  return ids
}
const outcomes = (claim: Claim) => new Map(claim.deliveries.map((delivery) => [delivery.id, delivered]))
const stateOf = async (id: string, n: number) => (await database.messages.findOne({ _id: id }))?.deliveries[n]
const endLeases = () => database.messages.updateMany({}, { $set: { "deliveries.$[d].due": new Date(0) } }, { arrayFilters: [{ "d.state": "active" }] })

it("two nodes never hold the same delivery, and together take every one (invariant 6: once as a rule)", async () => {
  const ids = await insert(60)
  const claims = (await Promise.all([one.claim("mailbox", 40), two.claim("mailbox", 40), one.claim("mailbox", 40), two.claim("mailbox", 40)])).flat()
  const rest = [...(await one.claim("mailbox", 100)), ...(await two.claim("mailbox", 100))]
  const taken = [...claims, ...rest].map((claim) => claim.message._id)
  expect(new Set(taken).size).toBe(taken.length)
  expect(taken.sort()).toEqual(ids.sort())
})

it("takes held mail only when asked to, oldest first", async () => {
  const ids = await insert(5)
  expect(await one.claim("primary:example.com", 10)).toEqual([])
  expect((await one.claim("primary:example.com", 2, { held: true })).map((claim) => claim.message._id)).toEqual(ids.slice(0, 2))
  expect(await one.count("primary:example.com")).toBe(5)
})

it("an outcome of a lease that somebody else has taken over does not count", async () => {
  const [id = ""] = await insert(1)
  const [late] = await one.claim("mailbox", 1)
  await endLeases()
  const [mine] = await two.claim("mailbox", 1)
  if (!late || !mine) throw new Error("nothing was claimed")
  await one.record([{ claim: late, outcomes: outcomes(late) }], context())
  expect(await stateOf(id, 0)).toMatchObject({ state: "active", lease: { token: mine.token } })
  await two.record([{ claim: mine, outcomes: outcomes(mine) }], context())
  expect(await stateOf(id, 0)).toMatchObject({ state: "delivered", lease: null })
})

it("writes outcomes down beside a change that came in between", async () => {
  const [id = ""] = await insert(1)
  const [claim] = await one.claim("mailbox", 1)
  if (!claim) throw new Error("nothing was claimed")
  await two.change(id, (message) => withDeliveries(message.deliveries.map((delivery) => (delivery.target === "primary" ? { ...delivery, reply: "changed" } : delivery)), true))
  await one.record([{ claim, outcomes: outcomes(claim) }], context())
  expect(await stateOf(id, 0)).toMatchObject({ state: "delivered" })
  expect(await stateOf(id, 1)).toMatchObject({ reply: "changed" })
})

it("gives back at start what an earlier life of the node had leased, and nobody else's", async () => {
  await insert(2)
  await one.claim("mailbox", 1)
  await two.claim("mailbox", 1)
  expect(await new Queue(database, "one:25").releaseOwnLeases("mailbox")).toBe(1)
  expect(await one.claim("mailbox", 10)).toHaveLength(1)
})

it("makes deferred mail due at once when asked to", async () => {
  const [id = ""] = await insert(1)
  const [claim] = await one.claim("mailbox", 1)
  if (!claim) throw new Error("nothing was claimed")
  const deferred: Outcome = { kind: "deferred", failure: "host", reply: "mailbox store away", server: "mailbox" }
  await one.record([{ claim, outcomes: new Map(claim.deliveries.map((delivery) => [delivery.id, deferred])) }], context())
  await database.messages.updateOne({ _id: id }, { $set: { "deliveries.0.due": new Date(Date.now() + 3_600_000) } })
  expect(await one.claim("mailbox", 1)).toEqual([])
  expect(await one.retryNow("mailbox")).toBe(1)
  expect(await one.claim("mailbox", 1)).toHaveLength(1)
})

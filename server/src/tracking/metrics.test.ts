import { pino } from "pino"
import { afterAll, beforeAll, expect, it } from "vitest"
import { startTestApi, storedMessage, type TestApi } from "../../test/support/api.ts"
import { newDelivery } from "../routing/route.ts"
import { openDatabase, type Database } from "../store/database.ts"
import { ensureIndexes } from "../store/indexes.ts"
import { testDatabase } from "../../test/support/mongo.ts"
import { Metrics, shownDomains } from "./metrics.ts"

let api: TestApi
let database: Database
let metrics: Metrics

beforeAll(async () => {
  const { url, dbName } = testDatabase()
  database = await openDatabase(url, { lifeboat: dbName, wildduck: `${dbName}_wildduck` })
  await ensureIndexes(database)
  metrics = new Metrics({ database, domains: { all: () => api.domains.all() }, inProgress: () => 3, log: pino({ level: "silent" }) })
  api = await startTestApi({ database, metrics: metrics.registry })
  await api.call("PUT", "/api/domains/example.com", await api.signedIn("admin@localhost", "operator"), {})
})
afterAll(async () => {
  await api.close()
  await database.db.dropDatabase()
  await database.close()
})

it("shows what a person on call asks for", async () => {
  const message = storedMessage()
  const delivery = (n: number, hop: "primary:example.com" | "mailbox") => newDelivery(`${message._id}.${n}`, hop === "mailbox" ? "mailbox" : "primary", hop, "anna@example.com", null, new Date())
  message.deliveries = [delivery(0, "mailbox"), { ...delivery(1, "primary:example.com"), state: "held" }, { ...delivery(2, "primary:example.com"), state: "held" }, { ...delivery(3, "primary:example.com"), state: "delivered" }]
  await database.messages.insertOne(message)
  metrics.accepted()
  metrics.accepted()
  const reply = { reply: "", server: "" }
  metrics.attempted({
    claim: { deliveries: message.deliveries },
    outcomes: new Map([
      [`${message._id}.0`, { kind: "delivered", ...reply }],
      [`${message._id}.1`, { kind: "deferred", failure: "host", ...reply }],
      [`${message._id}.2`, { kind: "deferred", failure: "message", ...reply }],
      [`${message._id}.3`, { kind: "deferred", failure: "host", untried: true, ...reply }],
    ]),
  })

  const { text } = await api.call("GET", "/metrics")
  const lines = text.split("\n")
  for (const line of [
    'lifeboat_deliveries_open{state="queued"} 1', 'lifeboat_deliveries_open{state="held"} 2', 'lifeboat_deliveries_open{state="deferred"} 0', 'lifeboat_deliveries_open{state="active"} 0',
    "lifeboat_mails_accepted_total 2", 'lifeboat_attempts_total{hop="primary",outcome="deferred"} 2', 'lifeboat_attempts_total{hop="mailbox",outcome="delivered"} 1',
    "lifeboat_deliveries_in_progress 3", 'lifeboat_domains{mode="normal"} 1', 'lifeboat_domain_mode{domain="example.com",mode="normal"} 1', 'lifeboat_domain_mode{domain="example.com",mode="emergency"} 0',
  ]) expect(lines).toContain(line)
  expect(text).toMatch(/^nodejs_eventloop_lag_seconds \d/m)
  expect(text).toMatch(/^lifeboat_http_request_seconds_count\{.*route="\/api\/session"/m)

  // Asked again at once, it does not count again.
  await database.messages.deleteOne({ _id: message._id })
  expect((await api.call("GET", "/metrics")).text).toContain('lifeboat_deliveries_open{state="held"} 2')
})

it("shows domains in trouble before the others", () => {
  const domain = (_id: string, mode: "normal" | "emergency") => ({ _id, mode: { mode } as never })
  expect(shownDomains([domain("a", "normal"), domain("b", "emergency"), domain("c", "normal")], 2).map(({ _id }) => _id)).toEqual(["b", "a"])
})

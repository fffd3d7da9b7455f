import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startTestApi, storedMessage, type TestApi } from "../../../test/support/api.ts"
import { newDelivery } from "../../routing/route.ts"
import type { Delivery } from "../../store/documents.ts"
import { addUp } from "./outage-status.ts"

let api: TestApi
let anna: string
const hour = 3_600_000
const ago = (ms: number) => new Date(Date.now() - ms)

async function delayed(state: Delivery["state"], change: Partial<Delivery> = {}): Promise<void> {
  const message = storedMessage({ receivedAt: ago(hour) })
  message.deliveries = [{ ...newDelivery(`${message._id}.0`, "primary", "primary:example.com", "anna@example.com", "anna@example.com", ago(hour)), state, outageId: "o2", ...change }]
  await api.database.messages.insertOne(message)
}
async function mode(set: Record<string, unknown>): Promise<void> {
  await api.database.domains.updateOne({ _id: "example.com" }, { $set: Object.fromEntries(Object.entries(set).map(([key, value]) => [`mode.${key}`, value])) })
  await api.domains.refresh("example.com")
}
const status = async () => (await api.call("GET", "/api/mail/status", anna)).body

beforeAll(async () => {
  api = await startTestApi()
  const operator = await api.signedIn("admin@localhost", "operator")
  await api.call("PUT", "/api/domains/example.com", operator, {})
  anna = await api.signedIn("anna@example.com")
})
afterAll(() => api.close())

it("adds up what became of an outage's mails", () => {
  const row = (state: Delivery["state"], count: number, heldFor: string | null = null) => ({ state, heldFor, count })
  expect(addUp([row("delivered", 5), row("held", 2, "drain"), row("held", 1, "administrator"), row("cancelled", 3), row("expired", 1), row("active", 1)])).toEqual({ mails: 13, delivered: 5, deleted: 3, refused: 2 })
  expect(addUp([])).toEqual({ mails: 0, delivered: 0, deleted: 0, refused: 0 })
})

describe("the status", () => {
  it("knows of no outage before the first", async () => expect(await status()).toMatchObject({ mode: "normal", outage: null, waiting: 0 }))

  it("tells the outage that is going on, with the caller's own mails of it", async () => {
    await mode({ mode: "emergency", since: ago(2 * hour), outageId: "o2" })
    await api.database.outages.insertOne({ _id: "o1", domain: "example.com", start: ago(48 * hour), end: ago(47 * hour), reason: "primary-refused", detail: null })
    await api.database.outages.insertOne({ _id: "o2", domain: "example.com", start: ago(2 * hour), end: null, reason: "primary-refused", detail: null })
    for (const state of ["held", "held", "delivered", "cancelled"] as const) await delayed(state)
    await delayed("held", { user: "ben@example.com", recipient: "ben@example.com" })
    await delayed("held", { outageId: "o1" })
    expect(await status()).toMatchObject({ mode: "emergency", outage: { id: "o2", end: null, mails: 4, delivered: 1, deleted: 1, refused: 0 } })
  })

  it("tells the last outage for a day after its end", async () => {
    await mode({ mode: "normal", outageId: null })
    await api.database.outages.updateOne({ _id: "o2" }, { $set: { end: ago(hour) } })
    expect(await status()).toMatchObject({ mode: "normal", outage: { id: "o2", end: expect.any(String), mails: 4 } })
    await api.database.outages.updateOne({ _id: "o2" }, { $set: { end: ago(25 * hour) } })
    expect(await status()).toMatchObject({ outage: null })
  })
})

import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { RedeliveryJob } from "@lifeboat/shared/schemas/archive"
import { startTestApi, storedMessage, type TestApi } from "../../../test/support/api.ts"
import type { Delivery, MessageDocument } from "../../store/documents.ts"

let api: TestApi
let anna: string
let boris: string

const delivery = (id: string): Delivery => ({
  id, hop: "primary:example.com", target: "primary", recipient: "anna@example.com", user: "anna@example.com", folder: null, copyOf: null, state: "delivered", due: null, attempts: 1, lease: null,
  reply: "250 ok", server: "127.0.0.1:25", firstFailedAt: null, finishedAt: new Date(), outageId: null, heldFor: null,
})
const store = async (count: number, subject: string, change: Partial<MessageDocument> = {}) => {
  const messages = Array.from({ length: count }, (_, n) => {
    const message = storedMessage({ summary: { subject: `${subject} ${n}`, from: "Sender <s@elsewhere.example>", to: "anna@example.com", messageId: null, date: null }, ...change })
    return { ...message, deliveries: [delivery(`${message._id}.0`)] }
  })
  await api.database.messages.insertMany(messages)
  return messages.map(({ _id }) => _id)
}
const job = async (method: string, path: string, body?: object, token = anna) => (await api.call(method, `/api/archive/jobs${path}`, token, body)).body as unknown as RedeliveryJob
const finished = async (id: string) => {
  await expect.poll(async () => (await job("GET", `/${id}`)).state, { timeout: 20_000, interval: 50 }).not.toBe("running")
  return job("GET", `/${id}`)
}
const deliveriesOf = async (ids: readonly string[]) => (await api.database.messages.find({ _id: { $in: [...ids] } }).toArray()).map(({ deliveries }) => deliveries.length)

beforeAll(async () => {
  api = await startTestApi()
  const operator = await api.signedIn("admin@localhost", "operator")
  await api.call("PUT", "/api/domains/example.com", operator, {})
  anna = await api.signedIn("anna@example.com")
  boris = await api.signedIn("boris@example.com")
})
afterAll(() => api.close())

describe("all that a filter finds", () => {
  it("is counted, without what arrives later", async () => {
    await store(3, "Counted")
    const counted = await api.call("GET", "/api/archive/count?q=counted", anna)
    expect(counted.body).toMatchObject({ total: 3, sent: 0 })
    expect((await api.call("GET", "/api/archive/count?q=counted", boris)).body).toMatchObject({ total: 0 })
    expect((await api.call("GET", "/api/archive/count?to=never", anna)).status).toBe(400)
  })

  it("is delivered again, each mail once, also when its node is killed in the middle of a step", async () => {
    const ids = await store(45, "Again")
    const [gone = ""] = await store(1, "Again without text", { hasBody: false })
    const started = await api.call("POST", "/api/archive/jobs", anna, { filter: { q: "again" } })
    expect(started.status).toBe(201)
    const { id } = started.body as unknown as RedeliveryJob
    await store(1, "Again, but later")
    expect(await finished(id)).toMatchObject({ state: "done", total: 46, done: 45, failures: [{ code: "body-gone", count: 1 }] })
    expect(await deliveriesOf(ids)).toEqual(ids.map(() => 2))
    expect(await deliveriesOf([gone])).toEqual([1])
    await api.database.redeliveryJobs.updateOne({ _id: id }, { $set: { state: "running", next: 20, done: 19, due: new Date(0), token: "of a node that was killed" } })
    expect(await finished(id)).toMatchObject({ state: "done", total: 46, done: 45 })
    expect(await deliveriesOf(ids)).toEqual(ids.map(() => 2))
    // Who asks anew gets it anew.
    await finished((await job("POST", "", { filter: { q: "again" } })).id)
    expect(await deliveriesOf(ids)).toEqual(ids.map(() => 3))
  }, 60_000)

  it("is stopped when asked, is one at a time, and is the caller's own", async () => {
    await api.database.redeliveryJobs.insertOne({ _id: "waits", user: "anna@example.com", filter: {}, state: "running", ids: ["x"], total: 1, next: 0, done: 0, failures: {}, due: new Date(Date.now() + 600_000), token: null, attempts: 0, createdAt: new Date(), expireAt: new Date(Date.now() + 600_000) })
    expect((await api.call("POST", "/api/archive/jobs", anna, { filter: {} })).body).toMatchObject({ code: "job-running" })
    for (const method of ["GET", "DELETE"]) expect((await api.call(method, "/api/archive/jobs/waits", boris)).status).toBe(404)
    expect(((await api.call("GET", "/api/archive/jobs", boris)).body["items"] as object[]).length).toBe(0)
    expect(((await api.call("GET", "/api/archive/jobs", anna)).body["items"] as RedeliveryJob[])[0]).toMatchObject({ id: "waits", state: "running" })
    expect(await job("DELETE", "/waits")).toMatchObject({ state: "stopped" })
    expect(await job("DELETE", "/waits")).toMatchObject({ state: "stopped" })
    expect((await api.call("POST", "/api/archive/jobs", boris, { filter: { user: "anna@example.com" } })).status).toBe(404)
  })

  it("is one zip", async () => {
    const [id = ""] = await store(1, "Zipped")
    const body = await api.deps.bodies.receive(id, (async function* () { yield await Promise.resolve(Buffer.from("Subject: Zipped\r\n\r\ntext")) })(), 100_000)
    await api.database.bodies.insertOne(await api.deps.bodies.document(body, new Date(Date.now() + 86_400_000)))
    const response = await fetch(`${api.url}/api/archive/zip/found?q=zipped`, { headers: { authorization: `Bearer ${anna}` } })
    expect(response.headers.get("content-type")).toBe("application/zip")
    expect(Buffer.from(await response.arrayBuffer()).includes("Zipped 0")).toBe(true)
    expect((await api.call("GET", "/api/archive/zip/found?q=zipped", boris)).status).toBe(404)
  })
})

import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startTestApi, storedMessage, type TestApi } from "../../../test/support/api.ts"
import { RefusedMail } from "../../continuity/refused-mail.ts"
import { withDeliveries } from "../../queue/apply-outcomes.ts"
import { newDelivery } from "../../routing/route.ts"
import type { Delivery, MessageDocument } from "../../store/documents.ts"

const reply = "550 5.1.1 no such user here"
const reported: string[] = []
let api: TestApi
let refused: RefusedMail
let administrator = ""

beforeAll(async () => {
  api = await startTestApi({
    continuity: {
      force: () => Promise.resolve(), settingsChanged: () => Promise.resolve(), outageReport: () => Promise.resolve(undefined), probe: () => Promise.reject(new Error("not here")),
      releaseRefused: (domain, choice) => refused.release(domain, choice),
      failRefused: (domain, choice) => refused.fail(domain, choice),
    },
  })
  const { database, queue, tracker } = api.deps
  refused = new RefusedMail({ database, queue, tracker, report: (_message, failed) => Promise.resolve(void reported.push(...failed.map((delivery) => delivery.id))) })
  const operator = await api.signedIn("admin@localhost", "operator")
  for (const domain of ["example.com", "other.example"]) await api.call("PUT", `/api/domains/${domain}`, operator, { primary: { host: "127.0.0.1", port: 25, tls: "none" } })
  administrator = await api.signedIn("boss@example.com", "administrator")
})
afterAll(() => api.close())

/** A mail whose first recipient the primary refused after an outage; the second still waits for the drain. */
async function refusedMail(minutesAgo: number, domain = "example.com"): Promise<string> {
  const receivedAt = new Date(Date.now() - minutesAgo * 60_000)
  const message: MessageDocument = storedMessage({ receivedAt, domains: [domain] })
  const of = (n: number, heldFor: Delivery["heldFor"]): Delivery => ({
    ...newDelivery(`${message._id}.${n}`, "primary", `primary:${domain}`, `user${n}@${domain}`, null, receivedAt),
    state: "held", heldFor, outageId: "outage", due: receivedAt, ...(heldFor === "administrator" ? { attempts: 1, reply, server: "127.0.0.1:25" } : {}),
  })
  await api.database.messages.insertOne({ ...message, ...withDeliveries([of(0, "administrator"), of(1, "drain")], true) })
  return message._id
}

const held = async (query = "") => (await api.call("GET", `/api/domains/example.com/queue/held${query}`, administrator)).body as { items: { id: string }[]; next: string | null }
const act = (body: unknown, domain = "example.com") => api.call("POST", `/api/domains/${domain}/queue/held`, administrator, body)
const delivery = async (id: string) => (await api.database.messages.findOne({ _id: id.split(".")[0] ?? "" }))?.deliveries.find((each) => each.id === id)

describe("mail that the primary refused after an outage", () => {
  it("is listed with the primary's whole reply, oldest first, page by page, and nothing else is", async () => {
    const ids = [await refusedMail(3), await refusedMail(2), await refusedMail(1)]
    await refusedMail(4, "other.example")
    expect((await held()).items).toMatchObject(ids.map((id) => ({ id: `${id}.0`, messageId: id, recipient: "user0@example.com", nextHop: "127.0.0.1:25", state: "held", heldFor: "administrator", reply })))
    const first = await held("?limit=2")
    expect((await held(`?limit=2&cursor=${first.next}`)).items.map((item) => item.id)).toEqual([`${ids[2]}.0`])
    const whole = (await api.call("GET", "/api/domains/example.com/queue", administrator)).body as { items: { heldFor: string }[] }
    expect(whole.items.map((item) => item.heldFor).toSorted()).toEqual([...Array<string>(3).fill("administrator"), ...Array<string>(3).fill("drain")])
  })

  it("is tried again one by one, or reported to its sender, and the audit log knows", async () => {
    const [first, second] = (await held()).items.map((item) => item.id)
    expect((await act({ action: "retry", delivery: first })).body).toEqual({ count: 1 })
    expect(await delivery(first ?? "")).toMatchObject({ state: "queued", heldFor: null })
    expect((await act({ action: "fail", delivery: second })).body).toEqual({ count: 1 })
    expect(await delivery(second ?? "")).toMatchObject({ state: "failed", reply })
    expect(reported).toEqual([second])
    expect((await act({ action: "fail", delivery: second })).body).toMatchObject({ code: "not-found" })
    const acts = await api.database.audit.find({ domain: "example.com", act: /^refused-mail/ }).sort({ _id: 1 }).toArray()
    expect(acts.map(({ by, act: what, detail }) => [by, what, detail])).toEqual([["boss@example.com", "refused-mail-retried", `${first}: 1`], ["boss@example.com", "refused-mail-given-up", `${second}: 1`]])
  })

  it("is dealt with all at once, that of the own domain alone", async () => {
    await refusedMail(1)
    expect((await act({ action: "retry" })).body).toEqual({ count: 2 })
    expect((await held()).items).toEqual([])
    expect((await act({ action: "fail" })).body).toEqual({ count: 0 })
    expect((await act({ action: "fail" }, "other.example")).status).toBe(404)
    expect(await api.database.messages.countDocuments({ "deliveries.heldFor": "administrator" })).toBe(1)
  })

  it("is not dealt with by requests that are none", async () => {
    for (const body of [{}, { action: "drop" }, { action: "fail", all: true }]) expect((await act(body)).status).toBe(400)
  })
})

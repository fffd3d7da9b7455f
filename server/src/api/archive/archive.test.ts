import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startTestApi, storedMessage, type Answer, type TestApi } from "../../../test/support/api.ts"
import { Rejections } from "../../archive/rejections.ts"
import { createMessageId } from "../../archive/message-id.ts"
import type { Delivery, MessageDocument } from "../../store/documents.ts"

let api: TestApi
let operator: string
let administrator: string
let anna: string
let stranger: string
const day = 86_400_000

const delivery = (id: string, change: Partial<Delivery> = {}): Delivery => ({
  id, hop: "primary:example.com", target: "primary", recipient: "anna@example.com", user: "anna@example.com", folder: null, copyOf: null, state: "delivered", due: null, attempts: 1, lease: null,
  reply: "250 ok", server: "127.0.0.1:25", firstFailedAt: null, finishedAt: new Date(), outageId: null, heldFor: null, ...change,
})

async function store(change: Partial<MessageDocument> = {}, raw?: Buffer): Promise<string> {
  const message = storedMessage(change)
  if (message.deliveries.length === 0) message.deliveries = [delivery(`${message._id}.0`)]
  if (raw) {
    const body = await api.deps.bodies.receive(message._id, (async function* () { yield await Promise.resolve(raw) })(), 100_000)
    const document = await api.deps.bodies.document(body, message.expireAt)
    await api.database.bodies.insertOne(document)
  }
  await api.database.messages.insertOne(message)
  return message._id
}

const subjects = (answer: Answer) => (answer.body["items"] as { subject: string }[]).map((item) => item.subject)
const summary = (subject: string): MessageDocument["summary"] => ({ subject, from: "Sender <sender@elsewhere.example>", to: "anna@example.com", messageId: null, date: null })

beforeAll(async () => {
  api = await startTestApi()
  operator = await api.signedIn("admin@localhost", "operator")
  await api.call("PUT", "/api/domains/example.com", operator, {})
  await api.call("PUT", "/api/domains/other.example", operator, {})
  administrator = await api.signedIn("boss@example.com", "administrator")
  anna = await api.signedIn("anna@example.com")
  stranger = await api.signedIn("eve@other.example", "administrator")
})
afterAll(() => api.close())

describe("one mail", () => {
  const raw = Buffer.from("From: a@b.example\r\nSubject: \xfcber\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Hi<img src=\"https://e.example/x\"></p>\r\n--b\r\nContent-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nfile\r\n--b--\r\nbare\nlf\0", "latin1")

  it("is read, byte for byte where asked, by those it concerns only", async () => {
    const id = await store({ size: raw.length }, raw)
    for (const token of [anna, administrator, operator]) {
      expect((await api.call("GET", `/api/archive/${id}`, token)).body).toMatchObject({ id, html: true, remoteContent: 1, envelope: { rcptTo: ["anna@example.com"] }, attachmentList: [{ id: "0", name: "a.txt", contentType: "text/plain", inline: false }] })
      const bytes = await fetch(`${api.url}/api/archive/${id}/raw`, { headers: { authorization: `Bearer ${token}` } })
      expect(bytes.headers.get("content-type")).toBe("message/rfc822")
      expect(Buffer.from(await bytes.arrayBuffer()).equals(raw)).toBe(true)
    }
    expect((await api.call("GET", `/api/archive/${id}/html`, anna)).text).not.toContain("e.example")
    expect((await api.call("GET", `/api/archive/${id}/attachments/0`, anna)).headers.get("content-disposition")).toMatch(/^attachment/)
    const carla = await api.signedIn("carla@example.com")
    for (const token of [stranger, carla]) {
      for (const rest of ["", "/raw", "/html", "/attachments/0"]) expect((await api.call("GET", `/api/archive/${id}${rest}`, token)).status).toBe(404)
      expect((await api.call("POST", `/api/archive/${id}/redeliver`, token)).status).toBe(404)
      expect((await api.call("GET", `/api/tracking/${id}`, token)).body).toEqual((await api.call("GET", `/api/tracking/${createMessageId(new Date())}`, token)).body)
    }
  })

  it("is delivered again to those who asked, as often as they like", async () => {
    const id = await store({}, raw)
    const first = await api.call("POST", `/api/archive/${id}/redeliver`, anna)
    const second = await api.call("POST", `/api/archive/${id}/redeliver`, anna)
    expect([first.body, second.body]).toEqual([{ deliveries: [`${id}.1`] }, { deliveries: [`${id}.2`] }])
    const stored = await api.database.messages.findOne({ _id: id })
    expect(stored?.deliveries.map((each) => [each.id, each.state, each.recipient])).toEqual([[`${id}.0`, "delivered", "anna@example.com"], [`${id}.1`, "queued", "anna@example.com"], [`${id}.2`, "queued", "anna@example.com"]])
  })

  it("goes again only to oneself when it came in for several", async () => {
    const message = storedMessage({ owners: ["anna@example.com", "boss@example.com"], envelope: { mailFrom: "s@elsewhere.example", rcptTo: ["anna@example.com", "boss@example.com"], smtpUtf8: false, eightBit: false } })
    message.deliveries = [delivery(`${message._id}.0`), delivery(`${message._id}.1`, { recipient: "boss@example.com", user: "boss@example.com" })]
    await store(message, raw)
    expect((await api.call("POST", `/api/archive/${message._id}/redeliver`, anna)).body).toEqual({ deliveries: [`${message._id}.2`] })
    expect((await api.call("POST", `/api/archive/${message._id}/redeliver`, administrator)).body).toEqual({ deliveries: [`${message._id}.3`, `${message._id}.4`] })
  })

  it("says so when its text is no longer kept", async () => {
    const id = await store({ hasBody: false })
    expect((await api.call("GET", `/api/archive/${id}/raw`, anna)).body).toMatchObject({ code: "body-gone" })
    expect((await api.call("POST", `/api/archive/${id}/redeliver`, anna)).body).toMatchObject({ code: "body-gone" })
    expect((await api.call("GET", `/api/archive/${id}`, anna)).body).toMatchObject({ text: "", html: false })
  })
})

describe("several mails", () => {
  const raw = Buffer.from("From: a@b.example\r\nSubject: x\r\n\r\ntext\r\n")

  it("are delivered again one by one, and each says what became of it", async () => {
    const [good, gone, foreign] = [await store({}, raw), await store({ hasBody: false }), await store({ owners: ["boss@example.com"] }, raw)]
    const answer = await api.call("POST", "/api/archive/redeliver", anna, { ids: [good, gone, foreign, "unknown"] })
    const items = answer.body["items"] as { id: string; deliveries: string[]; error: { code: string } | null }[]
    expect(items.map(({ id, deliveries, error }) => [id, deliveries, error?.code ?? null])).toEqual([[good, [`${good}.1`], null], [gone, [], "body-gone"], [foreign, [], "not-found"], ["unknown", [], "not-found"]])
    expect((await api.database.messages.findOne({ _id: foreign }))?.deliveries).toHaveLength(1)
    expect((await api.database.messages.findOne({ _id: good }))?.deliveries.at(-1)).toMatchObject({ state: "queued", recipient: "anna@example.com" })
  })

  it("are at most 200, each named once", async () => {
    for (const ids of [[], Array.from({ length: 201 }, (_, n) => `m${n}`), ["a", "a"]]) expect((await api.call("POST", "/api/archive/redeliver", anna, { ids })).body).toMatchObject({ code: "invalid" })
  })

  it("come as one zip, without those of others", async () => {
    const [first, foreign] = [await store({ summary: summary("Angebot: 5/6 «für» Sie ../..") }, raw), await store({ owners: ["boss@example.com"], summary: summary("Geheim") }, raw)]
    const answer = await fetch(`${api.url}/api/archive/zip?ids=${first},${foreign}`, { headers: { authorization: `Bearer ${anna}` } })
    const zip = Buffer.from(await answer.arrayBuffer())
    expect([answer.status, answer.headers.get("content-disposition")]).toEqual([200, expect.stringMatching(/^attachment; filename="mails.zip"/)])
    expect(zip.subarray(0, 2).toString()).toBe("PK")
    expect(zip.includes(Buffer.from(`Angebot 5 6 für Sie ${first}.eml`))).toBe(true)
    expect(zip.includes("Geheim")).toBe(false)
    for (const ids of ["", foreign, Array.from({ length: 201 }, (_, n) => n).join()]) expect((await api.call("GET", `/api/archive/zip?ids=${ids}`, anna)).status).toBeGreaterThanOrEqual(400)
  })
})

describe("lists", () => {
  beforeAll(async () => {
    await api.database.messages.deleteMany({})
    for (let n = 0; n < 7; n++) await store({ receivedAt: new Date(Date.now() - n * day), summary: summary(`Mail ${n}`) })
    await store({ receivedAt: new Date(Date.now() - 10 * day), summary: summary("For the boss (50% off)"), owners: ["boss@example.com"] })
    await store({ receivedAt: new Date(Date.now() - 11 * day), summary: summary("Foreign"), owners: ["eve@other.example"], domains: ["other.example"] })
    await store({ receivedAt: new Date(Date.now() - 12 * day), summary: summary("Late"), status: "delayed", viaService: true, direction: "outbound" })
  })

  it("hold what concerns the caller", async () => {
    expect(subjects(await api.call("GET", "/api/archive", anna))).toEqual(["Mail 0", "Mail 1", "Mail 2", "Mail 3", "Mail 4", "Mail 5", "Mail 6", "Late"])
    expect(subjects(await api.call("GET", "/api/archive", administrator))).toEqual(["For the boss (50% off)"])
    expect(subjects(await api.call("GET", "/api/archive?domain=example.com&limit=250", administrator))).toHaveLength(9)
    expect(subjects(await api.call("GET", "/api/archive?user=boss@example.com", administrator))).toEqual(["For the boss (50% off)"])
    expect(subjects(await api.call("GET", "/api/archive?domain=example.com", anna))).toHaveLength(8)
    for (const query of ["domain=other.example", "user=boss@example.com"]) expect((await api.call("GET", `/api/archive?${query}`, anna)).status).toBe(404)
    expect((await api.call("GET", "/api/archive?user=eve@other.example", administrator)).status).toBe(404)
    expect(subjects(await api.call("GET", "/api/tracking?limit=250", anna))).toHaveLength(8)
    expect(subjects(await api.call("GET", "/api/tracking?limit=250", administrator))).toHaveLength(9)
    expect(subjects(await api.call("GET", "/api/tracking", stranger))).toEqual(["Foreign"])
    expect(subjects(await api.call("GET", "/api/tracking?limit=250", operator))).toHaveLength(10)
    expect(subjects(await api.call("GET", "/api/tracking?domain=other.example", operator))).toEqual(["Foreign"])
    expect((await api.call("GET", "/api/tracking?domain=other.example", administrator)).status).toBe(404)
  })

  it("are narrowed by text, direction, status and time", async () => {
    expect(subjects(await api.call("GET", "/api/archive?q=MAIL%203", anna))).toEqual(["Mail 3"])
    expect(subjects(await api.call("GET", "/api/archive?q=%2850%25", administrator))).toEqual(["For the boss (50% off)"])
    expect(subjects(await api.call("GET", "/api/archive?q=.*", anna))).toEqual([])
    const asked = async (q: string) => subjects(await api.call("GET", `/api/archive?q=${encodeURIComponent(q)}`, anna))
    expect(await asked("4 sender@elsewhere.example mail")).toEqual(["Mail 4"])
    expect(await asked('from:sender@ subject:"mail 5"')).toEqual(["Mail 5"])
    expect(await asked("von:anna@example.com")).toEqual([])
    expect(await asked("an:anna betreff:late")).toEqual(["Late"])
    const dayOf = (n: number) => new Date(Date.now() - n * day).toISOString().slice(0, 10)
    expect(await asked(`after:${dayOf(3)} before:${dayOf(1)}`)).toEqual(["Mail 2", "Mail 3"])
    expect(subjects(await api.call("GET", "/api/archive?direction=outbound", anna))).toEqual(["Late"])
    expect(subjects(await api.call("GET", "/api/tracking?status=delayed", anna))).toEqual(["Late"])
    const since = new Date(Date.now() - 2.5 * day).toISOString()
    expect(subjects(await api.call("GET", `/api/archive?from=${since}`, anna))).toEqual(["Mail 0", "Mail 1", "Mail 2"])
    expect(subjects(await api.call("GET", `/api/archive?to=${since}`, anna))).toEqual(["Mail 3", "Mail 4", "Mail 5", "Mail 6", "Late"])
    expect((await api.call("GET", "/api/archive?from=yesterday", anna)).body).toMatchObject({ code: "invalid" })
    expect((await api.call("GET", "/api/archive?direction=sideways", anna)).body).toMatchObject({ code: "invalid" })
  })

  it("page stably while new mail arrives", async () => {
    const seen: string[] = []
    let cursor: string | null = ""
    while (cursor !== null) {
      const page: Answer = await api.call("GET", `/api/archive?limit=3${cursor === "" ? "" : `&cursor=${cursor}`}`, anna)
      seen.push(...subjects(page))
      cursor = page.body["next"] as string | null
      await store({ summary: summary("New") })
    }
    expect(seen).toEqual(["Mail 0", "Mail 1", "Mail 2", "Mail 3", "Mail 4", "Mail 5", "Mail 6", "Late"])
  })

  it("tell what a person got from what they wrote, within the company too", async () => {
    const from = new Date(Date.now() - 20.5 * day).toISOString()
    const to = new Date(Date.now() - 19.5 * day).toISOString()
    const at = { receivedAt: new Date(Date.now() - 20 * day), direction: "internal" as const, owners: ["anna@example.com", "boss@example.com"] }
    const envelope = (mailFrom: string, rcptTo: string) => ({ mailFrom, rcptTo: [rcptTo], smtpUtf8: false, eightBit: false })
    await store({ ...at, summary: summary("To the boss"), envelope: envelope("anna@example.com", "boss@example.com"), deliveries: [delivery("x.0", { recipient: "boss@example.com", user: "boss@example.com" }), delivery("x.1", { target: "mailbox", folder: "Sent" })] })
    await store({ ...at, summary: summary("From the boss"), envelope: envelope("boss@example.com", "anna@example.com") })
    for (const [part, expected] of [["sent", "To the boss"], ["received", "From the boss"]]) expect(subjects(await api.call("GET", `/api/archive?part=${part}&from=${from}&to=${to}`, anna))).toEqual([expected])
    expect(subjects(await api.call("GET", "/api/archive?status=delayed", anna))).toEqual(["Late"])
    await store({ ...at, summary: summary("Delayed"), deliveries: [delivery("y.0", { outageId: "o1" })] })
    expect(subjects(await api.call("GET", "/api/archive?outage=o1", anna))).toEqual(["Delayed"])
    expect(subjects(await api.call("GET", "/api/archive?outage=o1", administrator))).toEqual([])
  })
})

describe("live", () => {
  async function listen(token: string, query = ""): Promise<{ text: () => string; end: () => void }> {
    const ended = new AbortController()
    const response = await fetch(`${api.url}/api/tracking/stream${query}`, { headers: { authorization: `Bearer ${token}` }, signal: ended.signal })
    expect(response.status).toBe(200)
    let text = ""
    void (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString()
    })().catch(() => undefined)
    await expect.poll(() => text).toContain("retry")
    return { text: () => text, end: () => ended.abort() }
  }

  it("tells each caller about their mails within a second, and nobody else", async () => {
    const [own, foreign, all] = await Promise.all([listen(anna), listen(stranger), listen(operator, "?domain=example.com")])
    await new Promise((resolve) => setTimeout(resolve, 300))
    const id = await store({ summary: summary("Live") })
    await expect.poll(own.text, { timeout: 2_000 }).toContain(`event: message\ndata: {"id":"${id}","subject":"Live"`)
    await expect.poll(all.text, { timeout: 2_000 }).toContain(id)
    await api.database.messages.updateOne({ _id: id }, { $set: { status: "delayed" } })
    await expect.poll(own.text, { timeout: 2_000 }).toContain('"status":"delayed"')
    expect(foreign.text()).not.toContain(id)
    for (const stream of [own, foreign, all]) stream.end()
  })

  it("is bounded for each user, and free again once closed", async () => {
    const streams = await Promise.all(Array.from({ length: 20 }, () => listen(anna)))
    const refused = await api.call("GET", "/api/tracking/stream", anna)
    expect(refused.status).toBe(429)
    for (const stream of streams) stream.end()
    await expect.poll(async () => {
      const ended = new AbortController()
      const response = await fetch(`${api.url}/api/tracking/stream`, { headers: { authorization: `Bearer ${anna}` }, signal: ended.signal })
      ended.abort()
      return response.status
    }).toBe(200)
  })
})

describe("the trail", () => {
  it("holds every step in order", async () => {
    const id = await store()
    await api.database.events.insertOne({
      _id: `${id}-deferred`, time: new Date(1_000), event: "deferred", messageId: id, deliveryId: `${id}.0`, recipient: "anna@example.com", server: "127.0.0.1:25", reply: "451 4.3.0 later", detail: null, expireAt: new Date(Date.now() + day),
    })
    expect((await api.call("GET", `/api/tracking/${id}`, anna)).body).toMatchObject({
      id, deliveries: [{ id: `${id}.0`, target: "primary", state: "delivered", reply: "250 ok" }],
      events: [
        { event: "accepted", reply: `250 2.0.0 queued as ${id}` },
        { event: "routed", recipient: "anna@example.com" },
        { event: "deferred", time: "1970-01-01T00:00:01.000Z", server: "127.0.0.1:25", reply: "451 4.3.0 later" },
        { event: "delivered", recipient: "anna@example.com", server: "127.0.0.1:25", reply: "250 ok" },
      ],
    })
  })

  it("of a mail that was refused shows the reply, to administrators alone", async () => {
    const rejections = new Rejections(api.database, (domain) => domain === "example.com", api.deps.log)
    rejections.note({ time: new Date(), client: { address: "192.0.2.7", helo: "elsewhere.example", tls: null, user: null }, mailFrom: "eve@elsewhere.example", recipients: ["nobody@example.com"], reply: { code: 550, enhanced: "5.1.1", text: "no such recipient here" } })
    const listed = async (token: string) => (await api.call("GET", "/api/tracking?status=rejected", token)).body["items"] as { id: string; to: string }[]
    await expect.poll(() => listed(administrator)).toMatchObject([{ from: "eve@elsewhere.example", to: "nobody@example.com", status: "rejected" }])
    const [refused] = await listed(administrator)
    await expect.poll(async () => (await api.call("GET", `/api/tracking/${refused?.id}`, administrator)).body["events"]).toMatchObject([{ event: "rejected", recipient: "nobody@example.com", reply: "550 5.1.1 no such recipient here" }])
    expect(await listed(anna)).toEqual([])
    expect((await api.call("GET", `/api/tracking/${refused?.id}`, anna)).status).toBe(404)
    expect((await api.call("GET", "/api/archive?domain=example.com&q=eve@elsewhere.example", administrator)).body).toMatchObject({ items: [] })
  })
})

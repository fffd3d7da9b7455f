import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startTestApi, storedMessage, type Answer, type TestApi } from "../../../test/support/api.ts"
import { readConfig } from "../../config.ts"
import type { MessageDocument } from "../../store/documents.ts"

let api: TestApi
let webFolder: string
let operator: string
let anna: string
let ben: string
const raw = Buffer.from('From: a@b.example\r\nSubject: Hi\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Hello</p><script>alert(1)</script>\r\n--b\r\nContent-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nfile\r\n--b--\r\n')

async function store(change: Partial<MessageDocument> = {}): Promise<string> {
  const message = storedMessage(change)
  message.deliveries = [{
    id: `${message._id}.0`, hop: "primary:example.com", target: "primary", recipient: "anna@example.com", user: "anna@example.com", folder: null, copyOf: null, state: "delivered", due: null, attempts: 1, lease: null,
    reply: "250 ok", server: "127.0.0.1:25", firstFailedAt: null, finishedAt: new Date(), outageId: null, heldFor: null,
  }]
  const body = await api.deps.bodies.receive(message._id, (async function* () { yield await Promise.resolve(raw) })(), 100_000)
  await api.database.bodies.insertOne(await api.deps.bodies.document(body, message.expireAt))
  await api.database.messages.insertOne(message)
  return message._id
}

const code = async (token: string) => String((await api.call("POST", "/api/addin/codes", token)).body["code"])
let networks = 0
/** Every try from a network of its own, so that none slows another down. */
const pair = (typed: string, device = "Outlook") => api.call("POST", "/api/addin/pair", undefined, { code: typed, device }, { "x-forwarded-for": `10.0.${++networks}.1` })
/** A connected Outlook of somebody, as a code makes it. */
const connect = async (token: string, device = "Outlook") => (await api.deps.sessions.beginAddin(String((await api.call("GET", "/api/session", token)).body["address"]), device)).token
const linkTo = async (id: string, token: string) => String((await api.call("GET", `/api/addin/mails/${id}/link`, token)).body["link"])
const devices = async (token: string) => (await api.call("GET", "/api/addin/devices", token)).body["items"] as { id: string; name: string }[]

beforeAll(async () => {
  webFolder = await mkdtemp(join(tmpdir(), "lifeboat-web-"))
  await mkdir(join(webFolder, "addin"))
  await writeFile(join(webFolder, "addin", "taskpane.html"), '<meta name="office-js" content="%OFFICE_JS%">')
  await writeFile(join(webFolder, "addin", "icon-64.png"), "png")
  api = await startTestApi({ webFolder, config: readConfig({ LIFEBOAT_URL: "https://lifeboat.example.com/", LIFEBOAT_OUTLOOK_WEB: "https://mail.example.com/owa" }) })
  operator = await api.signedIn("admin@localhost", "operator")
  await api.call("PUT", "/api/domains/example.com", operator, {})
  anna = await api.signedIn("anna@example.com")
  ben = await api.signedIn("ben@example.com")
})
afterAll(async () => {
  await api.close()
  await rm(webFolder, { recursive: true })
})

describe("connecting an Outlook", () => {
  it("takes a code of eight characters that look different, once, however it is typed", async () => {
    const made = await api.call("POST", "/api/addin/codes", anna)
    expect(made.body["code"]).toMatch(/^[2-9A-HJKMNP-Z]{8}$/)
    const minutes = (new Date(String(made.body["expiresAt"])).getTime() - Date.now()) / 60_000
    expect(minutes).toBeGreaterThan(9)
    expect(minutes).toBeLessThan(11)
    const typed = String(made.body["code"]).toLowerCase().replace(/^(....)/, " $1-")
    const paired = await pair(typed, "Outlook im Web")
    expect(paired.body).toMatchObject({ address: "anna@example.com", token: expect.stringMatching(/^[\w-]{43}$/) })
    expect((await pair(typed)).body).toMatchObject({ code: "wrong-code" })
    expect((await api.call("GET", "/api/addin/me", String(paired.body["token"]))).body).toMatchObject({ address: "anna@example.com" })
  })

  it("refuses a code that is too old, replaced by a newer one, or nonsense", async () => {
    const old = await code(anna)
    await api.database.addinCodes.updateMany({ address: "anna@example.com" }, { $set: { expireAt: new Date(Date.now() - 1_000) } })
    const replaced = await code(anna)
    const newest = await code(anna)
    for (const wrong of [old, replaced, "", "x", "O0O0O0O0"]) expect((await pair(wrong)).body).toMatchObject({ code: "wrong-code" })
    expect((await pair(newest)).status).toBe(200)
  })

  it("keeps only hashes", async () => {
    const made = await code(anna)
    const token = await connect(ben)
    const kept = JSON.stringify([await api.database.addinCodes.find().toArray(), await api.database.sessions.find().toArray()])
    expect(kept).not.toContain(made)
    expect(kept).not.toContain(token)
  })

  it("is shown to its user and ended by them, and by nobody else", async () => {
    const token = String((await pair(await code(anna), "Outlook\u0000 (Mac)")).body["token"])
    const [first] = await devices(anna)
    expect(first).toMatchObject({ name: "Outlook (Mac)" })
    expect((await devices(ben)).map((each) => each.id)).not.toContain(first?.id)
    expect((await api.call("DELETE", `/api/addin/devices/${first?.id}`, ben)).status).toBe(404)
    expect((await api.call("GET", "/api/addin/me", token)).status).toBe(200)
    expect((await api.call("DELETE", `/api/addin/devices/${first?.id}`, anna)).status).toBe(204)
    expect((await api.call("GET", "/api/addin/me", token)).status).toBe(401)
  })

  it("ends itself, with the password and with the user", async () => {
    const [own, byPassword, byUser] = [await connect(ben), await connect(ben), await connect(await api.signedIn("carla@example.com"))]
    expect((await api.call("DELETE", "/api/addin/me", own)).status).toBe(204)
    expect((await api.call("GET", "/api/addin/me", own)).status).toBe(401)
    await api.call("PUT", "/api/session/password", ben, { current: "correct horse battery", password: "another horse battery" })
    expect((await api.call("GET", "/api/addin/me", byPassword)).status).toBe(401)
    await api.call("DELETE", "/api/domains/example.com/users/carla@example.com", operator)
    expect((await api.call("GET", "/api/addin/me", byUser)).status).toBe(401)
  })

  it("keeps the newest twenty", async () => {
    const dora = await api.signedIn("dora@example.com")
    const user = await api.database.users.findOne({ _id: "dora@example.com" })
    const first = await connect(dora, "first")
    await api.database.sessions.updateOne({ address: "dora@example.com", "addin.name": "first" }, { $set: { "addin.usedAt": new Date(0) } })
    for (let n = 0; n < 20; n++) await api.deps.sessions.beginAddin(user?._id ?? "", `Outlook ${n}`)
    await pair(await code(dora), "last")
    expect(await devices(dora)).toHaveLength(20)
    expect((await api.call("GET", "/api/addin/me", first)).status).toBe(401)
  })

  it("slows guessing down, and making codes", async () => {
    const elsewhere = { "x-forwarded-for": "198.51.100.7" }
    const statuses: number[] = []
    for (let n = 0; n < 12; n++) statuses.push((await api.call("POST", "/api/addin/pair", undefined, { code: "22222222", device: "" }, elsewhere)).status)
    expect(statuses.slice(0, 5)).toEqual([400, 400, 400, 400, 400])
    expect(statuses.at(-1)).toBe(429)
    const good = await code(anna)
    const held = await api.call("POST", "/api/addin/pair", undefined, { code: good, device: "" }, elsewhere)
    expect(held.body).toMatchObject({ code: "too-many-attempts" })
    expect((await pair(good)).status).toBe(200)
    const eager = await api.signedIn("emil@example.com")
    const made: number[] = []
    for (let n = 0; n < 11; n++) made.push((await api.call("POST", "/api/addin/codes", eager)).status)
    expect(made).toEqual([...Array<number>(10).fill(200), 429])
  })
})

describe("the token of an Outlook", () => {
  it("reads the archive and has mail delivered again, and does nothing else", async () => {
    const id = await store()
    const token = await connect(anna)
    expect((await api.call("GET", "/api/archive", token)).status).toBe(200)
    expect((await api.call("GET", `/api/archive/${id}`, token)).body).toMatchObject({ id, html: true })
    expect((await api.call("GET", `/api/archive/${id}/raw`, token)).text).toContain("Subject: Hi")
    expect((await api.call("POST", `/api/archive/${id}/redeliver`, token)).body).toEqual({ deliveries: [`${id}.1`] })
    const open = api.api.routes().filter(({ method, url, access }) => method !== "HEAD" && access !== "public" && `${method} ${url}` !== "DELETE /api/addin/me")
    const allowed: string[] = []
    for (const { method, url } of open) {
      const answer = await api.call(method, url.replace(":domain", "example.com").replace(/:\w+/g, "x"), token)
      if (answer.status !== 403) allowed.push(`${method} ${url}`)
    }
    expect(allowed.toSorted()).toEqual([
      "GET /api/addin/mails/:id/link", "GET /api/addin/me", "GET /api/archive", "GET /api/archive/:id", "GET /api/archive/:id/attachments.zip", "GET /api/archive/:id/attachments/:attachment", "GET /api/archive/:id/attachments/:attachment/mail", "GET /api/archive/:id/attachments/:attachment/mail/html", "GET /api/archive/:id/attachments/:attachment/text", "GET /api/archive/:id/html", "GET /api/archive/:id/raw", "POST /api/archive/:id/redeliver",
    ])
  })

  it("counts as a bearer only, never as a cookie", async () => {
    const token = await connect(anna)
    expect((await api.call("GET", "/api/archive", undefined, undefined, { cookie: `lifeboat=${token}` })).status).toBe(401)
  })

  it("shows an operator no more than their own mail", async () => {
    const id = await store()
    const token = await connect(operator)
    expect((await api.call("GET", `/api/archive/${id}`, operator)).status).toBe(200)
    expect((await api.call("GET", `/api/archive/${id}`, token)).status).toBe(404)
    expect((await api.call("GET", "/api/archive?user=anna@example.com", token)).status).toBe(404)
  })

  it("shows nobody's mail but its user's", async () => {
    const id = await store()
    const token = await connect(await api.signedIn("frida@example.com"))
    for (const rest of ["", "/html", "/raw", "/attachments/0"]) expect((await api.call("GET", `/api/archive/${id}${rest}`, token)).status).toBe(404)
    const link = await linkTo(id, token)
    for (const rest of ["/html", "/raw", "/attachments/0"]) expect((await api.call("GET", `/api/archive/${id}${rest}?link=${link}`)).status).toBe(404)
  })
})

describe("a link to one mail", () => {
  const frames = (answer: Answer) => /frame-ancestors ([^;]*)/.exec(answer.headers.get("content-security-policy") ?? "")?.[1]

  it("shows it in a frame of Outlook, as safe as everywhere", async () => {
    const id = await store()
    const token = await connect(anna)
    const page = await api.call("GET", `/api/archive/${id}/html?link=${await linkTo(id, token)}`)
    expect(page.status).toBe(200)
    expect(page.text).toContain("Hello")
    expect(page.text).not.toContain("alert(1)")
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none';.*sandbox/)
    expect(frames(page)).toContain("https://outlook.office.com")
    expect(page.headers.get("x-frame-options")).toBeNull()
    const ours = await api.call("GET", `/api/archive/${id}/html`, anna)
    expect(frames(ours)).toBe("'self'")
    expect(ours.headers.get("x-frame-options")).toBe("SAMEORIGIN")
  })

  it("gives its attachments and its source", async () => {
    const id = await store()
    const link = await linkTo(id, await connect(anna))
    const file = await api.call("GET", `/api/archive/${id}/attachments/0?link=${link}`)
    expect([file.text.trim(), file.headers.get("content-disposition")]).toEqual(["file", expect.stringMatching(/^attachment/)])
    expect((await api.call("GET", `/api/archive/${id}/raw?link=${link}`)).status).toBe(200)
  })

  it("opens no other mail, no other route, and nothing once changed, too old, or its Outlook is disconnected", async () => {
    const [id, other] = [await store(), await store()]
    const token = await connect(anna, "soon gone")
    const link = await linkTo(id, token)
    expect((await api.call("GET", `/api/archive/${other}/html?link=${link}`)).status).toBe(401)
    expect((await api.call("GET", `/api/archive?link=${link}`)).status).toBe(401)
    expect((await api.call("GET", `/api/archive/${id}?link=${link}`)).status).toBe(401)
    const [expires, session = "", signature = ""] = link.split(".")
    for (const forged of [`${Number(expires) + 60_000}.${session}.${signature}`, `${expires}.${session}.${"A".repeat(43)}`, `${expires}.${"A".repeat(43)}.${signature}`, "x", ""]) expect((await api.call("GET", `/api/archive/${id}/html?link=${forged}`)).status).toBe(401)
    const [device] = (await devices(anna)).filter((each) => each.name === "soon gone")
    await api.call("DELETE", `/api/addin/devices/${device?.id}`, anna)
    expect((await api.call("GET", `/api/archive/${id}/html?link=${link}`)).status).toBe(401)
  })

  it("is made for an Outlook only", async () => expect((await api.call("GET", "/api/addin/mails/x/link", anna)).status).toBe(403))
})

describe("what Outlook loads", () => {
  it("is a manifest with an id that stays", async () => {
    const first = await api.call("GET", "/addin/manifest.xml")
    expect(first.headers.get("content-type")).toMatch(/^text\/xml/)
    const [, id] = /<Id>([0-9a-f-]{36})<\/Id>/.exec(first.text) ?? []
    expect((await api.call("GET", "/addin/manifest.xml")).text).toBe(first.text)
    expect((await api.call("GET", "/api/domains/example.com/addin", operator)).body).toEqual({ manifestUrl: "https://lifeboat.example.com/addin/manifest.xml", id, secure: true })
  })

  it("is a pane that Outlook on the web may frame, and nobody else", async () => {
    const pane = await api.call("GET", "/addin/taskpane.html?_host_Info=Outlook$Web$16.01")
    expect(pane.text).toContain('content="https://appsforoffice.microsoft.com/lib/1/hosted/office.js"')
    const policy = pane.headers.get("content-security-policy") ?? ""
    expect(policy).toContain("default-src 'none'; script-src 'self' https://appsforoffice.microsoft.com https://officeapis.public.onecdn.static.microsoft https://ajax.aspnetcdn.com;")
    expect(policy).toContain("frame-ancestors 'self' https://outlook.office.com https://outlook.office365.com https://outlook.live.com https://outlook.cloud.microsoft https://mail.example.com")
    expect(policy).not.toContain("unsafe")
    expect(pane.headers.get("x-frame-options")).toBeNull()
    for (const path of ["/", "/archive", "/addin/manifest.xml", "/api/openapi.json"]) {
      const other = await api.call("GET", path)
      expect([other.headers.get("x-frame-options"), /frame-ancestors ([^;]*)/.exec(other.headers.get("content-security-policy") ?? "")?.[1]]).toEqual(["SAMEORIGIN", "'self'"])
    }
  })

  it("are icons that Outlook may show and keep", async () => {
    const icon = await api.call("GET", "/addin/icon-64.png")
    expect([icon.status, icon.headers.get("content-type"), icon.headers.get("cross-origin-resource-policy"), icon.headers.get("cache-control")]).toEqual([200, "image/png", "cross-origin", "public, max-age=86400"])
    expect((await api.call("GET", "/addin/icon-32.png")).status).toBe(404)
    expect((await api.call("GET", "/addin/..%2Ftaskpane.html")).status).toBe(400)
  })
})

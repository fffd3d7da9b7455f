import { connect } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startTestApi, storedMessage, testPassword, type TestApi } from "../../test/support/api.ts"

let api: TestApi
let operator: string
let administrator: string
let anna: string
let stranger: string

beforeAll(async () => {
  api = await startTestApi()
  operator = await api.signedIn("admin@localhost", "operator")
  for (const domain of ["example.com", "other.example"]) {
    expect((await api.call("PUT", `/api/domains/${domain}`, operator, { primary: { host: "127.0.0.1", port: 2500, tls: "none" } })).status).toBe(200)
  }
  administrator = await api.signedIn("boss@example.com", "administrator")
  anna = await api.signedIn("anna@example.com")
  stranger = await api.signedIn("eve@other.example", "administrator")
})
afterAll(() => api.close())

describe("sessions", () => {
  it("says who I am and forgets it after signing out", async () => {
    const { body } = await api.call("POST", "/api/session", undefined, { address: "ANNA@Example.com", password: testPassword })
    expect(body).toMatchObject({ address: "anna@example.com", role: "user", domains: ["example.com"], mailbox: true })
    const token = String(body["token"])
    expect((await api.call("GET", "/api/session", token)).status).toBe(200)
    const left = await api.call("DELETE", "/api/session", token)
    expect([left.status, left.headers.get("clear-site-data")]).toEqual([204, '"cache"'])
    expect((await api.call("GET", "/api/session", token)).body).toMatchObject({ code: "not-signed-in" })
  })

  it("gives an operator every domain", async () => {
    expect((await api.call("GET", "/api/session", operator)).body["domains"]).toEqual(["example.com", "other.example"])
  })

  it("answers unknown users and wrong passwords alike", async () => {
    const wrong = await api.call("POST", "/api/session", undefined, { address: "boss@example.com", password: "nope nope" })
    const unknown = await api.call("POST", "/api/session", undefined, { address: "nobody@example.com", password: "nope nope" })
    expect(wrong.status).toBe(401)
    expect(unknown.body).toEqual(wrong.body)
  })

  it("keeps the cookie from scripts and asks cookie callers for the CSRF value", async () => {
    const signedIn = await api.call("POST", "/api/session", undefined, { address: "anna@example.com", password: testPassword })
    const setCookie = signedIn.headers.get("set-cookie") ?? ""
    expect(setCookie).toMatch(/^lifeboat=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
    const cookie = { cookie: setCookie.split(";")[0] ?? "" }
    expect((await api.call("GET", "/api/session", undefined, undefined, cookie)).status).toBe(200)
    expect((await api.call("PUT", "/api/session", undefined, { language: "de" }, cookie)).body).toMatchObject({ code: "csrf" })
    expect((await api.call("PUT", "/api/session", undefined, { language: "de" }, { ...cookie, "x-csrf-token": "x".repeat(32) })).status).toBe(403)
    const csrf = { "x-csrf-token": String(signedIn.body["csrf"]) }
    expect((await api.call("PUT", "/api/session", undefined, { language: "de" }, { ...cookie, ...csrf })).body).toMatchObject({ language: "de" })
  })

  it("marks the cookie secure behind https", async () => {
    const signedIn = await api.call("POST", "/api/session", undefined, { address: "anna@example.com", password: testPassword }, { "x-forwarded-proto": "https" })
    expect(signedIn.headers.get("set-cookie")).toMatch(/; Secure/)
  })

  it("slows guessing down without locking the user out elsewhere", async () => {
    await api.signedIn("victim@example.com")
    const guess = () => api.call("POST", "/api/session", undefined, { address: "victim@example.com", password: "guess guess" }, { "x-forwarded-for": "203.0.113.9" })
    for (let i = 0; i < 5; i++) expect((await guess()).status).toBe(401)
    const limited = await guess()
    expect(limited.body).toMatchObject({ code: "too-many-attempts" })
    expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(0)
    const elsewhere = await api.call("POST", "/api/session", undefined, { address: "victim@example.com", password: testPassword }, { "x-forwarded-for": "198.51.100.7" })
    expect(elsewhere.status).toBe(200)
  })

  it("changes the own password, which ends the other sessions", async () => {
    const first = await api.signedIn("carl@example.com")
    const second = String((await api.call("POST", "/api/session", undefined, { address: "carl@example.com", password: testPassword })).body["token"])
    expect((await api.call("PUT", "/api/session/password", second, { current: "wrong wrong", password: "another secret" })).status).toBe(401)
    expect((await api.call("PUT", "/api/session/password", second, { current: testPassword, password: "short" })).body).toMatchObject({ code: "password-too-short" })
    expect((await api.call("PUT", "/api/session/password", second, { current: testPassword, password: "another secret" })).status).toBe(204)
    expect((await api.call("GET", "/api/session", first)).status).toBe(401)
    expect((await api.call("GET", "/api/session", second)).status).toBe(200)
    expect((await api.call("POST", "/api/session", undefined, { address: "carl@example.com", password: testPassword })).status).toBe(401)
    expect((await api.call("POST", "/api/session", undefined, { address: "carl@example.com", password: "another secret" })).status).toBe(200)
  })
})

describe("bad input", () => {
  it.each([
    ["a query operator in place of the address", { address: { $ne: null }, password: "x" }],
    ["a query operator in place of the password", { address: "anna@example.com", password: { $gt: "" } }],
    ["an unknown field", { address: "anna@example.com", password: "x", role: "operator" }],
    ["a list", []],
    ["no JSON", "{"],
    ["a prototype", '{"__proto__":{"role":"operator"},"address":"a@b.c","password":"x"}'],
    ["nothing", ""],
  ])("refuses %s", async (_name, body) => {
    const answer = await api.call("POST", "/api/session", undefined, body)
    expect(answer.status).toBe(400)
    expect(answer.body).toEqual({ code: "invalid", message: expect.any(String) })
  })

  it("takes JSON only", async () => {
    const answer = await api.call("POST", "/api/session", undefined, "address=a&password=b", { "content-type": "application/x-www-form-urlencoded" })
    expect(answer.body).toMatchObject({ code: "unsupported-type" })
  })

  it("has a code for a path that does not exist", async () => {
    expect((await api.call("GET", "/api/nothing", anna)).body).toMatchObject({ code: "not-found" })
  })

  it("answers in the same form what it cannot even read", async () => {
    const answer = await api.call("GET", `/api/tracking?q=${"x".repeat(20_000)}`, anna)
    expect([answer.status, answer.body]).toEqual([431, { code: "too-large", message: expect.any(String) }])
    const said = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(api.url).port), "127.0.0.1", () => socket.write("no http at all\r\n\r\n"))
      socket.once("error", reject).once("data", (chunk) => resolve(chunk.toString()))
    })
    expect(said).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*\r\n\r\n\{"code":"invalid","message":"[^"]+"\}$/)
  })

  it.each(["limit=0", "limit=251", "limit=x", "cursor=%25%25"])("refuses a list with %s", async (query) => {
    const answer = await api.call("GET", `/api/tracking?${query}`, anna)
    expect(answer.status).toBe(400)
    expect(answer.body["message"]).toEqual(expect.any(String))
  })
})

describe("domains", () => {
  it("begins with the service on, automatic, for all users", async () => {
    expect((await api.call("GET", "/api/domains/EXAMPLE.com", administrator)).body).toMatchObject({
      domain: "example.com", primary: { host: "127.0.0.1", port: 2500, tls: "none" }, retentionDays: 90, mode: "normal",
      continuity: { enabled: true, activation: "automatic", coverage: "all" },
    })
  })

  it("leaves what is not given as it is and takes effect at once", async () => {
    await api.call("PUT", "/api/domains/example.com", administrator, { primary: { host: "127.0.0.2" }, relay: { addresses: ["192.0.2.0/24"] } })
    const { body } = await api.call("PUT", "/api/domains/example.com", administrator, { retentionDays: 30 })
    expect(body).toMatchObject({ primary: { host: "127.0.0.2", port: 25, tls: "opportunistic" }, retentionDays: 30, relay: { addresses: ["192.0.2.0/24"] } })
    expect(api.domains.get("example.com")?.primary?.host).toBe("127.0.0.2")
  })

  it("refuses ranges that are none", async () => {
    expect((await api.call("PUT", "/api/domains/example.com", administrator, { relay: { addresses: ["10.0.0.0/33"] } })).body).toMatchObject({ code: "invalid" })
  })

  it("lets only an operator create one, and hides foreign ones", async () => {
    expect((await api.call("PUT", "/api/domains/new.example", administrator, {})).status).toBe(404)
    expect((await api.call("GET", "/api/domains/other.example", administrator)).status).toBe(404)
    expect((await api.call("GET", "/api/domains/example.com", anna)).status).toBe(403)
    expect((await api.call("DELETE", "/api/domains/example.com", administrator)).status).toBe(403)
    expect((await api.call("PUT", "/api/domains/b%C3%BCcher.example", operator, {})).body).toMatchObject({ domain: "xn--bcher-kva.example", primary: null })
    expect((await api.call("PUT", "/api/domains/no_domain", operator, {})).body).toMatchObject({ code: "invalid-domain" })
  })

  it("keeps a domain whose mail still waits", async () => {
    await api.call("PUT", "/api/domains/leaving.example", operator, {})
    const message = storedMessage({ domains: ["leaving.example"] })
    message.deliveries = [{ id: `${message._id}.0`, hop: "primary:leaving.example", target: "primary", recipient: "a@leaving.example", user: null, folder: null, copyOf: null, state: "deferred", due: new Date(), attempts: 1, lease: null, reply: "451 later", server: null, firstFailedAt: null, finishedAt: null, outageId: null, heldFor: null }]
    await api.database.messages.insertOne(message)
    expect((await api.call("DELETE", "/api/domains/leaving.example", operator)).body).toMatchObject({ code: "domain-has-mail" })
    expect((await api.call("GET", "/api/domains/leaving.example/queue", operator)).body).toMatchObject({ groups: [{ state: "deferred", count: 1 }], items: [{ id: `${message._id}.0`, recipient: "a@leaving.example", reply: "451 later" }], next: null })
    await api.database.messages.deleteOne({ _id: message._id })
    expect((await api.call("DELETE", "/api/domains/leaving.example", operator)).status).toBe(204)
    expect((await api.call("GET", "/api/domains/leaving.example", operator)).status).toBe(404)
  })

  it("lists learned recipients that no user has", async () => {
    const now = new Date()
    const callout = (address: string) => ({ _id: address, domain: "example.com", verdict: "accepted" as const, reply: "250", checkedAt: now, acceptedAt: now, expireAt: new Date(now.getTime() + 1e9) })
    await api.database.callouts.insertMany([callout("anna@example.com"), callout("anna+shop@example.com"), callout("info@example.com")])
    expect((await api.call("GET", "/api/domains/example.com/learned", administrator)).body).toEqual({ items: [{ address: "info@example.com", acceptedAt: now.toISOString() }], next: null })
  })

  it("writes an audit log without secrets", async () => {
    await api.call("POST", "/api/domains/example.com/users", administrator, { address: "audited@example.com", password: "very secret indeed" })
    const acts = await api.database.audit.find({ by: "boss@example.com" }).toArray()
    expect(acts.map((act) => act.act)).toContain("user-created")
    expect(JSON.stringify(acts)).not.toContain("very secret")
  })
})

describe("users", () => {
  const path = "/api/domains/example.com/users"

  it("creates, finds, changes and deletes", async () => {
    const created = await api.call("POST", path, administrator, { address: "Dora@example.com", name: "Dora Dorn", aliases: ["dd@example.com"], password: "a good password" })
    expect(created.status).toBe(201)
    expect(created.body).toEqual({ address: "dora@example.com", name: "Dora Dorn", aliases: ["dd@example.com"], role: "user", source: "local", covered: true, ready: true, language: null, lastLoginAt: null })
    expect((await api.call("GET", `${path}?q=RA%20DO`, administrator)).body).toMatchObject({ items: [{ address: "dora@example.com" }], next: null })
    expect((await api.call("PUT", `${path}/dora@example.com`, administrator, { name: "D" })).body).toMatchObject({ name: "D", aliases: ["dd@example.com"] })
    expect((await api.call("POST", "/api/session", undefined, { address: "dora@example.com", password: "a good password" })).status).toBe(200)
    expect((await api.call("DELETE", `${path}/dora@example.com`, administrator)).status).toBe(204)
    expect((await api.call("GET", `${path}/dora@example.com`, administrator)).body).toMatchObject({ code: "user-not-found" })
    expect((await api.call("POST", "/api/session", undefined, { address: "dora@example.com", password: "a good password" })).status).toBe(401)
  })

  it.each([
    [{ address: "anna@example.com" }, 409, "address-exists"],
    [{ address: "an.na@example.com" }, 409, "address-too-similar"],
    [{ address: "fritz@other.example" }, 400, "address-outside-domain"],
    [{ address: "fritz@example.com", aliases: ["fritz@other.example"] }, 400, "address-outside-domain"],
    [{ address: "fritz@example.com", aliases: ["anna@example.com"] }, 409, "alias-exists"],
    [{ address: "fritz" }, 400, "invalid-address"],
    [{ address: "fritz@example.com", password: "short" }, 400, "password-too-short"],
    [{ address: "fritz@example.com", role: "operator" }, 403, "not-allowed"],
    [{ address: "fritz@example.com", role: "emperor" }, 400, "invalid"],
  ])("refuses %j with %i %s", async (body, status, code) => {
    const answer = await api.call("POST", path, administrator, body)
    expect([answer.status, answer.body["code"]]).toEqual([status, code])
  })

  it("gives an address or alias to one user only", async () => {
    expect((await api.call("POST", path, administrator, { address: "gina@example.com", aliases: ["g@example.com"] })).status).toBe(201)
    expect((await api.call("POST", path, administrator, { address: "g@example.com" })).status).toBe(409)
    expect((await api.call("PUT", `${path}/anna@example.com`, administrator, { aliases: ["g@example.com"] })).body).toMatchObject({ code: "alias-exists" })
    expect((await api.call("PUT", `${path}/gina@example.com`, administrator, { aliases: ["g@example.com", "gi@example.com"] })).status).toBe(200)
  })

  it("keeps administrators from operators, and everybody from their own account", async () => {
    await api.signedIn("op@example.com", "operator")
    expect((await api.call("PUT", `${path}/op@example.com`, administrator, { password: "taken over now" })).status).toBe(403)
    expect((await api.call("DELETE", `${path}/op@example.com`, administrator)).status).toBe(403)
    expect((await api.call("DELETE", `${path}/boss@example.com`, administrator)).body).toMatchObject({ code: "own-account" })
    expect((await api.call("PUT", `${path}/boss@example.com`, administrator, { role: "user" })).body).toMatchObject({ code: "own-account" })
    expect((await api.call("GET", `${path}/anna@example.com`, stranger)).status).toBe(404)
    expect((await api.call("GET", "/api/domains/other.example/users/anna@example.com", stranger)).body).toMatchObject({ code: "user-not-found" })
  })

  it("pages stably", async () => {
    const all = (await api.call("GET", `${path}?limit=250`, administrator)).body["items"] as { address: string }[]
    const paged: string[] = []
    let cursor = ""
    for (let i = 0; i < all.length + 1; i++) {
      const { body } = await api.call("GET", `${path}?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`, administrator)
      paged.push(...(body["items"] as { address: string }[]).map((user) => user.address))
      if (body["next"] === null) break
      cursor = String(body["next"])
      if (i === 0) await api.call("POST", path, administrator, { address: "aaa@example.com" })
    }
    expect(paged).toEqual(all.map((user) => user.address))
  })
})

describe("continuity", () => {
  const path = "/api/domains/other.example/continuity"

  it("adds and removes selected users, and forgets them with all users", async () => {
    expect((await api.call("PUT", path, stranger, { coverage: "selected" })).body).toEqual({ enabled: true, activation: "automatic", coverage: "selected" })
    expect((await api.call("POST", `${path}/users`, stranger, { address: "anna@example.com" })).body).toMatchObject({ code: "user-not-found" })
    expect((await api.call("POST", `${path}/users`, stranger, { address: "Eve@other.example" })).status).toBe(201)
    expect((await api.call("GET", `${path}/users`, stranger)).body).toEqual({ items: [{ address: "eve@other.example", name: "eve@other.example" }], next: null })
    expect((await api.call("GET", "/api/session", stranger)).body).toMatchObject({ mailbox: true })
    expect((await api.call("DELETE", `${path}/users/eve@other.example`, stranger)).status).toBe(204)
    expect((await api.call("DELETE", `${path}/users/eve@other.example`, stranger)).body).toMatchObject({ code: "not-selected" })
    expect((await api.call("GET", "/api/session", stranger)).body).toMatchObject({ mailbox: false })
    await api.call("POST", `${path}/users`, stranger, { address: "eve@other.example" })
    await api.call("PUT", path, stranger, { coverage: "all" })
    await api.call("PUT", path, stranger, { coverage: "selected" })
    expect((await api.call("GET", `${path}/users`, stranger)).body).toEqual({ items: [], next: null })
  })

  it("shows the mode and refuses what is none", async () => {
    expect((await api.call("GET", "/api/domains/other.example/mode", stranger)).body).toMatchObject({ mode: "normal", reason: "initial", by: "automatic", forced: false, open: 0 })
    expect((await api.call("PUT", "/api/domains/other.example/mode", stranger, { force: "panic" })).status).toBe(400)
  })
})

describe("health and pages", () => {
  it("answers monitoring without signing in", async () => {
    expect((await api.call("GET", "/healthz")).body).toEqual({ status: "up" })
    expect((await api.call("GET", "/readyz")).body).toEqual({ ready: true, checks: { database: null } })
    expect((await api.call("GET", "/metrics")).text).toContain("lifeboat_http_request_seconds")
  })

  it("describes itself", async () => {
    const { body } = await api.call("GET", "/api/openapi.json")
    expect(Object.keys(body["paths"] as object)).toContain("/api/domains/{domain}/users")
  })

  it("says a plain sentence where the pages are not built", async () => {
    const page = await api.call("GET", "/mail/inbox")
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/plain; charset=utf-8"])
    expect(page.headers.get("content-security-policy")).toContain("default-src 'self'")
  })
})

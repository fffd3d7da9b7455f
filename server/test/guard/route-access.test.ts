import { MongoClient } from "mongodb"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { routeAccesses } from "../../src/identity/access.ts"
import { startTestApi, type TestApi } from "../support/api.ts"

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})
afterAll(() => api.close())

/** Who may call what. A new route is added here, on purpose. */
const golden = `
public GET /*
public GET /.well-known/autoconfig/mail/config-v1.1.xml
public GET /addin/:icon
public GET /addin/manifest.xml
public GET /addin/taskpane.html
public GET /api/demo
public GET /api/demo/mailboxes/:address
public GET /api/openapi.json
public GET /healthz
public GET /mail/config-v1.1.xml
public GET /metrics
public GET /readyz
public HEAD /*
public HEAD /healthz
public HEAD /readyz
public POST /AutoDiscover/AutoDiscover.xml
public POST /Autodiscover/Autodiscover.xml
public POST /api/addin/pair
public POST /api/session
public POST /api/session/password-request
public POST /api/session/password-reset
public POST /autodiscover/autodiscover.xml
public PUT /api/demo
user DELETE /api/addin/devices/:device
user DELETE /api/addin/me
user DELETE /api/archive/jobs/:id
user DELETE /api/mail/folders/:folder
user DELETE /api/mail/folders/:folder/messages/:id
user DELETE /api/mail/jobs/:id
user DELETE /api/mail/outbox/:id
user DELETE /api/mail/uploads/:id
user DELETE /api/session
user GET /api/addin/devices
user GET /api/addin/mails/:id/link
user GET /api/addin/me
user GET /api/archive
user GET /api/archive/:id
user GET /api/archive/:id/attachments.zip
user GET /api/archive/:id/attachments/:attachment
user GET /api/archive/:id/attachments/:attachment/mail
user GET /api/archive/:id/attachments/:attachment/mail/html
user GET /api/archive/:id/attachments/:attachment/text
user GET /api/archive/:id/html
user GET /api/archive/:id/raw
user GET /api/archive/count
user GET /api/archive/jobs
user GET /api/archive/jobs/:id
user GET /api/archive/zip
user GET /api/archive/zip/found
user GET /api/mail-setup
user GET /api/mail-setup/apple.mobileconfig
user GET /api/mail/contacts
user GET /api/mail/folders
user GET /api/mail/folders/:folder/messages
user GET /api/mail/folders/:folder/messages/:id
user GET /api/mail/folders/:folder/messages/:id/attachments.zip
user GET /api/mail/folders/:folder/messages/:id/attachments/:attachment
user GET /api/mail/folders/:folder/messages/:id/attachments/:attachment/mail
user GET /api/mail/folders/:folder/messages/:id/attachments/:attachment/mail/html
user GET /api/mail/folders/:folder/messages/:id/attachments/:attachment/text
user GET /api/mail/folders/:folder/messages/:id/html
user GET /api/mail/folders/:folder/messages/:id/raw
user GET /api/mail/jobs/:id
user GET /api/mail/outbox
user GET /api/mail/picture
user GET /api/mail/settings
user GET /api/mail/status
user GET /api/mail/stream
user GET /api/mail/threads/:thread
user GET /api/mail/uploads/:id
user GET /api/mail/zip
user GET /api/session
user GET /api/tracking
user GET /api/tracking.csv
user GET /api/tracking/:id
user GET /api/tracking/stream
user POST /api/addin/codes
user POST /api/archive/:id/redeliver
user POST /api/archive/jobs
user POST /api/archive/redeliver
user POST /api/mail/drafts
user POST /api/mail/folders
user POST /api/mail/folders/:folder/messages/:id/invitation
user POST /api/mail/jobs
user POST /api/mail/jobs/:id/undo
user POST /api/mail/send
user POST /api/mail/uploads
user PUT /api/mail/folders/:folder
user PUT /api/mail/folders/:folder/messages
user PUT /api/mail/folders/:folder/messages/:id
user PUT /api/mail/settings
user PUT /api/session
user PUT /api/session/password
administrator DELETE /api/domains/:domain/continuity/users/:address
administrator DELETE /api/domains/:domain/users/:address
administrator GET /api/domains
administrator GET /api/domains/:domain
administrator GET /api/domains/:domain/addin
administrator GET /api/domains/:domain/continuity
administrator GET /api/domains/:domain/continuity/users
administrator GET /api/domains/:domain/dns
administrator GET /api/domains/:domain/learned
administrator GET /api/domains/:domain/mode
administrator GET /api/domains/:domain/outages
administrator GET /api/domains/:domain/outages/:id
administrator GET /api/domains/:domain/queue
administrator GET /api/domains/:domain/queue/held
administrator GET /api/domains/:domain/users
administrator GET /api/domains/:domain/users.csv
administrator GET /api/domains/:domain/users/:address
administrator POST /api/domains/:domain/continuity/users
administrator POST /api/domains/:domain/dkim
administrator POST /api/domains/:domain/queue/held
administrator POST /api/domains/:domain/queue/retry
administrator POST /api/domains/:domain/test-connection
administrator POST /api/domains/:domain/users
administrator POST /api/domains/:domain/users/import
administrator PUT /api/domains/:domain
administrator PUT /api/domains/:domain/continuity
administrator PUT /api/domains/:domain/mode
administrator PUT /api/domains/:domain/users/:address
operator DELETE /api/domains/:domain
`.trim().split("\n")

const routes = golden.map((line) => {
  const [access = "", method = "", path = ""] = line.split(" ")
  return { access, method, path }
})

describe("access to routes", () => {
  it("is declared by every route, as in this table", () => {
    const found = api.api.routes().map(({ method, url, access }) => `${access} ${method} ${url}`)
    const order = (line: string) => routeAccesses.findIndex((access) => line.startsWith(`${access} `))
    expect(found.toSorted((a, b) => order(a) - order(b) || (a < b ? -1 : 1))).toEqual(golden)
  })

  it("is refused to strangers, users and administrators of another domain", async () => {
    const operator = await api.signedIn("admin@localhost", "operator")
    await api.call("PUT", "/api/domains/example.com", operator, {})
    const user = await api.signedIn("anna@example.com")
    const stranger = await api.signedIn("eve@other.example", "administrator")
    for (const { access, method, path } of routes) {
      if (access === "public") continue
      const url = path.replace(":domain", "example.com").replace(":address", "anna@example.com").replace(/:\w+/g, "x")
      const name = `${method} ${path}`
      expect([name, (await api.call(method, url)).status]).toEqual([name, 401])
      expect([name, (await api.call(method, url, "x".repeat(43))).status]).toEqual([name, 401])
      if (access === "user") continue
      expect([name, (await api.call(method, url, user)).status]).toEqual([name, 403])
      if (path.includes(":domain")) expect([name, (await api.call(method, url, stranger)).status]).toEqual([name, access === "operator" ? 403 : 404])
    }
  })

  it("answers every refusal with a code and a message", async () => {
    for (const { method, path } of routes.filter((route) => route.access !== "public")) {
      const { body } = await api.call(method, path.replace(/:\w+/g, "x"))
      expect(body).toEqual({ code: "not-signed-in", message: expect.any(String) })
    }
  })
})

describe("without the database", () => {
  it("says that it is not possible right now", async () => {
    const operator = await api.signedIn("second@localhost", "operator")
    const client: MongoClient = api.database.client
    await client.close()
    const answer = await api.call("GET", "/api/session", operator)
    expect([answer.status, answer.body["code"]]).toEqual([503, "unavailable"])
    expect((await api.call("POST", "/api/session", undefined, { address: "second@localhost", password: "whatever" })).body).toMatchObject({ code: "unavailable" })
    expect((await api.call("GET", "/healthz")).status).toBe(200)
    await client.connect()
  })
})

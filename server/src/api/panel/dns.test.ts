import { createPrivateKey, createPublicKey } from "node:crypto"
import { afterAll, beforeAll, expect, it } from "vitest"
import type { DnsView } from "@lifeboat/shared/schemas/domain"
import { startTestApi, type TestApi } from "../../../test/support/api.ts"
import { startNameServer, type Zone } from "../../../test/support/name-server.ts"
import { readConfig } from "../../config.ts"

const zones: Record<string, Zone> = {
  "mail.lifeboat.example": { a: ["192.0.2.7"] },
  "example.com": { mx: [{ priority: 10, exchange: "mail.lifeboat.example" }], txt: ["v=spf1 ip4:192.0.2.7 -all"] },
  "_dmarc.example.com": { broken: true },
  "autoconfig.example.com": { cname: "mail.lifeboat.example" },
  "autodiscover.example.com": { silent: true },
  "_imaps._tcp.example.com": { srv: [{ port: 2993, target: "mail.lifeboat.example" }] },
  "_imap._tcp.example.com": { srv: [{ port: 143, target: "elsewhere.example" }] },
}
let names: Awaited<ReturnType<typeof startNameServer>>
let api: TestApi
let administrator: string

beforeAll(async () => {
  names = await startNameServer(zones)
  api = await startTestApi({ config: readConfig({ LIFEBOAT_HOSTNAME: "mail.lifeboat.example" }), nameServers: [names.server] })
  await api.call("PUT", "/api/domains/example.com", await api.signedIn("admin@localhost", "operator"), {})
  administrator = await api.signedIn("boss@example.com", "administrator")
})
afterAll(async () => {
  await api.close()
  await names.stop()
})

const results = async () => {
  const { body } = await api.call("GET", "/api/domains/example.com/dns", administrator)
  return (body as unknown as DnsView).records.map(({ type, name, result, found }) => [type, name, result, ...found])
}

it("says of each record what the name service has, within its time", async () => {
  const began = performance.now()
  expect(await results()).toEqual([
    ["MX", "example.com", "found", "10 mail.lifeboat.example."],
    ["TXT", "example.com", "found", "v=spf1 ip4:192.0.2.7 -all"],
    ["TXT", "_dmarc.example.com", "unknown"],
    ["CNAME", "autoconfig.example.com", "found", "mail.lifeboat.example."],
    ["CNAME", "autodiscover.example.com", "unknown"],
    ["SRV", "_autodiscover._tcp.example.com", "missing"],
    ["SRV", "_imaps._tcp.example.com", "found", "0 1 2993 mail.lifeboat.example."],
    ["SRV", "_imap._tcp.example.com", "different", "0 1 143 elsewhere.example."],
    ["SRV", "_pop3s._tcp.example.com", "missing"],
    ["SRV", "_submissions._tcp.example.com", "missing"],
    ["SRV", "_submission._tcp.example.com", "missing"],
  ])
  expect(performance.now() - began).toBeLessThan(5_000)
})

it("makes a key whose private half stays here", async () => {
  expect((await api.call("GET", "/api/domains/example.com/dns", administrator)).body["dkim"]).toBeNull()
  const made = await api.call("POST", "/api/domains/example.com/dkim", administrator)
  expect(made.status).toBe(201)
  expect(made.body["name"]).toMatch(/^lifeboat\d{6}\._domainkey\.example\.com$/)
  expect(Object.keys(made.body).toSorted()).toEqual(["createdAt", "name", "selector", "value"])
  const again = await api.call("POST", "/api/domains/example.com/dkim", administrator)
  expect([again.status, again.body]).toEqual([200, made.body])

  const stored = await api.database.dkimKeys.findOne({ domain: "example.com" })
  const pair = createPublicKey(createPrivateKey(stored?.privateKey ?? ""))
  expect(pair.asymmetricKeyDetails?.modulusLength).toBe(2048)
  expect(made.body["value"]).toBe(`v=DKIM1; k=rsa; p=${pair.export({ type: "spki", format: "der" }).toString("base64")}`)

  zones[String(made.body["name"])] = { txt: [String(made.body["value"])] }
  expect((await results()).find(([, name]) => name === made.body["name"])).toMatchObject(["TXT", made.body["name"], "found", made.body["value"]])
  const { text } = await api.call("GET", "/api/domains/example.com/dns", administrator)
  expect(text).not.toContain("PRIVATE KEY")
})

it("keeps the smarthost's password to itself", async () => {
  const path = "/api/domains/example.com"
  const put = (smarthost: unknown) => api.call("PUT", path, administrator, { relay: { smarthost } })
  const stored = async () => (await api.database.domains.findOne({ _id: "example.com" }))?.relay.smarthost
  const host = { host: "smtp.provider.example", port: 587 }
  const auth = { user: "us", password: "smarthost secret" }
  const set = await put({ ...host, ...auth })
  expect([set.status, (set.body["relay"] as Record<string, unknown>)["smarthost"]]).toEqual([200, { ...host, user: "us" }])
  expect(await stored()).toEqual({ ...host, auth })
  expect((await api.call("GET", path, administrator)).text).not.toContain("smarthost secret")
  expect(JSON.stringify(await api.database.audit.find({}).toArray())).not.toContain("smarthost secret")

  // Left out it stays, but never goes to another server or with another user.
  await put({ ...host, user: "us" })
  await put(host)
  expect(await stored()).toEqual({ ...host, auth })
  expect((await put({ ...host, user: "them" })).body).toMatchObject({ code: "invalid" })
  expect((await put({ host: "elsewhere.example", port: 587, user: "us" })).body).toMatchObject({ code: "invalid" })
  expect((await put({ ...host, user: "a\r\nb", password: "x" })).status).toBe(400)
  await put({ ...host, user: null })
  expect(await stored()).toEqual(host)
})

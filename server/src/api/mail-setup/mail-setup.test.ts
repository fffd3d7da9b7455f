import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startTestApi, type TestApi } from "../../../test/support/api.ts"
import { appleProfile } from "./apple-profile.ts"
import { askedAddress, autodiscoverDocument } from "./autodiscover.ts"
import { mailServers } from "./mail-servers.ts"

const ports = { http: 1, smtp: 2, submission: 2587, submissions: 2465, imap: 2143, imaps: 2993, pop3s: 2995 }
let api: TestApi
let anna: string

beforeAll(async () => {
  api = await startTestApi()
  await api.call("PUT", "/api/domains/example.com", await api.signedIn("admin@localhost", "operator"), {})
  anna = await api.signedIn("anna@example.com")
})
afterAll(() => api.close())

/** `Type Port Encryption` of each server in Outlook's document. */
const protocols = (document: string) => [...document.matchAll(/<Type>(.+?)<.*?<Port>(\d+)<.*?<Encryption>(\w+)</gs)].map(([, ...parts]) => parts.join(" "))

describe("Thunderbird's autoconfig", () => {
  it.each(["/.well-known/autoconfig/mail/config-v1.1.xml", "/mail/config-v1.1.xml"])("is found at %s", async (path) => {
    const { status, text, headers } = await api.call("GET", `${path}?emailaddress=Anna%40Example.com`)
    expect([status, headers.get("content-type")]).toEqual([200, "text/xml; charset=utf-8"])
    const found = [...text.matchAll(/type="(\w+)">\s*<hostname>(\S+)<\/hostname>\s*<port>(\d+)<\/port>\s*<socketType>(\w+)</g)].map(([, ...parts]) => parts.join(" "))
    expect(found).toEqual(["imap localhost 2993 SSL", "imap localhost 2143 STARTTLS", "pop3 localhost 2995 SSL", "smtp localhost 2465 SSL", "smtp localhost 2587 STARTTLS"])
    expect(text.match(/<username>%EMAILADDRESS%<\/username>/g)).toHaveLength(5)
  })

  it("says the same of an address that nobody has", async () => {
    const [known, unknown] = await Promise.all(["anna", "nobody"].map((local) => api.call("GET", `/mail/config-v1.1.xml?emailaddress=${local}%40example.com`)))
    expect(unknown?.text).toBe(known?.text)
  })

  it.each(["?emailaddress=anna%40elsewhere.example", "?emailaddress=%3C%3E", "?emailaddress=", ""])("knows nothing of %s", async (query) => {
    expect((await api.call("GET", `/mail/config-v1.1.xml${query}`)).status).toBe(404)
  })

  it("reads the domain from the host name where no address is given", async () => {
    expect((await api.call("GET", "/mail/config-v1.1.xml", undefined, undefined, { "x-forwarded-host": "autoconfig.example.com" })).text).toContain('<emailProvider id="example.com">')
  })
})

describe("Outlook's autodiscover", () => {
  const ask = (path: string, address: string, type = "text/xml") =>
    api.call("POST", path, undefined, `<?xml version="1.0"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>${address}</EMailAddress></Request></Autodiscover>`, { "content-type": type })

  it.each(["/autodiscover/autodiscover.xml", "/Autodiscover/Autodiscover.xml", "/AutoDiscover/AutoDiscover.xml"])("is found at %s", async (path) => {
    const { status, text } = await ask(path, "anna@example.com")
    expect(status).toBe(200)
    expect(protocols(text)).toEqual(["IMAP 2993 SSL", "IMAP 2143 TLS", "POP3 2995 SSL", "SMTP 2465 SSL", "SMTP 2587 TLS"])
    expect(text.match(/<LoginName>anna@example.com<\/LoginName>/g)).toHaveLength(5)
  })

  it("says the same of an address that nobody has, and nothing of other domains", async () => {
    expect((await ask("/autodiscover/autodiscover.xml", "nobody@example.com", "application/xml")).text.replaceAll("nobody", "anna")).toBe((await ask("/autodiscover/autodiscover.xml", "anna@example.com")).text)
    expect((await ask("/autodiscover/autodiscover.xml", "anna@elsewhere.example")).body).toMatchObject({ code: "not-found" })
    expect((await ask("/autodiscover/autodiscover.xml", "")).body).toMatchObject({ code: "invalid-address" })
    expect((await ask("/autodiscover/autodiscover.xml", "x".repeat(70_000))).status).toBe(413)
  })

  it("takes an address with markup for an address", () => {
    expect(askedAddress("<a:EMailAddress>o&apos;neil&amp;co@example.com</a:EMailAddress>")).toBe("o'neil&co@example.com")
    const document = autodiscoverDocument("o'neil&<co@example.com", mailServers({ hostname: "mail.example.com", ports }))
    expect(document).toContain("<LoginName>o&apos;neil&amp;&lt;co@example.com</LoginName>")
  })
})

describe("the signed-in user", () => {
  it("gets the facts", async () => {
    expect((await api.call("GET", "/api/mail-setup", anna)).body).toEqual({
      address: "anna@example.com",
      imap: [{ host: "localhost", port: 2993, security: "tls" }, { host: "localhost", port: 2143, security: "starttls" }],
      pop3: [{ host: "localhost", port: 2995, security: "tls" }],
      smtp: [{ host: "localhost", port: 2465, security: "tls" }, { host: "localhost", port: 2587, security: "starttls" }],
    })
  })

  it("gets a profile for Apple's Mail", async () => {
    const { text, headers } = await api.call("GET", "/api/mail-setup/apple.mobileconfig", anna)
    expect(headers.get("content-type")).toBe("application/x-apple-aspen-config")
    expect(text).toMatch(/<key>EmailAddress<\/key>\n<string>anna@example.com<\/string>/)
    expect(text).toMatch(/<key>IncomingMailServerPortNumber<\/key>\n<integer>2993<\/integer>/)
    expect(text).toMatch(/<key>OutgoingMailServerPortNumber<\/key>\n<integer>2465<\/integer>/)
    expect(text).toMatch(/<key>PayloadUUID<\/key>\n<string>[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}</)
  })

  it("may have any name", () => {
    const profile = appleProfile("</string> & \u0007Söhne", { address: "anna@example.com", ...mailServers({ hostname: "mail.example.com", ports }) })
    expect(profile).toContain("<string>&lt;/string&gt; &amp; Söhne</string>")
  })
})

import { createServer, type Server } from "node:http"
import type { ArchiveView } from "@lifeboat/shared/schemas/archive"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startTestApi, storedMessage, type TestApi } from "../../../test/support/api.ts"
import { startNameServer } from "../../../test/support/name-server.ts"
import { readConfig } from "../../config.ts"
import type { MessageDocument } from "../../store/documents.ts"
import { mailHtmlPolicy } from "./mail-page.ts"

const gif = Buffer.from("R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==", "base64")
let api: TestApi
let names: Awaited<ReturnType<typeof startNameServer>>
let outside: Server
let outsideUrl = ""
let anna: string
let boris: string

beforeAll(async () => {
  names = await startNameServer({ "_dmarc.elsewhere.com": { txt: ["v=DMARC1; p=reject"] }, "_dmarc.example.com": { txt: ["v=DMARC1; p=reject"] } })
  outside = createServer((request, response) => void (request.url === "/a.gif" ? response.end(gif) : response.end("<svg/>")))
  await new Promise<void>((resolve) => outside.listen(0, "127.0.0.1", resolve))
  const address = outside.address()
  outsideUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`
  api = await startTestApi({ nameServers: [names.server], config: readConfig({ LIFEBOAT_PICTURE_NETWORKS: "127.0.0.1/32" }) })
  const operator = await api.signedIn("admin@localhost", "operator")
  await api.call("PUT", "/api/domains/example.com", operator, {})
  anna = await api.signedIn("anna@example.com")
  boris = await api.signedIn("boris@example.com")
})
afterAll(async () => {
  outside.close()
  await api.close()
  await names.stop()
})

async function store(lines: readonly string[], change: Partial<MessageDocument> = {}): Promise<string> {
  const raw = Buffer.from(lines.join("\r\n"))
  const message = storedMessage({ size: raw.length, client: { address: "198.41.0.5", name: "", helo: "mx.elsewhere.com", tls: true, user: null }, ...change })
  const body = await api.deps.bodies.receive(message._id, (async function* () { yield await Promise.resolve(raw) })(), 100_000)
  await api.database.bodies.insertOne(await api.deps.bodies.document(body, message.expireAt))
  await api.database.messages.insertOne(message)
  return message._id
}
const head = (from: string, more: readonly string[] = []) => [`From: ${from}`, "To: Anna <anna@example.com>", "Cc: boris@example.com", "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe_<b>?=", "Date: Mon, 01 Jun 2026 10:00:00 +0000", ...more]
const html = (body: string) => ["MIME-Version: 1.0", "Content-Type: text/html; charset=utf-8", "", body]
const view = async (id: string, token = anna) => (await api.call("GET", `/api/archive/${id}`, token)).body as unknown as ArchiveView

describe("a mail of the archive", () => {
  it("has all that reading needs, and says who may not be who they say once that is known", async () => {
    const id = await store([...head('"Boss <boss@example.com>" <x@elsewhere.com>', ["Reply-To: <y@evil.com>"]), ...html("<p style='color:#000'>Hi</p>")])
    expect(await view(id)).toMatchObject({
      id, sent: "2026-06-01T10:00:00.000Z", kept: true, sender: { name: "Boss <boss@example.com>", address: "x@elsewhere.com" }, recipients: { to: [{ name: "Anna", address: "anna@example.com" }], cc: [{ address: "boris@example.com" }], replyTo: [{ address: "y@evil.com" }] },
      html: true, darkReadable: true, senderTrusted: false, remoteContent: 0, invitation: null, authentication: null, warnings: ["name-shows-address", "reply-elsewhere"],
    })
    await expect.poll(async () => (await view(id)).authentication).toEqual({ result: "fail", domain: "elsewhere.com", spf: "none", dkim: "none", dmarc: "fail" })
    expect((await api.database.messages.findOne({ _id: id }))?.authentication?.result).toBe("fail")
  })

  it("warns of its own domain from outside, never of its own people", async () => {
    const forged = await store([...head("Chef <chef@example.com>"), "", "Text"])
    await expect.poll(async () => (await view(forged)).warnings).toEqual(["own-domain-unproven"])
    const own = await store([...head("Chef <chef@example.com>", ["Reply-To: <y@evil.com>"]), "", "Text"], { client: { address: "198.41.0.5", name: "", helo: "x", tls: true, user: "chef@example.com" }, direction: "internal" })
    expect(await view(own)).toMatchObject({ warnings: [], authentication: null })
  })
})

describe("its page", () => {
  it("runs nothing, is the reader's own, and stays in their browser only", async () => {
    const id = await store([...head("x@elsewhere.com"), ...html("<style>p{color:red;background:url(https://e.example/x)}</style><script>x</script><p onclick=x class=a>Hi</p>")])
    const page = await api.call("GET", `/api/archive/${id}/html?pictures=false`, anna)
    expect(page.text).toContain('<style>p{color:red}</style></head><body><p class="a">Hi</p></body>')
    expect(page.headers.get("content-security-policy")).toBe("default-src 'none'; script-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox")
    expect([page.headers.get("cache-control"), page.headers.get("vary")]).toEqual(["private, max-age=3600", "cookie"])
    expect((await api.call("GET", `/api/archive/${id}/html?pictures=false`, boris)).status).toBe(404)
  })

  it("is dark only where it stays readable", async () => {
    const plain = await store([...head("x@elsewhere.com"), ...html("<p style='color:#000;background:#fff'>Hi</p>")])
    expect((await api.call("GET", `/api/archive/${plain}/html?dark=true`, anna)).text).toContain("color-scheme:dark}")
    expect((await api.call("GET", `/api/archive/${plain}/html?dark=true`, anna)).text).toContain("<p>Hi</p>")
    const colourful = await store([...head("x@elsewhere.com"), ...html("<p style='color:#000;background:#fc0'>Hi</p>")])
    expect((await view(colourful)).darkReadable).toBe(false)
    expect((await api.call("GET", `/api/archive/${colourful}/html?dark=true`, anna)).text).toContain("color-scheme:light}")
  })

  it("has a head on paper that no style of the mail reaches", async () => {
    const id = await store([...head('"<b>X</b>" <x@elsewhere.com>'), ...html("<style>header{display:none}</style></template><p>Hi</p>")])
    const page = await api.call("GET", `/api/archive/${id}/html?print=true&zone=Europe/Berlin`, anna, undefined, { "accept-language": "de" })
    expect(page.text).toContain("<header><h1>Grüße &#60;b&#62;</h1><dl><dt>Von</dt><dd>&#60;b&#62;X&#60;/b&#62; &#60;x@elsewhere.com&#62;</dd><dt>Datum</dt><dd>Montag, 1. Juni 2026 um 12:00</dd>")
    expect(page.text).toMatch(/<template shadowrootmode="open"><style>[^<]*header\{display:none\}<\/style><p>Hi<\/p><\/template>/)
    expect(page.headers.get("content-security-policy")).toMatch(/sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-modals$/)
    const text = await store([...head("x@elsewhere.com"), "", "a <b>\r\n c"])
    expect((await api.call("GET", `/api/archive/${text}/html?print=true`, anna)).text).toContain("<pre>a &#60;b&#62;\n c")
  })

  it("has plain text for who asks before knowing that it is", async () => {
    const text = await store([...head("x@elsewhere.com"), "", "a <b>\r\n c"])
    const page = await api.call("GET", `/api/archive/${text}/html?pictures=false&dark=true`, anna)
    expect([page.status, page.headers.get("content-security-policy")]).toEqual([200, mailHtmlPolicy])
    expect(page.text).toMatch(/color-scheme:dark\}.*<pre>a &#60;b&#62;\n c/s)
  })
})

describe("pictures from outside", () => {
  it("come through us when asked for, to the one who asked, and only if they are pictures", async () => {
    const id = await store([...head("x@elsewhere.com"), ...html(`<img src="${outsideUrl}/a.gif"><img src="${outsideUrl}/b.svg">`)])
    expect((await view(id)).remoteContent).toBe(2)
    expect((await api.call("GET", `/api/archive/${id}/html`, anna)).text).not.toContain("127.0.0.1")
    const page = (await api.call("GET", `/api/archive/${id}/html?pictures=true`, anna)).text
    const [shown = "", drawn = ""] = [...page.matchAll(/<img src="([^"]+)"/g)].map((match) => (match[1] ?? "").replaceAll("&amp;", "&"))
    expect(shown).toMatch(/^\/api\/mail\/picture\?u=/)
    const answer = await fetch(api.url + shown, { headers: { authorization: `Bearer ${anna}` } })
    expect(Buffer.from(await answer.arrayBuffer()).equals(gif)).toBe(true)
    expect(answer.headers.get("content-type")).toBe("image/gif")
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff")
    expect((await api.call("GET", drawn, anna)).status).toBe(404)
    expect((await api.call("GET", shown, boris)).status).toBe(404)
    expect((await api.call("GET", shown)).status).toBe(401)
    expect((await api.call("GET", shown.replace("a.gif", "b.gif"), anna)).status).toBe(404)
  })

  it("come by themselves from those who are trusted, unless they only pretend", async () => {
    expect((await api.call("PUT", "/api/mail/settings", anna, { trustedSenders: ["friend@other.com", "x@elsewhere.com"] })).status).toBe(200)
    const letter = html(`<img src="${outsideUrl}/a.gif">`)
    const friend = await store([...head("Friend@OTHER.com"), ...letter])
    expect((await view(friend)).senderTrusted).toBe(true)
    expect((await api.call("GET", `/api/archive/${friend}/html`, anna)).text).toContain("/api/mail/picture")
    expect((await api.call("GET", `/api/archive/${friend}/html?pictures=false`, anna)).text).not.toContain("/api/mail/picture")
    const forged = await store([...head("x@elsewhere.com"), ...letter])
    // At the first look already: by the second one the picture would have told its server.
    expect(await view(forged)).toMatchObject({ senderTrusted: false, authentication: { result: "fail" } })
    expect((await api.call("GET", `/api/archive/${forged}/html`, anna)).text).not.toContain("/api/mail/picture")
  })
})

it("a mail of 2,000 parts and one of nested parts are answered in bounded time", async () => {
  const parts = Array.from({ length: 2_000 }, (_, n) => `--b\r\nContent-Type: text/html\r\n\r\n<p>Part ${n}</p><div>\r\n`).join("")
  const many = await store([...head("x@elsewhere.com"), "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b", "", `${parts}--b--`])
  const nested = await store([...head("x@elsewhere.com"), "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b0", "", Array.from({ length: 500 }, (_, n) => `--b${n}\r\nContent-Type: multipart/mixed; boundary=b${n + 1}\r\n\r\n`).join(""), "x"])
  const started = performance.now()
  for (const id of [many, nested]) expect((await api.call("GET", `/api/archive/${id}`, anna)).status).toBe(200)
  expect((await api.call("GET", `/api/archive/${many}/html`, anna)).text).toContain("Part 100")
  expect(performance.now() - started).toBeLessThan(10_000)
})

import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startTestApi, storedMessage, type TestApi } from "../../../test/support/api.ts"
import { exportColumns, exportedMails } from "./tracking-export.ts"

let api: TestApi
let operator: string
let administrator: string
let anna: string
const begin = Date.parse("2026-03-01T08:00:00Z")
const summary = (subject: string) => ({ subject, from: "Sender <sender@elsewhere.example>", to: "anna@example.com", messageId: null, date: null })

beforeAll(async () => {
  api = await startTestApi()
  operator = await api.signedIn("admin@localhost", "operator")
  for (const domain of ["example.com", "other.example"]) await api.call("PUT", `/api/domains/${domain}`, operator, {})
  administrator = await api.signedIn("boss@example.com", "administrator")
  anna = await api.signedIn("anna@example.com")
  await api.database.messages.insertMany([
    storedMessage({ receivedAt: new Date(begin), summary: summary('=HYPERLINK("http://evil.example")'), status: "delayed", viaService: true }),
    storedMessage({ receivedAt: new Date(begin + 1000), summary: summary("Grüße; und, mehr"), owners: ["ben@example.com"] }),
    storedMessage({ receivedAt: new Date(begin + 2000), summary: summary("foreign"), domains: ["other.example"], owners: ["eve@other.example"] }),
  ])
})
afterAll(() => api.close())

const lines = (text: string) => text.split("\r\n").slice(1, -1)

describe("the export of tracking", () => {
  it("is a file with everything in the caller's reach, newest first", async () => {
    const all = await api.call("GET", "/api/tracking.csv", operator)
    expect([all.status, all.headers.get("content-type"), all.headers.get("content-disposition")]).toEqual([200, "text/csv; charset=utf-8", 'attachment; filename="tracking.csv"'])
    expect(lines(all.text)).toHaveLength(3)
    const { text } = await api.call("GET", "/api/tracking.csv", administrator)
    expect(text.split("\r\n")[0]?.replace("\ufeff", "")).toBe(exportColumns.join(","))
    expect(lines(text)[0]).toMatch(/^2026-03-01T08:00:01\.000Z,inbound,delivered,Sender <sender@elsewhere\.example>,anna@example\.com,"Grüße; und, mehr",100,no,/)
    expect(lines(text)[1]).toContain(`,"'=HYPERLINK(""http://evil.example"")",100,yes,`)
    expect(lines((await api.call("GET", "/api/tracking.csv", anna)).text)).toHaveLength(1)
  })

  it("takes the filters of the list", async () => {
    const count = async (query: string, token = operator) => lines((await api.call("GET", `/api/tracking.csv?${query}`, token)).text).length
    expect(await count("status=delayed")).toBe(1)
    expect(await count("domain=other.example")).toBe(1)
    expect(await count("q=mehr")).toBe(1)
    expect((await api.call("GET", "/api/tracking.csv?domain=other.example", administrator)).status).toBe(404)
    expect((await api.call("GET", "/api/tracking.csv?status=lost", operator)).status).toBe(400)
    expect(lines((await api.call("GET", "/api/tracking.csv?separator=;&q=foreign", operator)).text)[0]).toContain(";inbound;")
  })

  it("goes on over pages and ends at its limit", async () => {
    await api.database.messages.insertMany(Array.from({ length: 1_100 }, (_, n) => storedMessage({ receivedAt: new Date(begin - n * 1000), domains: ["many.example"], owners: [] })))
    const exported = async (limit?: number) => {
      const ids: string[] = []
      for await (const page of await exportedMails(api.database, { visible: { domains: "many.example" } }, limit)) for (const row of page) ids.push(row.at(-1) ?? "")
      return ids
    }
    const all = await exported()
    expect(all).toHaveLength(1_100)
    expect(new Set(all).size).toBe(1_100)
    expect(await exported(700)).toEqual(all.slice(0, 700))
    expect(await exported(500)).toEqual(all.slice(0, 500))
  })
})

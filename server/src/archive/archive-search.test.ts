import { pino } from "pino"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startTestApi, storedMessage, type TestApi } from "../../test/support/api.ts"
import type { MessageDocument } from "../store/documents.ts"
import { ArchiveIndexer, archiveIndexedUpTo } from "./archive-indexer.ts"
import { createMessageId } from "./message-id.ts"

let api: TestApi
let anna: string
let ben: string
let indexer: ArchiveIndexer
const start = Date.now() - 3_600_000
const later = () => new Date(Date.now() + 20_000)

async function store(n: number, subject: string, text: string, change: Partial<MessageDocument> = {}, whole?: string): Promise<string> {
  const at = new Date(start + n * 60_000)
  const message = storedMessage({ _id: createMessageId(at), receivedAt: at, summary: { subject, from: "Jörg Müller <joerg@elsewhere.example>", to: "anna@example.com", messageId: null, date: at }, ...change })
  const raw = Buffer.from(whole ?? ["From: x@elsewhere.example", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: text/plain; charset=utf-8", "", text, ...(subject.includes("Anhang") ? ["--b", "Content-Type: application/pdf", "Content-Disposition: attachment; filename=a.pdf", "", "x"] : []), "--b--", ""].join("\r\n"))
  const body = await api.deps.bodies.receive(message._id, (async function* () { yield await Promise.resolve(raw) })(), 100_000)
  await api.database.bodies.insertOne(await api.deps.bodies.document(body, message.expireAt))
  await api.database.messages.insertOne(message)
  return message._id
}

async function found(q: string, token = anna, rest = ""): Promise<string[]> {
  const answer = await api.call("GET", `/api/archive?q=${encodeURIComponent(q)}${rest}`, token)
  expect([q, answer.status]).toEqual([q, 200])
  return (answer.body["items"] as { subject: string }[]).map(({ subject }) => subject)
}

async function indexAll(): Promise<void> {
  while ((await indexer.round(later())) > 0) continue
}

beforeAll(async () => {
  api = await startTestApi()
  const operator = await api.signedIn("admin@localhost", "operator")
  await api.call("PUT", "/api/domains/example.com", operator, {})
  anna = await api.signedIn("anna@example.com")
  ben = await api.signedIn("ben@example.com")
  indexer = new ArchiveIndexer(api.database, api.deps.bodies, pino({ level: "silent" }))
  await store(1, "Angebot", "Viele Grüße aus der Straße")
  await store(2, "Angebot mit Anhang", "Die Grüße: viele. Zyklotron")
  await store(3, "Bericht", "Angebot ein blauer Elefant")
  await store(4, "Fremdes Angebot", "Zyklotron", { owners: ["ben@example.com"] })
  await store(6, "Zweitausend Teile", "", {}, `Content-Type: multipart/mixed; boundary=b\r\n\r\n${"--b\r\n\r\nKaleidoskop\r\n".repeat(2_000)}--b--`)
  await store(7, "Ohne Zeichensatz", "", {}, "Content-Type: text/plain; charset=iso-8859-1\r\n\r\nGrünspecht")
  await store(8, "Fremde Grenze", "", {}, "Content-Type: multipart/mixed; boundary=b\r\n\r\nSonnenuhr")
  for (let n = 0; n < 30; n++) await store(5, `Reihe ${n}`, `nummer${n} Füllwort`)
})
afterAll(() => api.close())

describe("the archive before it is indexed", () => {
  it("is searched by subject, sender and recipients", async () => {
    expect(await found("angebot")).toEqual(["Angebot mit Anhang", "Angebot"])
    expect(await found("zyklotron")).toEqual([])
  })
})

describe("the indexed archive", () => {
  beforeAll(indexAll)

  it.each([
    ["zyklotron ", ["Angebot mit Anhang"]],
    ["angebot ", ["Bericht", "Angebot mit Anhang", "Angebot"]],
    ["ange", ["Bericht", "Angebot mit Anhang", "Angebot"]],
    ["subject:angebot ", ["Angebot mit Anhang", "Angebot"]],
    ["gruesse ", ["Angebot mit Anhang", "Angebot"]],
    ['"viele grüße"', ["Angebot"]],
    ['"elefant blauer"', []],
    ["has:attachment ", ["Angebot mit Anhang"]],
    ["from:müller bericht ", ["Bericht"]],
    ["to:anna zyklotron ", ["Angebot mit Anhang"]],
    ["kaleidoskop ", ["Zweitausend Teile"]],
    ["grünspecht ", ["Ohne Zeichensatz"]],
    ["sonnenuhr ", ["Fremde Grenze"]],
    ["before:2020-01-01 angebot ", []],
    ["after:2020-01-01 bericht ", ["Bericht"]],
  ])("finds %s", async (q, expected) => expect(await found(q)).toEqual(expected))

  it("shows nobody what is another's", async () => {
    expect(await found("zyklotron ", ben)).toEqual(["Fremdes Angebot"])
    expect(await found("elefant ", ben)).toEqual([])
  })

  it("is paged without a gap", async () => {
    const all: string[] = []
    for (let cursor = ""; ; ) {
      const answer = await api.call("GET", `/api/archive?q=${encodeURIComponent("füllwort ")}&limit=7${cursor}`, anna)
      all.push(...(answer.body["items"] as { subject: string }[]).map(({ subject }) => subject))
      if (answer.body["next"] === null) break
      cursor = `&cursor=${String(answer.body["next"])}`
    }
    expect([all.length, new Set(all).size]).toEqual([30, 30])
  })

  it("finds what has just come by its header, together with the rest", async () => {
    const id = createMessageId(new Date())
    await store(0, "Neues Angebot", "noch nicht gelesen", { _id: id, receivedAt: new Date() })
    await api.database.state.updateOne({ _id: "archive-index" }, { $set: { value: createMessageId(new Date(Date.now() - 60_000)) } })
    expect(await found("angebot ")).toEqual(["Neues Angebot", "Bericht", "Angebot mit Anhang", "Angebot"])
    expect(await found("gelesen ")).toEqual([])
    await indexAll()
    expect(await found("gelesen ")).toEqual(["Neues Angebot"])
  })

  it("takes in a mail that took long to arrive", async () => {
    await store(7, "Langsam", "Schneckenpost")
    const other = new ArchiveIndexer(api.database, api.deps.bodies, pino({ level: "silent" }))
    await other.round(later())
    expect(await found("schneckenpost ")).toEqual([])
    await new ArchiveIndexer(api.database, api.deps.bodies, pino({ level: "silent" })).round(new Date(start + 10 * 60_000))
    expect(await found("schneckenpost ")).toEqual(["Langsam"])
    expect(await archiveIndexedUpTo(api.database)).toBeDefined()
  })

  it("forgets a mail that is gone", async () => {
    await api.database.messages.deleteOne({ "summary.subject": "Bericht" })
    expect(await found("elefant ")).toEqual([])
  })
})

import { ObjectId } from "mongodb"
import { pino } from "pino"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import type { Folder, MailPage, MailRow } from "@lifeboat/shared/schemas/mail"
import { startTestApi, type TestApi } from "../../../test/support/api.ts"
import { startTestMailboxes, type TestMailboxes } from "../../../test/support/wildduck.ts"
import { MailIndexFeed } from "../../mailbox/mail-index/mail-index-feed.ts"
import { readIndexState, writeIndexState } from "../../mailbox/mail-index/mail-index-state.ts"
import { Provisioning } from "../../mailbox/provisioning.ts"

const log = pino({ level: "silent" })
let mailboxes: TestMailboxes
let api: TestApi
let feed: MailIndexFeed
const people = new Map<string, { token: string; account: string; folders: Folder[] }>()

interface Letter {
  readonly subject: string
  readonly from?: string
  readonly to?: string
  readonly text?: string
  readonly id?: string
  readonly references?: string
  readonly date?: string
  readonly attachment?: boolean
  readonly seen?: boolean
  readonly flagged?: boolean
  readonly folder?: Folder["specialUse"]
}

beforeAll(async () => {
  mailboxes = await startTestMailboxes()
  const provisioning = new Provisioning(mailboxes.database, mailboxes.api, log)
  api = await startTestApi({ database: mailboxes.database, mailbox: { api: mailboxes.api, ensureMailbox: (user) => provisioning.ensureMailbox(user) } })
  const operator = await api.signedIn("admin@localhost", "operator")
  await api.call("PUT", "/api/domains/example.com", operator, {})
  feed = new MailIndexFeed({ database: mailboxes.database, log, leaseDuration: 1_000 })
  feed.start()
}, 120_000)
afterAll(async () => {
  await feed?.stop()
  await api?.close()
  await mailboxes?.stop()
})

async function person(name: string): Promise<{ token: string; account: string; folders: Folder[] }> {
  const known = people.get(name)
  if (known) return known
  const token = await api.signedIn(`${name}@example.com`)
  const folders = (await api.call("GET", "/api/mail/folders", token)).body["items"] as Folder[]
  const made = { token, folders, account: (await mailboxes.database.users.findOne({ _id: `${name}@example.com` }))?.mailbox?.id ?? "" }
  people.set(name, made)
  return made
}

async function folder(name: string, use: Folder["specialUse"] = "inbox"): Promise<string> {
  return (await person(name)).folders.find((each) => each.specialUse === use)?.id ?? ""
}

async function put(name: string, letter: Letter): Promise<string> {
  const { account } = await person(name)
  const { subject, from = "Carla <carla@elsewhere.example>", to = `${name}@example.com`, text = "Hallo", id = `<${new ObjectId().toHexString()}@test>`, references, date = new Date().toISOString(), attachment = false, seen = false, flagged = false, folder: use } = letter
  const head = [`From: ${from}`, `To: ${to}`, `Subject: ${subject}`, `Message-ID: ${id}`, ...(references === undefined ? [] : [`In-Reply-To: ${references}`, `References: ${references}`]), "MIME-Version: 1.0"]
  const plain = ["Content-Type: text/plain; charset=utf-8", "", text, ""]
  const file = ["--b", "Content-Type: application/pdf; name=a.pdf", "Content-Disposition: attachment; filename=a.pdf", "Content-Transfer-Encoding: base64", "", "AAAA", "--b--", ""]
  const lines = attachment ? [...head, "Content-Type: multipart/mixed; boundary=b", "", "--b", ...plain, ...file] : [...head, ...plain]
  return String(await mailboxes.api.upload(account, await folder(name, use), Uint8Array.from(Buffer.from(lines.join("\r\n"))), { unseen: !seen, flagged, date: new Date(date) }))
}

async function list(name: string, query: Readonly<Record<string, string | number | boolean>> = {}, use: Folder["specialUse"] = "inbox"): Promise<MailPage> {
  const text = new URLSearchParams(Object.entries(query).map(([key, value]): [string, string] => [key, String(value)])).toString()
  const answer = await api.call("GET", `/api/mail/folders/${await folder(name, use)}/messages?${text}`, (await person(name)).token)
  expect([query, answer.status]).toEqual([query, 200])
  return answer.body as unknown as MailPage
}

const subjects = (page: MailPage) => page.items.map((row) => row.subject)

/** Waits until the index has exactly what the mailboxes have. */
async function indexed(): Promise<void> {
  const stored = mailboxes.database.wildduck.collection("messages")
  await vi.waitUntil(async () => {
    const [there, here] = await Promise.all([stored, mailboxes.database.mailIndex].map(async (collection) => (await (collection as typeof stored).find({}, { projection: { unseen: 1, flagged: 1 } }).sort({ _id: 1 }).toArray()).map((each) => `${String(each._id)} ${String(each["unseen"])} ${String(each["flagged"])}`)))
    return JSON.stringify(there) === JSON.stringify(here) && (await readIndexState(mailboxes.database))?.complete === true
  }, { timeout: 10_000, interval: 20 })
}

async function withoutIndex(work: () => Promise<void>): Promise<void> {
  await feed.stop()
  await writeIndexState(mailboxes.database, { complete: false })
  await api.close()
  api = await startTestApi(api.deps)
  await work()
  await mailboxes.database.state.deleteOne({ _id: "mail-index-resume-token" })
  feed = new MailIndexFeed({ database: mailboxes.database, log, leaseDuration: 1_000 })
  feed.start()
}

const inOrder = (n: number) => new Date(Date.UTC(2026, 5, 1) + n * 60_000).toISOString()

describe("a folder", () => {
  beforeAll(async () => {
    for (let n = 0; n < 12; n++) await put("list", { subject: `Mail ${n}`, date: inOrder(n), seen: n % 3 !== 0 })
    await indexed()
  }, 60_000)

  it("is listed from any place, with the number of its mails", async () => {
    const all = await list("list")
    expect(all).toMatchObject({ total: 12, exact: true, next: null })
    expect(subjects(all)).toEqual(Array.from({ length: 12 }, (_, n) => `Mail ${11 - n}`))
    expect(subjects(await list("list", { offset: 5, limit: 3 }))).toEqual(["Mail 6", "Mail 5", "Mail 4"])
    expect(subjects(await list("list", { offset: 10, limit: 5 }))).toEqual(["Mail 1", "Mail 0"])
    expect(await list("list", { offset: 50, limit: 5 })).toMatchObject({ items: [], total: 12, next: null })
  })

  it.each([{}, { conversations: true }])("is not counted for those who know its number, unless it ends there: %o", async (query) => {
    const uncounted = (offset: number) => list("list", { ...query, offset, limit: 5, count: false })
    const { items, total, next } = await uncounted(2)
    expect([items.length, items[0]?.subject, total, typeof next]).toEqual([5, "Mail 9", null, "string"])
    expect(await uncounted(9)).toMatchObject({ total: 12, next: null })
    expect(await uncounted(50)).toMatchObject({ items: [], total: 12, next: null })
  })

  it.each([{}, { conversations: true }, { unseen: true }, { unseen: true, conversations: true }, { q: "mail " }])("is paged by cursor without a gap: %o", async (query) => {
    const whole = subjects(await list("list", { ...query, limit: 250 }))
    const paged: string[] = []
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: MailPage = await list("list", { ...query, limit: 3, ...(cursor === "" ? {} : { cursor }) })
      paged.push(...subjects(page))
      cursor = page.next
    }
    expect(paged).toEqual(whole)
    expect(paged).toHaveLength("unseen" in query ? 4 : 12)
  })

  it("refuses a cursor that is none", async () => {
    const answer = await api.call("GET", `/api/mail/folders/${await folder("list")}/messages?cursor=${Buffer.from("x").toString("base64url")}`, (await person("list")).token)
    expect([answer.status, answer.body["code"]]).toEqual([400, "invalid-cursor"])
  })
})

describe("conversations", () => {
  const thread = async (name: string, subject: string) => (await list(name)).items.find((row) => row.subject.includes(subject))?.thread ?? ""
  const conversation = async (name: string, id: string, query = "") => api.call("GET", `/api/mail/threads/${id}${query}`, (await person(name)).token)

  beforeAll(async () => {
    await put("talk", { subject: "Frage", id: "<frage@test>", date: inOrder(1), seen: true })
    await put("talk", { subject: "Anderes", date: inOrder(2) })
    await put("talk", { subject: "Re: Frage", id: "<antwort@test>", references: "<frage@test>", date: inOrder(3), folder: "sent", seen: true })
    await put("talk", { subject: "Re: Frage", references: "<frage@test>", date: inOrder(4) })
    await indexed()
  }, 60_000)

  it("are shown by their newest mail, with the numbers of this folder", async () => {
    const page = await list("talk", { conversations: true })
    expect(page.total).toBe(2)
    expect(page.items.map(({ subject, count, unreadCount }) => [subject, count, unreadCount])).toEqual([["Re: Frage", 2, 1], ["Anderes", 1, 1]])
  })

  it("are the same as long as there is no index", async () => {
    const before = await list("talk", { conversations: true })
    await withoutIndex(async () => expect(await list("talk", { conversations: true })).toEqual(before))
    await indexed()
  })

  it("are read as a whole, oldest first, or in one folder", async () => {
    const id = await thread("talk", "Frage")
    const rows = (await conversation("talk", id)).body["items"] as MailRow[]
    expect(rows.map(({ subject, folder: where }) => [subject, where])).toEqual([["Frage", await folder("talk")], ["Re: Frage", await folder("talk", "sent")], ["Re: Frage", await folder("talk")]])
    expect((await conversation("talk", id, `?folder=${await folder("talk", "sent")}`)).body["items"]).toHaveLength(1)
    expect((await conversation("list", id)).status).toBe(404)
    expect((await conversation("talk", id, `?folder=${await folder("list")}`)).status).toBe(404)
  })

  it("follow marks at once, and moves as soon as the index knows", async () => {
    const { token } = await person("talk")
    const [newest] = (await list("talk", { conversations: true })).items
    const path = `/api/mail/folders/${await folder("talk")}/messages/${newest?.id}`
    await api.call("PUT", path, token, { seen: true })
    expect((await list("talk", { conversations: true })).items[0]).toMatchObject({ unreadCount: 0, seen: true })
    const trashed = await api.call("DELETE", path, token)
    expect((await list("talk", { conversations: true })).items.map(({ subject }) => subject).toSorted()).toEqual(["Anderes", "Frage"])
    await indexed()
    expect((await list("talk", { conversations: true })).items.map(({ subject, count }) => [subject, count])).toEqual([["Anderes", 1], ["Frage", 1]])
    expect((await conversation("talk", newest?.thread ?? "")).body["items"]).toHaveLength(2)
    await api.call("PUT", `/api/mail/folders/${await folder("talk", "trash")}/messages/${String(trashed.body["id"])}`, token, { folder: await folder("talk") })
    await indexed()
    expect((await list("talk", { conversations: true })).items.map(({ subject, count }) => [subject, count])).toEqual([["Re: Frage", 2], ["Anderes", 1]])
  })
})

describe("search", () => {
  beforeAll(async () => {
    await put("find", { subject: "=?utf-8?Q?Angebot_K=C3=B6ln_Fl=C3=BCgel?=", from: "=?utf-8?Q?J=C3=B6rg_M=C3=BCller?= <joerg.mueller@firma.example>", text: "Viele Grüße aus der Straße am Fluss", date: "2026-03-01T10:00:00Z" })
    await put("find", { subject: "Angebot Bonn", to: "Vertrieb <vertrieb@example.com>", text: "Die Grüße: viele davon. Zyklotron", date: "2026-03-02T10:00:00Z", attachment: true, seen: true })
    await put("find", { subject: "Neues Angebot: Bonn (netto)", text: "ein blauer   Elefant\nschwimmt", date: "2026-03-03T10:00:00Z", flagged: true, seen: true })
    await put("find", { subject: "Rechnung", text: `${"Fülltext ".repeat(400)} Quittenbaum`, date: "2026-03-04T10:00:00Z" })
    await put("find", { subject: "Gelöschtes Angebot", date: "2026-03-05T10:00:00Z", folder: "trash" })
    await put("find", { subject: "Gesendetes Angebot", date: "2026-03-06T10:00:00Z", folder: "sent" })
    await put("other", { subject: "Angebot eines Anderen", date: "2026-03-07T10:00:00Z" })
    await indexed()
  }, 60_000)

  const flugel = "Angebot Köln Flügel"
  const bonn = "Angebot Bonn"
  const neues = "Neues Angebot: Bonn (netto)"
  it.each([
    ["angebot", [neues, bonn, flugel]],
    ["ange", [neues, bonn, flugel]],
    ["ange ", []],
    ["ANGEBOT bonn ", [neues, bonn]],
    ["bonn ang", [neues, bonn]],
    ["zyklo", [bonn]],
    ["quittenbaum ", ["Rechnung"]],
    ["grüße ", [bonn, flugel]],
    ["gruesse ", [bonn, flugel]],
    ["GRÜSSE strasse ", [flugel]],
    ["müller ", [flugel]],
    ["mueller ", [flugel]],
    ["joerg.mueller@firma.example", [flugel]],
    ["von:jörg ", [flugel]],
    ["from:mül", [flugel]],
    ["from:angebot ", []],
    ["an:vertrieb ", [bonn]],
    ["betreff:bonn ", [neues, bonn]],
    ["subject:zyklotron ", []],
    ['subject:"angebot bonn"', [neues, bonn]],
    ['subject:"bonn angebot"', []],
    ['"viele grüße"', [flugel]],
    ['"grüße viele"', [bonn]],
    ['"blauer elefant schwimmt"', [neues]],
    ['"elefant blauer"', []],
    ['"angebot bonn" netto', [neues]],
    ["has:attachment ", [bonn]],
    ["is:unread ", ["Rechnung", flugel]],
    ["is:unread angebot ", [flugel]],
    ["is:flagged ", [neues]],
    ["before:2026-03-02 ", [flugel]],
    ["after:2026-03-02 before:2026-03-04 ", [neues, bonn]],
    ["after:2026-03-02 angebot ", [neues, bonn]],
    ["in:trash angebot ", ["Gelöschtes Angebot"]],
    ["in:anywhere angebot ", ["Gesendetes Angebot", neues, bonn, flugel]],
    ["in:nirgends angebot ", []],
    ["wort-das-fehlt ", []],
    ["angebot {$ne:1} ", []],
  ])("finds %s", async (q, expected) => {
    const page = await list("find", { q })
    expect(subjects(page)).toEqual(expected)
    expect(page).toMatchObject({ total: expected.length, exact: true, next: null })
  })

  it("shows the folder while nothing but punctuation is typed", async () => {
    for (const q of ["(", '"', "-", " "]) expect((await list("find", { q })).total).toBe(4)
  })

  it("goes on from a place in what it found", async () => {
    expect(await list("find", { q: "angebot ", offset: 1, limit: 1 })).toMatchObject({ items: [{ subject: bonn }], total: 3 })
  })

  it("says so where the index has gaps", async () => {
    await withoutIndex(async () => expect(await list("find", { q: "angebot " })).toMatchObject({ exact: false, total: 3 }))
    await indexed()
  })
})

describe("a word being typed", () => {
  beforeAll(async () => {
    await put("typing", { subject: "Rechnung Mai", text: "Müllers Rechnungsnummer" })
    await put("typing", { subject: "Rechnungen", text: "Recht und Ordnung" })
    await put("typing", { subject: "Wetter", folder: "trash", text: "Rechen" })
    await indexed()
  }, 60_000)

  it.each([
    ["subject:rec", "hnung", ["Rechnungen", "Rechnung Mai"]],
    ["mai subject:rech", "nung", ["Rechnung Mai"]],
    ["subject:rechnung", undefined, ["Rechnungen", "Rechnung Mai"]],
    ["rech", undefined, ["Rechnungen", "Rechnung Mai"]],
    ["rechn", "ung", ["Rechnungen", "Rechnung Mai"]],
    ["in:trash rec", "hen", ["Wetter"]],
    ["in:anywhere rec", "h", ["Rechnungen", "Rechnung Mai"]],
    ["mül", "lers", ["Rechnung Mai"]],
    ["or", undefined, ["Rechnungen"]],
    ["rechn ", undefined, []],
    ['"rechnung mai', undefined, ["Rechnung Mai"]],
    ["zzz", undefined, []],
  ])("%s goes on with %s", async (q, goesOn, expected) => {
    // A busy database is not waited for: then the answer says nothing of it.
    await expect.poll(async () => (await list("typing", { q })).goesOn, { timeout: 10_000 }).toBe(goesOn)
    const page = await list("typing", { q })
    expect(subjects(page).toSorted()).toEqual(expected.toSorted())
    if (goesOn !== undefined) expect(subjects(await list("typing", { q: q + goesOn }))).toEqual(subjects(page))
  })
})

describe("what changed", () => {
  it("can be found a moment after it came", async () => {
    await list("fresh")
    await put("fresh", { subject: "Eilmeldung" })
    await expect.poll(async () => subjects(await list("fresh", { q: "eilm" })), { timeout: 2_000, interval: 10 }).toEqual(["Eilmeldung"])
  })

  it("is never shown by a stale entry", async () => {
    const { account, token } = await person("stale")
    const ids = [await put("stale", { subject: "Bleibt Alt", date: inOrder(1) }), await put("stale", { subject: "Geht Alt", date: inOrder(2) }), await put("stale", { subject: "Gelesen Alt", date: inOrder(3) })]
    await indexed()
    await feed.stop()
    await mailboxes.api.delete(account, await folder("stale"), Number(ids[1]))
    await api.call("PUT", `/api/mail/folders/${await folder("stale")}/messages/${ids[2]}`, token, { seen: true })
    expect(await list("stale", { q: "alt " })).toMatchObject({ items: [{ subject: "Gelesen Alt" }, { subject: "Bleibt Alt" }] })
    expect(subjects(await list("stale", { q: "alt ", limit: 2 }))).toEqual(["Gelesen Alt", "Bleibt Alt"])
    expect(subjects(await list("stale", { q: "alt is:unread " }))).toEqual(["Bleibt Alt"])
    expect(subjects(await list("stale", { unseen: true }))).toEqual(["Bleibt Alt"])
    expect(subjects(await list("stale", { conversations: true }))).toEqual(["Gelesen Alt", "Bleibt Alt"])
    feed = new MailIndexFeed({ database: mailboxes.database, log, leaseDuration: 1_000 })
    feed.start()
    await indexed()
  })

  it("is listed at once, also while the index is behind", async () => {
    await put("behind", { subject: "Schon da", date: inOrder(1) })
    await indexed()
    await feed.stop()
    await put("behind", { subject: "Ganz neu", date: inOrder(2) })
    expect(subjects(await list("behind", { conversations: true }))).toEqual(["Ganz neu", "Schon da"])
    expect(subjects(await list("behind", { unseen: true }))).toEqual(["Ganz neu", "Schon da"])
    feed = new MailIndexFeed({ database: mailboxes.database, log, leaseDuration: 1_000 })
    feed.start()
    await indexed()
  })

  it("returns to its place when a move is undone", async () => {
    for (let n = 0; n < 5; n++) await put("undo", { subject: `Platz ${n}`, date: inOrder(0) })
    for (let n = 5; n < 8; n++) await put("undo", { subject: `Platz ${n}`, date: inOrder(n) })
    await indexed()
    const { token } = await person("undo")
    for (const query of [{ conversations: true }, { q: "platz " }]) {
      const before = await list("undo", query)
      for (const row of before.items.slice(2, 5)) {
        const moved = await api.call("DELETE", `/api/mail/folders/${row.folder}/messages/${row.id}`, token)
        await indexed()
        expect(subjects(await list("undo", query))).not.toContain(row.subject)
        await api.call("PUT", `/api/mail/folders/${await folder("undo", "trash")}/messages/${String(moved.body["id"])}`, token, { folder: row.folder })
        await indexed()
      }
      expect(subjects(await list("undo", query))).toEqual(subjects(before))
    }
  })
})

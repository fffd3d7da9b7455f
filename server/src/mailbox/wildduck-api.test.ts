import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { insertUser, plainMail } from "../../test/support/stored-mail.ts"
import { startTestMailboxes, type TestMailboxes } from "../../test/support/wildduck.ts"
import { pino } from "pino"
import { Provisioning } from "./provisioning.ts"
import { WildDuckApi } from "./wildduck-api.ts"
import type { StoredFolder } from "./wildduck-schemas.ts"

let mailboxes: TestMailboxes
let api: WildDuckApi
let account: string
let folders: StoredFolder[]
const id = (path: string) => folders.find((folder) => folder.path === path)?.id ?? ""

beforeAll(async () => {
  mailboxes = await startTestMailboxes()
  api = mailboxes.api
  const user = await insertUser(mailboxes.database, "anna@example.com", "secret of Anna")
  account = (await new Provisioning(mailboxes.database, api, pino({ level: "silent" })).ensureMailbox(user)).id
  folders = await api.folders(account)
})
afterAll(async () => mailboxes?.stop())

const read = async (stream: ReadableStream<Uint8Array>) => Buffer.from(await new Response(stream).arrayBuffer())

describe("WildDuck's API, as the webmail uses it", () => {
  it("lists folders with numbers, makes, renames and deletes one", async () => {
    expect(folders.map(({ path, specialUse }) => [path, specialUse ?? null])).toEqual([["INBOX", null], ["Drafts", "\\Drafts"], ["Junk", "\\Junk"], ["Sent", "\\Sent"], ["Trash", "\\Trash"]])
    const made = await api.createFolder(account, "Projekte/Über uns")
    await expect(api.createFolder(account, "Projekte/Über uns")).rejects.toMatchObject({ failure: "exists" })
    await api.changeFolder(account, made, { path: "Projekte/Neu" })
    expect((await api.folders(account)).map(({ path }) => path)).toContain("Projekte/Neu")
    await api.deleteFolder(account, made)
    expect((await api.folders(account)).map(({ path }) => path)).not.toContain("Projekte/Neu")
  })

  it("pages through a folder, newest first, and finds by words", async () => {
    const folder = await api.createFolder(account, "Viele")
    for (let number = 0; number < 7; number++) await api.upload(account, folder, Buffer.from(plainMail(`Rechnung ${number}`, number === 3 ? "Zebrastreifen" : "Text")), { unseen: number % 2 === 0, date: new Date(Date.UTC(2026, 0, 1 + number)) })
    const seen: (string | null | undefined)[] = []
    let cursor: string | undefined
    do {
      const page = await api.list(account, folder, { limit: 3, cursor })
      expect(page.total).toBe(7)
      seen.push(...page.rows.map(({ subject }) => subject))
      cursor = page.next
    } while (cursor !== undefined)
    expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map((number) => `Rechnung ${number}`))
    expect((await api.list(account, folder, { unseen: true })).total).toBe(4)
    expect((await api.search(account, { q: "Zebrastreifen" })).rows.map(({ subject }) => subject)).toEqual(["Rechnung 3"])
    expect((await api.search(account, { q: "subject:Rechnung", folder, limit: 2 })).rows).toHaveLength(2)
    expect(await api.search(account, { q: "gibt-es-nicht" })).toEqual({ rows: [], total: 0, next: undefined })
  })

  it("opens a mail with its parts, its source and its attachment", async () => {
    const raw = [
      "From: =?utf-8?q?J=C3=B6rg?= <joerg@outside.example>", "To: anna@example.com", "Cc: bert@example.com", "Reply-To: antwort@outside.example", "Subject: Anhang", "Message-ID: <with@outside.example>",
      "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: multipart/alternative; boundary=a", "", "--a", "Content-Type: text/plain; charset=utf-8", "", "Grüße", "--a",
      "Content-Type: text/html; charset=utf-8", "", "<p>Grüße</p>", "--a--", "--b", "Content-Type: application/pdf", "Content-Disposition: attachment; filename*=utf-8''Bericht%20%C3%BC.pdf", "Content-Transfer-Encoding: base64", "",
      Buffer.from("%PDF-inhalt").toString("base64"), "--b--", "",
    ].join("\r\n")
    const uid = await api.upload(account, id("INBOX"), Buffer.from(raw), { unseen: true, metaData: JSON.stringify({ message: "m", delivery: "m.0" }) })
    const mail = await api.mail(account, id("INBOX"), uid)
    expect(mail).toMatchObject({ subject: "Anhang", from: { name: "Jörg", address: "joerg@outside.example" }, cc: [{ address: "bert@example.com" }], replyTo: [{ address: "antwort@outside.example" }], seen: false, messageId: "<with@outside.example>", metaData: { message: "m", delivery: "m.0" } })
    expect(mail.text?.trim()).toBe("Grüße")
    expect(mail.html?.join("")).toContain("<p>Grüße</p>")
    expect(mail.attachments).toMatchObject([{ filename: "Bericht ü.pdf", contentType: "application/pdf" }])
    const { body, contentType } = await api.attachment(account, id("INBOX"), uid, mail.attachments?.[0]?.id ?? "")
    expect([contentType, (await read(body)).toString()]).toEqual(["application/pdf", "%PDF-inhalt"])
    expect((await read(await api.raw(account, id("INBOX"), uid))).toString()).toContain(raw.slice(0, raw.indexOf("--a--")))
    expect((await api.mail(account, id("INBOX"), uid, true)).seen).toBe(true)
    expect((await api.list(account, id("INBOX"))).rows).toMatchObject([{ attachments: true, seen: true, metaData: { message: "m" } }])
  })

  it("says who wrote it where From names a group, whose name could pretend to be another address", async () => {
    const uid = await api.upload(account, id("INBOX"), Buffer.from(plainMail("Gruppe").replace(/^From: .*$/m, 'From: "chef@example.com": Eva <eva@outside.example>;')))
    expect((await api.mail(account, id("INBOX"), uid)).from).toEqual({ name: "Eva", address: "eva@outside.example" })
    await api.delete(account, id("INBOX"), uid)
  })

  it("marks, moves and removes mails, and takes those that are gone for done", async () => {
    const folder = await api.createFolder(account, "Arbeit")
    // On a machine that is very busy, WildDuck has once denied a folder that it had just made.
    await expect.poll(async () => (await api.folders(account)).some(({ id: made }) => made === folder)).toBe(true)
    const uids = [await api.upload(account, folder, Buffer.from(plainMail("eins"))), await api.upload(account, folder, Buffer.from(plainMail("zwei")))]
    await api.change(account, folder, uids, { flagged: true, seen: false })
    expect((await api.list(account, folder)).rows).toMatchObject([{ flagged: true, seen: false }, { flagged: true, seen: false }])
    const moved = await api.change(account, folder, [...uids, 9_999], { moveTo: id("Trash") })
    expect([...moved.keys()]).toEqual(uids)
    expect((await api.list(account, folder)).total).toBe(0)
    const [first = 0] = moved.values()
    expect((await api.mail(account, id("Trash"), first)).subject).toBe("eins")
    await api.delete(account, id("Trash"), first)
    await api.delete(account, id("Trash"), first)
    await api.empty(account, id("Trash"))
    expect((await api.list(account, id("Trash"))).total).toBe(0)
    await expect(api.mail(account, id("Trash"), first)).rejects.toMatchObject({ failure: "not-found" })
    await expect(api.list(account, "0".repeat(24))).rejects.toMatchObject({ failure: "not-found" })
  })

  it("replaces a draft by its next version", async () => {
    const first = await api.upload(account, id("Drafts"), Buffer.from(plainMail("Entwurf 1")), { draft: true })
    await api.upload(account, id("Drafts"), Buffer.from(plainMail("Entwurf 2")), { draft: true, replaces: { folder: id("Drafts"), id: first } })
    expect((await api.list(account, id("Drafts"))).rows).toMatchObject([{ subject: "Entwurf 2", draft: true }])
  })

  it("tells of changes as they happen", async () => {
    const stop = new AbortController()
    const reader = (await api.updates(account, stop.signal)).getReader()
    await api.upload(account, id("INBOX"), Buffer.from(plainMail("neu")), { unseen: true })
    let text = ""
    while (!text.includes('"EXISTS"')) text += Buffer.from((await reader.read()).value ?? []).toString()
    expect(text).toContain(id("INBOX"))
    stop.abort()
  })

  it("says what is wrong with it: down, silent, or a wrong token", async () => {
    await expect(new WildDuckApi({ apiUrl: "http://127.0.0.1:1", accessToken: "x" }).health()).rejects.toMatchObject({ failure: "temporary", status: 0 })
    await expect(new WildDuckApi({ ...mailboxes.process, accessToken: "wrong" }).folders(account)).rejects.toMatchObject({ failure: "temporary", status: 403 })
    const { pid } = mailboxes.process.status()
    if (pid === undefined) throw new Error("WildDuck does not run")
    process.kill(pid, "SIGSTOP")
    await expect(api.health(300)).rejects.toMatchObject({ failure: "temporary", message: "no answer in time" })
    process.kill(pid, "SIGCONT")
    // Its own connections may have to begin again first.
    await vi.waitFor(() => api.health(), { timeout: 10_000 })
  })
})

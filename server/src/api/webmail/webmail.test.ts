import { simpleParser } from "mailparser"
import { pino } from "pino"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Folder, MailRow, MailView } from "@lifeboat/shared/schemas/mail"
import { smtpReplies } from "@lifeboat/shared/smtp-replies"
import { startTestApi, storedMessage, type Answer, type TestApi } from "../../../test/support/api.ts"
import { startTestMailboxes, type TestMailboxes } from "../../../test/support/wildduck.ts"
import type { Incoming } from "../../archive/incoming.ts"
import { MailIndexFeed } from "../../mailbox/mail-index/mail-index-feed.ts"
import { Provisioning } from "../../mailbox/provisioning.ts"
import { writeCopyMark } from "../../mailbox/copy-mark.ts"

let mailboxes: TestMailboxes
let api: TestApi
let feed: MailIndexFeed
let anna: string
let boris: string
let annaFolders: Folder[]
let borisFolders: Folder[]
let accounts: { anna: string; boris: string }
const accepted: Incoming[] = []

beforeAll(async () => {
  mailboxes = await startTestMailboxes()
  const provisioning = new Provisioning(mailboxes.database, mailboxes.api, pino({ level: "silent" }))
  api = await startTestApi({
    database: mailboxes.database,
    mailbox: { api: mailboxes.api, ensureMailbox: (user) => provisioning.ensureMailbox(user) },
    mail: {
      checkRecipient: (address) =>
        Promise.resolve(address.startsWith("unknown") ? { reply: smtpReplies.unknownRecipient } : { ok: { address, canonical: address.toLowerCase(), domain: null, user: null, covered: false } }),
      accept: (incoming) => {
        accepted.push(incoming)
        return Promise.resolve({ accepted: true, messageId: incoming.body.messageId })
      },
    },
  })
  feed = new MailIndexFeed({ database: mailboxes.database, log: pino({ level: "silent" }) })
  feed.start()
  const operator = await api.signedIn("admin@localhost", "operator")
  await api.call("PUT", "/api/domains/example.com", operator, {})
  anna = await api.signedIn("anna@example.com")
  boris = await api.signedIn("boris@example.com")
  annaFolders = await foldersOf(anna)
  borisFolders = await foldersOf(boris)
  const users = await mailboxes.database.users.find({ domain: "example.com" }).toArray()
  const account = (address: string) => users.find((user) => user._id === address)?.mailbox?.id ?? ""
  accounts = { anna: account("anna@example.com"), boris: account("boris@example.com") }
}, 120_000)
afterAll(async () => {
  await feed?.stop()
  await api?.close()
  await mailboxes?.stop()
})

async function foldersOf(token: string): Promise<Folder[]> {
  return (await api.call("GET", "/api/mail/folders", token)).body["items"] as Folder[]
}

function folder(folders: Folder[], use: Folder["specialUse"]): string {
  return folders.find((each) => each.specialUse === use)?.id ?? ""
}

async function put(account: "anna" | "boris", lines: readonly string[], metaData?: string): Promise<string> {
  const folders = account === "anna" ? annaFolders : borisFolders
  const raw = Uint8Array.from(Buffer.from(lines.join("\r\n")))
  return String(await mailboxes.api.upload(accounts[account], folder(folders, "inbox"), raw, { unseen: true, ...(metaData === undefined ? {} : { metaData }) }))
}

const plain = (subject: string) => ["From: Carla <carla@elsewhere.example>", "To: anna@example.com", `Subject: ${subject}`, "Message-ID: <one@elsewhere.example>", "Date: Mon, 01 Jun 2026 10:00:00 +0000", "", `Text of ${subject}`, ""]

function inbox(token: string, id: string, rest = ""): string {
  return `/api/mail/folders/${folder(token === anna ? annaFolders : borisFolders, "inbox")}/messages/${id}${rest}`
}

function items(answer: Answer): MailRow[] {
  return answer.body["items"] as MailRow[]
}

describe("folders", () => {
  it("have their special use", () => expect(annaFolders.map((each) => each.specialUse).toSorted()).toEqual(["drafts", "inbox", "junk", "sent", "trash"]))

  it("are made and removed, the special ones stay", async () => {
    const made = await api.call("POST", "/api/mail/folders", anna, { name: "Projekt Köln" })
    expect(made.status).toBe(201)
    expect((await api.call("POST", "/api/mail/folders", anna, { name: "Projekt Köln" })).body).toMatchObject({ code: "folder-exists" })
    expect((await foldersOf(anna)).map((each) => each.name)).toContain("Projekt Köln")
    expect((await api.call("DELETE", `/api/mail/folders/${String(made.body["id"])}`, boris)).status).toBe(404)
    expect((await api.call("DELETE", `/api/mail/folders/${String(made.body["id"])}`, anna)).status).toBe(204)
    expect((await api.call("DELETE", `/api/mail/folders/${folder(annaFolders, "inbox")}`, anna)).body).toMatchObject({ code: "folder-protected" })
  })

  it("have names to be read, whatever a mail client called them, and are found and renamed by those", async () => {
    const odd = "\u202egpj.exe\u2066\u0007x"
    const id = await mailboxes.api.createFolder(accounts.boris, odd)
    const path = `/api/mail/folders/${id}`
    expect((await foldersOf(boris)).find((each) => each.id === id)).toMatchObject({ name: "gpj.exe x", path: odd })
    expect((await api.call("GET", `${path}/messages?q=${encodeURIComponent('in:"gpj.exe x" nichts')}`, boris)).body).toMatchObject({ items: [] })
    expect((await api.call("PUT", path, boris, { name: "Bilder\u202e 2026" })).body).toMatchObject({ name: "Bilder 2026", path: "Bilder 2026" })
    expect((await api.call("PUT", path, boris, { name: "\u202e" })).body).toMatchObject({ code: "invalid" })
    expect((await api.call("DELETE", path, boris)).status).toBe(204)
  })

  it("are found by their special use, each in the caller's own mailbox", async () => {
    const id = await put("boris", plain("By name"))
    expect(items(await api.call("GET", "/api/mail/folders/inbox/messages", boris))).toMatchObject([{ id, folder: folder(borisFolders, "inbox") }])
    expect((await api.call("GET", `/api/mail/folders/inbox/messages/${id}`, boris)).body).toMatchObject({ folder: folder(borisFolders, "inbox") })
    expect((await api.call("GET", "/api/mail/folders/everything/messages", boris)).status).toBe(404)
    expect((await api.call("DELETE", "/api/mail/folders/inbox", boris)).body).toMatchObject({ code: "folder-protected" })
    await mailboxes.api.delete(accounts.boris, folder(borisFolders, "inbox"), Number(id))
  })

  it("are not there for users without a mailbox", async () => {
    const outsider = await api.signedIn("nobody@unhosted.example")
    expect((await api.call("GET", "/api/mail/folders", outsider)).body).toMatchObject({ code: "no-mailbox" })
    expect((await api.call("GET", "/api/mail/status", outsider)).body).toMatchObject({ mailbox: false, mode: "normal" })
  })
})

describe("reading", () => {
  it("lists, opens, marks, moves and deletes", async () => {
    const id = await put("anna", plain("Hello"))
    const [row] = items(await api.call("GET", inbox(anna, "").slice(0, -1), anna))
    expect(row).toMatchObject({ id, subject: "Hello", from: "Carla <carla@elsewhere.example>", sender: { name: "Carla", address: "carla@elsewhere.example" }, to: "anna@example.com", seen: false, date: "2026-06-01T10:00:00.000Z" })
    expect((await api.call("GET", inbox(anna, id), anna)).body).toMatchObject({ text: expect.stringContaining("Text of Hello"), html: false, recipients: { to: [{ address: "anna@example.com" }] }, headers: { messageId: "<one@elsewhere.example>" } })
    expect((await api.call("PUT", inbox(anna, id), anna, { seen: true, flagged: true })).status).toBe(200)
    expect((await api.call("GET", inbox(anna, id), anna)).body).toMatchObject({ seen: true, flagged: true })
    expect((await api.call("GET", inbox(anna, id, "/raw"), anna)).text).toContain("Subject: Hello")

    const trashed = await api.call("DELETE", inbox(anna, id), anna)
    expect(trashed.body).toEqual({ folder: folder(annaFolders, "trash"), id: expect.any(String) })
    expect((await api.call("GET", inbox(anna, id), anna)).status).toBe(404)
    const inTrash = `/api/mail/folders/${folder(annaFolders, "trash")}/messages/${String(trashed.body["id"])}`
    const back = await api.call("PUT", inTrash, anna, { folder: folder(annaFolders, "inbox") })
    expect(back.body).toMatchObject({ folder: folder(annaFolders, "inbox") })
    const again = await api.call("DELETE", inbox(anna, String(back.body["id"])), anna)
    expect((await api.call("DELETE", `/api/mail/folders/${folder(annaFolders, "trash")}/messages/${String(again.body["id"])}`, anna)).status).toBe(204)
    expect(items(await api.call("GET", `/api/mail/folders/${folder(annaFolders, "trash")}/messages`, anna))).toEqual([])
  })

  it("hides other users' mails, whatever is guessed", async () => {
    const id = await put("boris", plain("Secret"))
    const foreign = inbox(boris, id)
    for (const [method, path, body] of [
      ["GET", foreign], ["GET", `${foreign}/html`], ["GET", `${foreign}/raw`], ["GET", `${foreign}/attachments/ATT00001`],
      ["PUT", foreign, { seen: true }], ["DELETE", foreign], ["GET", foreign.slice(0, foreign.lastIndexOf("/"))],
    ] as const) expect([method, (await api.call(method, path, anna, body)).status]).toEqual([method, 404])
    const own = await put("anna", plain("Mine"))
    expect((await api.call("PUT", inbox(anna, own), anna, { folder: folder(borisFolders, "inbox") })).status).toBe(404)
    expect((await api.call("GET", inbox(boris, id), boris)).status).toBe(200)
    for (const bad of ["0", "x", "1,2", "1:*", "%00", "-1", "99999999999"]) expect((await api.call("GET", inbox(anna, bad), anna)).status).toBe(404)
  })

  it("pages and searches", async () => {
    for (let n = 0; n < 5; n++) await put("boris", plain(`Page zebra${n}`))
    const path = inbox(boris, "").slice(0, -1)
    const ids: string[] = []
    let cursor: string | null = ""
    while (cursor !== null) {
      const page: Answer = await api.call("GET", `${path}?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`, boris)
      expect(page.status).toBe(200)
      ids.push(...items(page).map((row) => row.id))
      cursor = page.body["next"] as string | null
    }
    expect(ids).toHaveLength(6)
    expect(new Set(ids).size).toBe(6)
    await expect.poll(async () => items(await api.call("GET", `${path}?q=zebra3`, boris)).map((row) => row.subject)).toEqual(["Page zebra3"])
    expect(items(await api.call("GET", `${path}?unseen=true&limit=250`, boris))).toHaveLength(6)
  })

  it("finds mails with all the words, and phrases in quotes, whatever is typed", async () => {
    const subjects = ["Angebot Köln Flügel", "Angebot Bonn", "Neues Angebot: Köln (netto)", "Köln Angebot"]
    for (const subject of subjects) await put("boris", plain(subject))
    await expect.poll(async () => items(await api.call("GET", `${inbox(boris, "").slice(0, -1)}?q=angebot`, boris))).toHaveLength(4)
    const found = async (q: string) => {
      const answer = await api.call("GET", `${inbox(boris, "").slice(0, -1)}?q=${encodeURIComponent(q)}`, boris)
      expect([q, answer.status]).toEqual([q, 200])
      return items(answer).map((row) => row.subject).toSorted()
    }
    expect(await found("angebot köln")).toEqual([subjects[0], subjects[3], subjects[2]])
    expect(await found("Köln Carla flügel")).toEqual([subjects[0]])
    expect(await found('"angebot köln"')).toEqual([subjects[0], subjects[2]])
    expect(await found('"Angebot: Köln" netto')).toEqual([subjects[2]])
    expect(await found("from:carla Bonn")).toEqual([subjects[1]])
    expect(await found("Bonn or Köln")).toEqual([])
    expect(await found("Angebot: (netto)")).toEqual([subjects[2]])
    for (const odd of ["(", ")", '"', "\\", "-", "a|b &", "{$ne:1}", "Angebot OR", "in:x"]) await found(odd)
  })

  it("shows how large the attached files themselves are", async () => {
    const part = (name: string, encoding: string, text: string) => ["--b", `Content-Type: application/pdf; name=${name}`, `Content-Disposition: attachment; filename=${name}`, `Content-Transfer-Encoding: ${encoding}`, "", text]
    const base64 = Buffer.alloc(300_000, "pdf").toString("base64").replace(/.{76}/g, "$&\r\n")
    const id = await put("anna", ["From: a@b.example", "Subject: Files", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b", "", ...part("a.pdf", "base64", base64), ...part("b.pdf", "BASE64", "AAAA"), ...part("c.txt", "7bit", "plain"), "--b--", ""])
    const view = (await api.call("GET", inbox(anna, id), anna)).body as unknown as MailView
    expect(view.attachmentList.map(({ name, size }) => [name, size])).toEqual([["a.pdf", 300_000], ["b.pdf", 3], ["c.txt", 5]])
  })

  it("tells how a mail is marked now, although its page was read before, and that it is gone", async () => {
    const id = await put("anna", plain("Read a moment ago"))
    const now = async () => (await api.call("GET", inbox(anna, id), anna)).body
    expect((await api.call("GET", inbox(anna, id, "/html"), anna)).status).toBe(200)
    expect(await now()).toMatchObject({ seen: false, flagged: false, unreadCount: 1 })
    await api.call("PUT", inbox(anna, id), anna, { seen: true, flagged: true })
    expect(await now()).toMatchObject({ subject: "Read a moment ago", seen: true, flagged: true, unreadCount: 0 })
    await api.call("DELETE", inbox(anna, id), anna)
    expect((await api.call("GET", inbox(anna, id), anna)).status).toBe(404)
  })

  it("serves HTML harmless, with its own pictures, on its own page", async () => {
    const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    const id = await put("anna", [
      "From: eve@evil.example", "To: anna@example.com", "Subject: Hostile", "MIME-Version: 1.0", 'Content-Type: multipart/related; boundary="b"', "",
      "--b", "Content-Type: text/html; charset=utf-8", "",
      '<p onclick="x()" style="background:url(https://evil.example/a.png);color:red">Hi</p><script>alert(1)</script><img src="https://evil.example/t.gif"><img src="cid:pic@x"><a href="javascript:x()">a</a><a href="https://ok.example/">b</a><form action="/api"><input></form>',
      "--b", "Content-Type: image/png", 'Content-Disposition: inline; filename="p.png"', "Content-ID: <pic@x>", "Content-Transfer-Encoding: base64", "", png,
      "--b", 'Content-Type: text/html; name="=?utf-8?Q?b=C3=B6se?=.html"', 'Content-Disposition: attachment; filename="evil.html"', "", "<script>alert(2)</script>",
      "--b--", "",
    ])
    const view = (await api.call("GET", inbox(anna, id), anna)).body as unknown as MailView
    expect(view).toMatchObject({ html: true, remoteContent: 2 })
    const page = await api.call("GET", inbox(anna, id, "/html"), anna)
    expect(page.headers.get("content-security-policy")).toBe("default-src 'none'; script-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox")
    expect(page.headers.get("x-content-type-options")).toBe("nosniff")
    expect(page.headers.get("origin-agent-cluster")).toBe("?1")
    expect(page.text).not.toMatch(/evil\.example|alert|javascript|onclick|<form|<input/)
    expect(page.text).toMatch(/<img src="attachments\/\w+"/)
    expect(page.text).toContain('<a href="https://ok.example/" target="_blank" rel="noopener noreferrer nofollow">b</a>')
    const [picture, file] = ["p.png", "evil.html"].map((name) => view.attachmentList.find((attachment) => attachment.name === name))
    expect(picture).toMatchObject({ contentType: "image/png", inline: true })
    const shown = await api.call("GET", inbox(anna, id, `/attachments/${picture?.id}`), anna)
    expect([shown.headers.get("content-type"), shown.headers.get("content-disposition")?.split(";")[0]]).toEqual(["image/png", "inline"])
    const download = await api.call("GET", inbox(anna, id, `/attachments/${file?.id}`), anna)
    expect(download.headers.get("content-disposition")).toMatch(/^attachment; filename="evil.html"/)
    expect(download.headers.get("content-security-policy")).toBe("default-src 'none'; sandbox")
  })
})

describe("sending", () => {
  it("composes, hides blind copies, reports refused recipients, remembers the answer", async () => {
    const message = storedMessage()
    await mailboxes.database.messages.insertOne(message)
    const id = await put("anna", plain("Question"), writeCopyMark({ message: message._id, delivery: `${message._id}.0` }))
    const sent = await api.call("POST", "/api/mail/send", anna, {
      to: ["Carla Größe <carla@elsewhere.example>", "unknown@example.com"], bcc: ["hidden@elsewhere.example"],
      subject: "Re: Question\r\nBcc: injected@elsewhere.example", text: "Answer", html: '<p>Answer</p><img src="data:image/png;base64,iVBORw0KGgo=">',
      attachments: [{ name: 'a"\r\nX: y.txt', contentType: "text/plain", content: Buffer.from("file").toString("base64") }],
      reference: { folder: folder(annaFolders, "inbox"), id, action: "reply" },
    })
    expect(sent.body).toEqual({ id: expect.stringMatching(/^[0-9a-z]{24}$/), refused: [{ address: "unknown@example.com", reply: "550 5.1.1 no such recipient here" }], outbox: null, due: null })
    const incoming = accepted.at(-1)
    expect(incoming).toMatchObject({ submitter: "anna@example.com", envelope: { mailFrom: "anna@example.com" } })
    expect(incoming?.recipients.map((recipient) => recipient.address)).toEqual(["carla@elsewhere.example", "hidden@elsewhere.example"])
    const raw = incoming?.body.bytes?.toString("latin1") ?? ""
    expect(raw).not.toMatch(/hidden@|^bcc:|^X: y/im)
    expect(raw).not.toMatch(/[^\r]\n/)
    const mail = await simpleParser(raw)
    expect(mail).toMatchObject({ inReplyTo: "<one@elsewhere.example>", subject: "Re: Question Bcc: injected@elsewhere.example" })
    expect(mail.attachments.map((attachment) => [attachment.contentType, attachment.related === true])).toEqual([["image/png", true], ["text/plain", false]])
    expect((await api.call("GET", inbox(anna, id), anna)).body).toMatchObject({ answered: true, messageId: message._id })
  })

  it("forwards with the original's files", async () => {
    const id = await put("anna", ["From: a@b.example", "Subject: Files", "MIME-Version: 1.0", "Content-Type: text/plain", 'Content-Disposition: attachment; filename="list.txt"', "", "the list", ""])
    const reference = { folder: folder(annaFolders, "inbox"), id, action: "forward", attach: true }
    expect((await api.call("POST", "/api/mail/send", anna, { to: ["carla@elsewhere.example"], text: "see", reference })).status).toBe(200)
    const mail = await simpleParser(accepted.at(-1)?.body.bytes ?? "")
    expect(mail.attachments.map((attachment) => [attachment.filename, attachment.content.toString().trim()])).toEqual([["list.txt", "the list"]])
  })

  it.each([
    [{ to: [] }, 400, "no-recipients"],
    [{ to: ["nonsense"] }, 400, "invalid-address"],
    [{ to: ["a@b.example\r\nBcc: c@d.example"] }, 400, "invalid-address"],
    [{ to: ['"x@evil.test x"@example.com <a@b.example> c@d.example'] }, 400, "invalid-address"],
    [{ to: ["unknown@example.com"] }, 400, "recipients-refused"],
    [{ to: ["a@b.example"], from: "boris@example.com" }, 403, "sender-not-owned"],
    [{ to: ["a@b.example"], attachments: [{ name: "x", contentType: "text/plain", content: "***" }] }, 400, "invalid"],
    [{ to: ["a@b.example"], attachments: [{ name: "x", contentType: "text/plain", path: "/etc/passwd" }] }, 400, "invalid"],
    [{ to: ["a@b.example"], html: { path: "/etc/passwd" } }, 400, "invalid"],
    [{ to: ["a@b.example"], reference: { folder: "0".repeat(24), id: "1", action: "forward", attach: true } }, 404, "not-found"],
  ])("refuses %j", async (body, status, code) => {
    const before = accepted.length
    const answer = await api.call("POST", "/api/mail/send", anna, body)
    expect([answer.status, answer.body["code"]]).toEqual([status, code])
    expect(accepted).toHaveLength(before)
  })

  it("keeps with a draft what it answers, through another version of it", async () => {
    const message = storedMessage()
    await mailboxes.database.messages.insertOne(message)
    const id = await put("anna", [...plain("Asked").slice(0, 3), "Message-ID: <two@elsewhere.example>", "References: <one@elsewhere.example>", "", "?"], writeCopyMark({ message: message._id, delivery: `${message._id}.0` }))
    const reference = { folder: folder(annaFolders, "inbox"), id, action: "replyAll", message: message._id }
    const letter = { to: ["carla@elsewhere.example"], subject: "Re: Asked", text: "half" }
    const first = (await api.call("POST", "/api/mail/drafts", anna, { ...letter, reference })).body
    const reopened = (await api.call("GET", `/api/mail/folders/${String(first["folder"])}/messages/${String(first["id"])}`, anna)).body as unknown as MailView
    expect(reopened).toMatchObject({ draft: true, reference })
    const second = (await api.call("POST", "/api/mail/drafts", anna, { ...letter, reference: reopened.reference, draft: first })).body
    expect((await api.call("POST", "/api/mail/send", anna, { ...letter, text: "whole", reference: reopened.reference, draft: second })).status).toBe(200)
    expect(await simpleParser(accepted.at(-1)?.body.bytes ?? "")).toMatchObject({ inReplyTo: "<two@elsewhere.example>", references: ["<one@elsewhere.example>", "<two@elsewhere.example>"] })
    expect((await api.call("GET", inbox(anna, id), anna)).body).toMatchObject({ answered: true, reference: null })
  })

  it("sends an answer although the original has left the mailbox meanwhile", async () => {
    const message = storedMessage()
    await mailboxes.database.messages.insertOne(message)
    const reference = { folder: folder(annaFolders, "inbox"), id: "999", action: "reply", message: message._id }
    const send = async (change: object) => {
      expect((await api.call("POST", "/api/mail/send", anna, { to: ["carla@elsewhere.example"], text: "late", ...change })).status).toBe(200)
      return simpleParser(accepted.at(-1)?.body.bytes ?? "")
    }
    expect((await send({ reference })).inReplyTo).toBe("<1@elsewhere.example>")
    expect(await mailboxes.database.messages.findOne({ _id: message._id })).toMatchObject({ answeredBy: ["anna@example.com"] })
    expect((await send({ reference: { ...reference, message: "unknown" } })).inReplyTo).toBeUndefined()

    const id = await put("anna", [...plain("Gone").slice(0, 3), "Message-ID: <three@elsewhere.example>", "", "?"])
    const draft = (await api.call("POST", "/api/mail/drafts", anna, { to: [], text: "half", reference: { folder: reference.folder, id, action: "reply" } })).body
    await mailboxes.api.delete(accounts.anna, reference.folder, Number(id))
    expect((await send({ draft, reference: { folder: reference.folder, id, action: "reply" } })).inReplyTo).toBe("<three@elsewhere.example>")

    const foreign = storedMessage({ owners: ["boris@example.com"] })
    await mailboxes.database.messages.insertOne(foreign)
    expect((await send({ reference: { ...reference, message: foreign._id } })).inReplyTo).toBeUndefined()
    expect((await mailboxes.database.messages.findOne({ _id: foreign._id }))?.answeredBy).toBeUndefined()
  })

  it("keeps one draft, and none once it is sent", async () => {
    const drafts = `/api/mail/folders/${folder(annaFolders, "drafts")}/messages`
    const first = await api.call("POST", "/api/mail/drafts", anna, { to: ["carla@elsewhere.example", "half typed"], bcc: ["b@c.example"], subject: "Draft", text: "one" })
    expect(first.body).toMatchObject({ folder: folder(annaFolders, "drafts") })
    const second = await api.call("POST", "/api/mail/drafts", anna, { to: ["carla@elsewhere.example"], bcc: ["b@c.example"], subject: "Draft", text: "two", draft: first.body })
    expect(items(await api.call("GET", drafts, anna)).map((row) => [row.id, row.draft])).toEqual([[second.body["id"], true]])
    expect((await api.call("GET", `${drafts}/${String(second.body["id"])}`, anna)).body).toMatchObject({ recipients: { bcc: [{ address: "b@c.example" }] } })
    expect((await api.call("POST", "/api/mail/send", anna, { to: ["carla@elsewhere.example"], text: "two", draft: second.body })).status).toBe(200)
    expect(items(await api.call("GET", drafts, anna))).toEqual([])
  })
})

describe("the stream", () => {
  it("tells once it listens, because a list may be older than that, and whenever something changes", async () => {
    const ended = new AbortController()
    const response = await fetch(`${api.url}/api/mail/stream`, { headers: { authorization: `Bearer ${anna}` }, signal: ended.signal })
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8")
    let seen = ""
    const told = async (times: number) => {
      const reader = response.body?.getReader()
      while (reader && seen.split("event: mailbox\ndata: {}").length <= times) seen += Buffer.from((await reader.read()).value ?? []).toString()
      reader?.releaseLock()
    }
    await told(1)
    await put("anna", plain("News"))
    await told(2)
    ended.abort()
  })
})

describe("without the mailbox store", () => {
  it("says so, and that it will be back", async () => {
    await mailboxes.process.stop()
    const answer = await api.call("GET", "/api/mail/folders", anna)
    expect([answer.status, answer.body["code"]]).toEqual([503, "mailbox-unavailable"])
    expect((await api.call("GET", "/api/mail/status", anna)).status).toBe(200)
    expect((await api.call("GET", "/api/archive", anna)).status).toBe(200)
  })
})

import { randomBytes } from "node:crypto"
import { simpleParser } from "mailparser"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { MailView } from "@lifeboat/shared/schemas/mail"
import { startWebmailCompany, type WebmailCompany } from "../../../test/support/webmail-company.ts"

let company: WebmailCompany
let anna: string
let boris: string
const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

beforeAll(async () => {
  company = await startWebmailCompany()
  ;({ anna, boris } = company)
}, 120_000)
afterAll(() => company?.stop())

async function upload(token: string, name: string, body: Uint8Array<ArrayBuffer> | ReadableStream, type = "application/octet-stream"): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${company.api.url}/api/mail/uploads?name=${encodeURIComponent(name)}`, { method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": type }, body, duplex: "half" } as RequestInit)
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

async function sent(body: object): Promise<Awaited<ReturnType<typeof simpleParser>>> {
  const answer = await company.call("POST", "/api/mail/send", anna, { to: ["carla@elsewhere.example"], ...body })
  expect([answer.status, answer.body["code"]]).toEqual([200, undefined])
  return simpleParser(company.accepted.at(-1)?.body.bytes ?? Buffer.alloc(0), { skipImageLinks: true })
}

const view = async (place: Record<string, unknown>) => (await company.call("GET", `/api/mail/folders/${String(place["folder"])}/messages/${String(place["id"])}`, anna)).body as unknown as MailView
const save = async (body: object) => (await company.call("POST", "/api/mail/drafts", anna, body)).body

describe("uploads", () => {
  it("come back as they were, to their owner only", async () => {
    const bytes = Uint8Array.from(randomBytes(3_000_000))
    const { status, body } = await upload(anna, "Überblick/../a\r\nb\u202e.pdf", bytes, "application/pdf; x=y")
    expect([status, body]).toEqual([201, { id: expect.any(String), name: "Überblick .. a b.pdf", contentType: "application/pdf", size: 3_000_000 }])
    const path = `/api/mail/uploads/${String(body["id"])}`
    const back = await fetch(company.api.url + path, { headers: { authorization: `Bearer ${anna}` } })
    expect(back.headers.get("content-disposition")).toMatch(/^attachment/)
    expect(Buffer.from(await back.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true)
    for (const method of ["GET", "DELETE"]) expect((await company.call(method, path, boris)).status).toBe(404)
    expect((await company.call("POST", "/api/mail/send", boris, { to: ["a@b.example"], text: "x", attachments: [{ upload: body["id"] }] })).status).toBe(404)
    expect((await company.call("DELETE", path, anna)).status).toBe(204)
    expect((await company.call("GET", path, anna)).status).toBe(404)
    expect(await company.api.database.uploadParts.countDocuments({ upload: String(body["id"]) })).toBe(0)
  })

  it("of any type, also empty ones and JSON", async () => {
    expect((await upload(anna, "a.json", Uint8Array.from(Buffer.from("{broken")), "application/json")).body).toMatchObject({ contentType: "application/json", size: 7 })
    expect((await upload(anna, "empty", new Uint8Array())).body).toMatchObject({ size: 0 })
  })

  it("that are too large are refused early, and leave nothing behind", async () => {
    const before = await company.api.database.uploadParts.countDocuments()
    expect((await upload(anna, "large", new Uint8Array(30_000_000))).body).toMatchObject({ code: "too-large" })
    let sentBytes = 0
    const endless = new ReadableStream({
      pull(controller) {
        sentBytes += 1_000_000
        if (sentBytes > 40_000_000) controller.close()
        else controller.enqueue(new Uint8Array(1_000_000))
      },
    })
    expect((await upload(anna, "larger", endless)).body).toMatchObject({ code: "too-large" })
    await expect.poll(() => company.api.database.uploadParts.countDocuments()).toBe(before)
  })

  it("need a name, and are bounded for each user", async () => {
    expect((await upload(anna, "", new Uint8Array(1))).status).toBe(400)
    expect((await upload(anna, "n".repeat(10_000), new Uint8Array(1))).status).toBe(400)
    const { _id, ...one } = (await company.api.database.uploads.findOne({ user: "anna@example.com" })) ?? { _id: "" }
    await company.api.database.uploads.insertOne({ ...one, _id: "full", size: 1e12 } as never)
    expect((await upload(anna, "more", new Uint8Array(1))).body).toMatchObject({ code: "uploads-full" })
    await company.api.database.uploads.updateOne({ _id: "full" }, { $set: { createdAt: new Date(Date.now() - 2 * 86_400_000) } })
    expect((await upload(anna, "more", new Uint8Array(1))).status).toBe(201)
    expect(await company.api.database.uploads.findOne({ _id: "full" })).toBeNull()
    expect(_id).not.toBe("")
  })
})

describe("a mail", () => {
  it("brings uploads along, and parts of other mails, in their places", async () => {
    const picture = await upload(anna, "photo.png", Uint8Array.from(Buffer.from(png, "base64")), "image/png")
    const id = await company.put(anna, ["From: a@b.example", "Subject: List", "MIME-Version: 1.0", "Content-Type: text/plain", 'Content-Disposition: attachment; filename="list.txt"', "", "the list", ""])
    const inbox = await company.folder(anna, "inbox")
    const mail = await sent({ html: '<p>Look</p><img src="cid:photo">', attachments: [{ upload: picture.body["id"], cid: "photo" }, { folder: inbox, id, attachment: "ATT00001" }] })
    expect(mail.attachments.map(({ filename, related }) => [filename, related === true])).toEqual([["photo.png", true], ["list.txt", false]])
    expect(mail.text?.trim()).toBe("Look")
    expect((await company.call("GET", `/api/mail/uploads/${String(picture.body["id"])}`, anna)).status).toBe(404)
    for (const attachment of [{ folder: inbox, id: "999", attachment: "ATT00001" }, { folder: inbox, id, attachment: "ATT00009" }, { folder: await company.folder(boris, "inbox"), id, attachment: "ATT00001" }, { upload: "gone" }]) {
      expect((await company.call("POST", "/api/mail/send", anna, { to: ["a@b.example"], text: "x", attachments: [attachment] })).status).toBe(404)
    }
  })

  it("quotes the original as one block with its pictures, and nothing that runs", async () => {
    const id = await company.put(anna, [
      "From: Carla <carla@elsewhere.example>", "To: anna@example.com", "Subject: Picture", "Message-ID: <picture@elsewhere.example>", "Date: Mon, 01 Jun 2026 10:00:00 +0000", "MIME-Version: 1.0", 'Content-Type: multipart/related; boundary="b"', "",
      "--b", "Content-Type: text/html; charset=utf-8", "", '<p style="color:red">See</p><script>alert(1)</script><img src="cid:pic@x">',
      "--b", "Content-Type: image/png", 'Content-Disposition: inline; filename="p.png"', "Content-ID: <pic@x>", "Content-Transfer-Encoding: base64", "", png, "--b--", "",
    ])
    const reference = { folder: await company.folder(anna, "inbox"), id, action: "reply" }
    const mail = await sent({ html: "<p>Thanks</p>", reference, quote: true, zone: "Europe/Berlin" })
    expect(mail.html).toMatch(/<p>Thanks<\/p><br><div><div>Am 1\. Juni 2026 um 12:00 schrieb Carla:<\/div><blockquote type="cite"[^>]*><p style="color:red">See<\/p>\s*<img src="cid:quoted-1\.[\w-]+@lifeboat" \/>/)
    expect(mail.html).not.toContain("alert")
    expect(mail.attachments.map(({ filename, related, size }) => [filename, related === true, size > 50])).toEqual([["p.png", true, true]])
    expect(mail.text).toMatch(/^Thanks\n\nAm 1\. Juni 2026 um 12:00 schrieb Carla:\n> See/)
    expect(mail.inReplyTo).toBe("<picture@elsewhere.example>")
    const plain = await sent({ text: "Thanks", writeAs: "plain", html: "<p>ignored</p>", reference, quote: true })
    expect([plain.html, plain.attachments]).toEqual([false, []])
    expect(plain.text).toContain("UTC schrieb Carla:\n> See")
    const forwarded = await sent({ html: "<p>FYI</p>", reference: { ...reference, action: "forward", attach: true }, quote: true })
    expect(forwarded.attachments.map(({ filename, related }) => [filename, related === true])).toEqual([["p.png", true]])
  })

  it("is refused with a clear word where it is too much", async () => {
    const many = Array.from({ length: 5_000 }, (_, n) => `p${n}@elsewhere.example`)
    expect((await company.call("POST", "/api/mail/send", anna, { to: many, text: "x" })).body).toMatchObject({ code: "too-many-recipients" })
    const large = await Promise.all([1, 2].map((n) => upload(anna, `${n}.bin`, new Uint8Array(20_000_000))))
    expect((await company.call("POST", "/api/mail/send", anna, { to: ["a@b.example"], text: "x", attachments: large.map(({ body }) => ({ upload: body["id"] })) })).body).toMatchObject({ code: "too-large" })
    expect((await company.call("POST", "/api/mail/send", anna, { to: ["a@b.example"], text: "x", attachments: [{ upload: "x", cid: "a\r\nb" }] })).body).toMatchObject({ code: "invalid" })
  })

  it("goes out once however often the same letter is sent", async () => {
    const before = company.accepted.length
    const letter = { to: ["carla@elsewhere.example"], text: "once", letter: "letter-0001" }
    const answers = await Promise.all([1, 2, 3].map(() => company.call("POST", "/api/mail/send", anna, letter)))
    expect(new Set(answers.map(({ body }) => body["id"])).size).toBe(1)
    // Whoever sends it again with other words must know that those are not on their way.
    expect((await company.call("POST", "/api/mail/send", anna, { ...letter, text: "twice" })).body).toMatchObject({ id: answers[0]?.body["id"], repeated: true, outbox: null })
    expect(company.accepted).toHaveLength(before + 1)
    expect((await company.call("POST", "/api/mail/drafts", anna, letter)).body).toMatchObject({ code: "already-sent" })
  })
})

describe("a draft", () => {
  it("gives everything back to go on with", async () => {
    const picture = await upload(anna, "photo.png", Uint8Array.from(Buffer.from(png, "base64")), "image/png")
    const file = await upload(anna, "list.txt", Uint8Array.from(Buffer.from("the list")), "text/plain")
    const id = await company.put(anna, ["From: a@b.example", "Subject: Q", "Message-ID: <q@b.example>", "", "?"])
    const reference = { folder: await company.folder(anna, "inbox"), id, action: "reply" }
    const saved = await save({
      to: ["Carla Größe <carla@elsewhere.example>", "half typ"], cc: ['"Müller, Eva" <eva@elsewhere.example>'], bcc: ["secret@elsewhere.example", "<"], subject: "Re: Q", html: '<p style="color: red">Hi</p><img src="cid:photo">', writeAs: "rich", quote: true, reference,
      attachments: [{ upload: picture.body["id"], cid: "photo" }, { upload: file.body["id"] }],
    })
    const draft = await view(saved)
    expect(draft).toMatchObject({ draft: true, subject: "Re: Q", reference, writing: { from: "anna@example.com", to: ["Carla Größe <carla@elsewhere.example>", "half typ"], cc: ['"Müller, Eva" <eva@elsewhere.example>'], bcc: ["secret@elsewhere.example", "<"], writeAs: "rich", quote: true, pictures: [{ cid: "photo" }] } })
    expect(draft.writing?.html).toBe('<p style="color: red">Hi</p><img src="cid:photo" />')
    expect(draft.attachmentList.map(({ name, inline }) => [name, inline])).toEqual([["photo.png", true], ["list.txt", false]])
    const attachments = draft.attachmentList.map((attachment) => ({ folder: draft.folder, id: draft.id, attachment: attachment.id, ...(attachment.inline ? { cid: "photo" } : {}) }))
    const again = await save({ to: [], html: '<p>Hi again</p><img src="cid:photo">', attachments, draft: saved, writeAs: "rich" })
    const mail = await sent({ html: '<p>Hi again</p><img src="cid:photo">', attachments: attachments.map((each) => ({ ...each, id: again["id"] })), draft: again })
    expect(mail.attachments.map(({ filename, content, related }) => [filename, content.length > 0, related === true])).toEqual([["photo.png", true, true], ["list.txt", true, false]])
    expect((await company.rows(anna, "drafts")).map((row) => row.subject)).toEqual([])
  })

  it("keeps half-written recipients however many there are, and plain text as such", async () => {
    const to = Array.from({ length: 400 }, (_, n) => `half typed person ${n} <p${n}@`)
    const draft = await view(await save({ to, text: "plain\n text", letter: "letter-long" }))
    expect(draft.writing).toMatchObject({ to, writeAs: "plain", html: null })
    expect(draft.writing?.text).toContain("plain\n text")
  })

  it("is one, whatever is repeated or lost on the way", async () => {
    const subjects = async () => (await company.rows(anna, "drafts")).map((row) => row.subject).filter((subject) => subject.startsWith("One")).toSorted()
    const letter = { to: [], subject: "One a", text: "1", letter: "letter-one" }
    const first = await save(letter)
    expect(await save(letter)).toEqual(first)
    const second = await save({ ...letter, subject: "One b", draft: first })
    expect(await save({ ...letter, subject: "One b", draft: first })).toEqual(second)
    await save({ ...letter, subject: "One c", draft: first })
    expect(await subjects()).toEqual(["One c"])
    const old = await save({ to: [], subject: "One d", text: "1" })
    const mine = await save({ to: [], subject: "One e", text: "1", draft: old })
    expect(await save({ to: [], subject: "One e", text: "1", draft: old })).toEqual(mine)
    await save({ to: [], subject: "One f", text: "other window", draft: old })
    expect(await subjects()).toEqual(["One c", "One e", "One f"])
    await save({ to: [], subject: "One g", text: "1", draft: { folder: await company.folder(anna, "inbox"), id: "1" } })
    expect((await company.rows(anna, "inbox")).length).toBeGreaterThan(0)
  })

  it("takes 5,000 recipients", async () => {
    const to = Array.from({ length: 5_000 }, (_, n) => `p${n}@elsewhere.example`)
    expect((await view(await save({ to, text: "x" }))).recipients.to).toHaveLength(5_000)
  })
})

describe("the outbox", () => {
  const letter = { to: ["Carla <carla@elsewhere.example>"], bcc: ["hidden@elsewhere.example"], subject: "Wait", html: "<p>later</p>", writeAs: "rich" }
  const items = async () => (await company.call("GET", "/api/mail/outbox", anna)).body["items"] as Record<string, unknown>[]
  const drafts = async () => (await company.rows(anna, "drafts")).filter((row) => row.subject === "Wait")

  it("holds a mail for its time, then sends it and removes the draft", async () => {
    const before = company.accepted.length
    const draft = await save(letter)
    const answer = (await company.call("POST", "/api/mail/send", anna, { ...letter, draft, undoSeconds: 1 })).body
    expect(answer).toEqual({ id: expect.any(String), refused: [], outbox: answer["id"], due: expect.any(String) })
    expect(await items()).toEqual([{ id: answer["id"], subject: "Wait", to: "carla@elsewhere.example", due: answer["due"], failed: null, draft: null }])
    expect((await items())[0]).not.toHaveProperty("letter")
    expect(await drafts()).toHaveLength(1)
    await expect.poll(() => company.accepted.length, { timeout: 10_000 }).toBe(before + 1)
    expect(company.accepted.at(-1)?.recipients.map(({ address }) => address)).toEqual(["carla@elsewhere.example", "hidden@elsewhere.example"])
    expect(company.accepted.at(-1)?.body.bytes?.toString()).not.toContain("hidden@")
    await expect.poll(drafts).toEqual([])
    expect(await items()).toEqual([])
    const late = await company.call("DELETE", `/api/mail/outbox/${String(answer["id"])}`, anna)
    expect([late.status, late.body["code"]]).toEqual([409, "already-sent"])
    expect((await company.call("DELETE", `/api/mail/outbox/${String(answer["id"])}`, boris)).status).toBe(404)
  })

  it("gives it back as the draft that it was, once", async () => {
    const before = company.accepted.length
    const draft = await save({ ...letter, html: "<p>older</p>" })
    const file = await upload(anna, "list.txt", Uint8Array.from(Buffer.from("the list")), "text/plain")
    const { id } = (await company.call("POST", "/api/mail/send", anna, { ...letter, letter: "letter-back", attachments: [{ upload: file.body["id"] }], draft, undoSeconds: 60 })).body
    expect((await company.call("DELETE", `/api/mail/outbox/${String(id)}`, boris)).status).toBe(404)
    const back = await company.call("DELETE", `/api/mail/outbox/${String(id)}`, anna)
    expect(back.status).toBe(200)
    expect((await company.call("DELETE", `/api/mail/outbox/${String(id)}`, anna)).body).toEqual(back.body)
    expect(await view(back.body)).toMatchObject({ subject: "Wait", writing: { bcc: ["hidden@elsewhere.example"], html: "<p>later</p>" }, attachmentList: [{ name: "list.txt" }] })
    expect(await drafts()).toHaveLength(1)
    expect(await items()).toEqual([])
    await company.call("POST", "/api/mail/send", anna, { ...letter, letter: "letter-back", draft: back.body })
    expect(company.accepted).toHaveLength(before + 1)
    expect(await drafts()).toEqual([])
  })

  it("makes a draft of the finished mail where what it was made of is gone", async () => {
    const file = await upload(anna, "list.txt", Uint8Array.from(Buffer.from("the list")), "text/plain")
    const { id } = (await company.call("POST", "/api/mail/send", anna, { ...letter, attachments: [{ upload: file.body["id"] }], undoSeconds: 60 })).body
    await company.call("DELETE", `/api/mail/uploads/${String(file.body["id"])}`, anna)
    const back = await company.call("DELETE", `/api/mail/outbox/${String(id)}`, anna)
    expect(await view(back.body)).toMatchObject({ subject: "Wait", draft: true, writing: { bcc: ["hidden@elsewhere.example"], writeAs: "rich" }, attachmentList: [{ name: "list.txt" }] })
    await company.call("DELETE", `/api/mail/folders/${String(back.body["folder"])}/messages/${String(back.body["id"])}`, anna)
  })

  it("tells the page its letter, and that what is begun cannot be taken back", async () => {
    const { id, due } = (await company.call("POST", "/api/mail/send", anna, { ...letter, letter: "letter-0002", undoSeconds: 60 })).body
    expect(await items()).toMatchObject([{ id, letter: "letter-0002", due }])
    await company.api.database.outbox.updateOne({ _id: String(id) }, { $set: { state: "sending", due: new Date(Date.now() + 120_000), token: "of a node that was killed" } })
    const [item] = await items()
    expect(Date.parse(String(item?.["due"]))).toBeLessThanOrEqual(Date.now())
    await company.api.database.outbox.updateOne({ _id: String(id) }, { $set: { due: new Date(0) } })
    await expect.poll(items).toEqual([])
  })

  it("tries again while the intake does not take it, and hands over the same mail", async () => {
    const ids: string[] = []
    company.intake = (incoming) => {
      ids.push(incoming.body.messageId)
      return Promise.resolve(ids.length === 1 ? { accepted: false, reply: { code: 451, enhanced: "4.3.0", text: "later" } } : undefined)
    }
    const { body } = await company.call("POST", "/api/mail/send", anna, letter)
    expect(body).toMatchObject({ outbox: body["id"], due: expect.any(String) })
    expect(await items()).toHaveLength(1)
    await company.api.database.outbox.updateOne({ _id: String(body["id"]) }, { $set: { due: new Date(0) } })
    await expect.poll(() => ids, { timeout: 10_000 }).toEqual([body["id"], body["id"]])
    await expect.poll(items).toEqual([])
    company.intake = () => Promise.resolve(undefined)
  })

  it("says why a mail could not be sent, and it is a draft again", async () => {
    company.intake = () => Promise.resolve({ accepted: false, reply: { code: 550, enhanced: "5.6.0", text: "not like this" } })
    const now = await company.call("POST", "/api/mail/send", anna, letter)
    expect([now.status, now.body["code"]]).toEqual([400, "recipients-refused"])
    expect(await items()).toEqual([])
    const { id } = (await company.call("POST", "/api/mail/send", anna, { ...letter, undoSeconds: 1 })).body
    await expect.poll(items, { timeout: 10_000 }).toMatchObject([{ id, failed: expect.stringContaining("not like this"), draft: { folder: expect.any(String) } }])
    const [item] = await items()
    expect(await drafts()).toHaveLength(1)
    expect((await company.call("DELETE", `/api/mail/outbox/${String(id)}`, anna)).body).toEqual(item?.["draft"])
    expect(await items()).toEqual([])
    company.intake = () => Promise.resolve(undefined)
  })

  it("takes the largest mails there are, both ways", async () => {
    const large = await upload(anna, "film.mov", new Uint8Array(24_000_000))
    const { id } = (await company.call("POST", "/api/mail/send", anna, { ...letter, attachments: [{ upload: large.body["id"] }], undoSeconds: 60 })).body
    const back = (await company.call("DELETE", `/api/mail/outbox/${String(id)}`, anna)).body
    const [file] = (await view(back)).attachmentList
    expect(file).toMatchObject({ name: "film.mov", size: 24_000_000 })
    const again = { ...letter, draft: back, attachments: [{ ...back, attachment: file?.id }] }
    expect((await company.call("POST", "/api/mail/send", anna, again)).body).toMatchObject({ outbox: null })
    expect(company.accepted.at(-1)?.body.size).toBeGreaterThan(32_000_000)
    expect((await drafts()).filter((row) => row.attachments)).toEqual([])
  })

  it("waits with what the mailbox store must do until it is back", async () => {
    const { id } = (await company.call("POST", "/api/mail/send", anna, { ...letter, undoSeconds: 60 })).body
    await company.api.database.outbox.updateOne({ _id: String(id) }, { $set: { state: "taking-back", due: new Date(0), token: "of a node that was killed" } })
    await expect.poll(async () => (await company.api.database.outbox.findOne({ _id: String(id) }))?.state, { timeout: 10_000 }).toBe("taken-back")
    expect((await company.call("DELETE", `/api/mail/outbox/${String(id)}`, anna)).body).toMatchObject({ folder: expect.any(String) })
  })
})

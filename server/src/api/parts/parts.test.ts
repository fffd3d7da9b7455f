import { simpleParser } from "mailparser"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Attachment, MailView } from "@lifeboat/shared/schemas/mail"
import { storedMessage } from "../../../test/support/api.ts"
import { readableCopy } from "../../mailbox/readable-copy.ts"
import { buildSigned } from "../../../test/support/signed.ts"
import { buildTnef, packRtf } from "../../../test/support/tnef.ts"
import { unzip } from "../../../test/support/unzip.ts"
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

type Part = readonly [type: string, disposition: string, content: Buffer | string]
let mails = 0

function mail(subject: string, parts: readonly Part[], head: readonly string[] = []): string {
  const boundary = `boundary-${mails++}`
  const body = parts.flatMap(([type, disposition, content]) => {
    if (type === "message/rfc822") return [`--${boundary}`, `Content-Type: ${type}`, `Content-Disposition: ${disposition}`, "", content.toString()]
    return [`--${boundary}`, `Content-Type: ${type}`, `Content-Disposition: ${disposition}`, "Content-Transfer-Encoding: base64", "", Buffer.from(content).toString("base64").replace(/.{76}/g, "$&\r\n")]
  })
  return ["From: Carla <carla@elsewhere.example>", "To: anna@example.com", `Subject: ${subject}`, "Date: Mon, 01 Jun 2026 10:00:00 +0000", "MIME-Version: 1.0", ...head, `Content-Type: multipart/mixed; boundary=${boundary}`, "", ...body, `--${boundary}--`, ""].join("\r\n")
}
const text = (content: string): Part => ["text/plain; charset=utf-8", "inline", content]
const file = (name: string, content: Buffer | string, type = "application/octet-stream"): Part => [type, `attachment; filename*=utf-8''${encodeURIComponent(name)}`, content]

/** The same mail in both places: the address of the one in the mailbox, and of the one in the archive. */
async function stored(raw: string, copy: (bytes: Buffer) => Buffer = readableCopy): Promise<{ mailbox: string; archive: string }> {
  const folder = await company.folder(anna, "inbox")
  const account = (await company.api.database.users.findOne({ _id: "anna@example.com" }))?.mailbox?.id ?? ""
  // Thousands of files take their time on a busy machine.
  const mailbox = `/api/mail/folders/${folder}/messages/${await company.mailboxes.api.upload(account, folder, Uint8Array.from(copy(Buffer.from(raw))), { timeout: 60_000 })}`
  const message = storedMessage({ owners: ["anna@example.com"], summary: { ...storedMessage().summary, subject: "Files: all/of it" } })
  const { bodies } = company.api.deps
  await company.api.database.bodies.insertOne(await bodies.document(await bodies.receive(message._id, (async function* () { yield await Promise.resolve(Buffer.from(raw)) })(), 100_000), message.expireAt))
  await company.api.database.messages.insertOne(message)
  return { mailbox, archive: `/api/archive/${message._id}` }
}
const get = async (path: string, token = anna) => company.api.call("GET", path, token)
const bytes = async (path: string, token = anna) => Buffer.from(await (await fetch(company.api.url + path, { headers: { authorization: `Bearer ${token}` } })).arrayBuffer())
const opened = async (path: string) => (await get(path)).body as unknown as MailView
const named = (list: readonly Attachment[], name: string) => list.find((each) => each.name === name)?.id ?? "missing"

describe.each(["mailbox", "archive"] as const)("files of a mail in the %s", (place) => {
  it("are shown as what they are, text in any charset", async () => {
    const base = (await stored(mail("Files", [text("Hello"), file("a.png", Buffer.from(png, "base64"), "image/png"), file("b.JPG", "x"), file("Größe.txt", Buffer.from("Grüße", "latin1"), "text/plain"), file("c.log", "a".repeat(1_100_000)), file("d.exe", "MZ"), file("e.html", "<script>alert(1)</script>", "text/html"), file("f.pdf", "%PDF", "application/pdf")])))[place]
    const { attachmentList } = await opened(base)
    expect(attachmentList.map(({ name, preview }) => [name, preview])).toEqual([["a.png", "picture"], ["b.JPG", "picture"], ["Größe.txt", "text"], ["c.log", "text"], ["d.exe", "none"], ["e.html", "text"], ["f.pdf", "pdf"]])
    const shown = (name: string) => get(`${base}/attachments/${named(attachmentList, name)}/text`)
    expect((await shown("Größe.txt")).body).toEqual({ text: "Grüße", truncated: false, charset: "windows-1252" })
    expect((await shown("e.html")).body).toMatchObject({ text: "<script>alert(1)</script>" })
    const long = (await shown("c.log")).body
    expect([String(long["text"]).length, long["truncated"]]).toEqual([1_048_576, true])
    expect((await shown("d.exe")).status).toBe(404)
    const picture = await get(`${base}/attachments/${named(attachmentList, "b.JPG")}`)
    expect([picture.headers.get("content-type"), picture.headers.get("x-content-type-options")]).toEqual(["image/jpeg", "nosniff"])
  })

  it("are listed without a byte, too", async () => {
    const base = (await stored(mail("Empty", [text("Hello"), file("notes.txt", "", "text/plain"), file("full.txt", "x", "text/plain"), file("empty.pdf", "", "application/pdf")])))[place]
    const { attachmentList } = await opened(base)
    expect(attachmentList.map(({ name, size }) => [name, size > 0])).toEqual([["notes.txt", false], ["full.txt", true], ["empty.pdf", false]])
    expect((await bytes(`${base}/attachments/${named(attachmentList, "notes.txt")}`)).length).toBe(0)
    expect((await get(`${base}/attachments/${named(attachmentList, "notes.txt")}/text`)).body).toMatchObject({ text: "" })
    expect(unzip(await bytes(`${base}/attachments.zip`)).map(({ name, content }) => [name, content.length])).toEqual([["notes.txt", 0], ["full.txt", 1], ["empty.pdf", 0]])
  })

  it("are themselves where their name has a control character in it", async () => {
    const path = (await stored(mail("Bell", [text("Hello"), file("a\u0007.txt", "in it")])))[place]
    const { attachmentList } = await opened(path)
    expect((await bytes(`${path}/attachments/${attachmentList[0]?.id}`)).toString()).toBe("in it")
    // As a mail client puts it there.
    const raw = mail("Bell", [text("Hello"), ["application/octet-stream", 'attachment; filename="b\u0007.txt"', "in that"]])
    const untouched = (await stored(raw, (as) => as))[place]
    expect((await bytes(`${untouched}/attachments/${(await opened(untouched)).attachmentList[0]?.id}`)).toString()).toBe("in that")
  })

  it("are the same within what is signed, which stays as it is", async () => {
    const inner = mail("x", [text("Hello"), file("notes.txt", "", "text/plain"), ["application/pdf", "attachment; filename*0=\"a \"; filename*1=\"b.pdf\"", "%PDF"]]).split("\r\n").filter((line) => !/^(?:From|To|Subject|Date|MIME-Version):/.test(line)).join("\r\n")
    const raw = ["From: Carla <carla@elsewhere.example>", "To: anna@example.com", "Subject: Signed", "MIME-Version: 1.0", "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=S", "", "--S", inner, "--S", "Content-Type: application/pgp-signature; name=signature.asc", "", "-----BEGIN PGP SIGNATURE-----", "--S--", ""].join("\r\n")
    expect((await opened((await stored(raw))[place])).attachmentList.map(({ name }) => name)).toEqual(["notes.txt", "a b.pdf", "signature.asc"])
  })

  it("are listed where the text that they belong to does not show them", async () => {
    const related = (...parts: Part[]) => mail("Related", parts).replace("multipart/mixed", "multipart/related")
    const picture = (cid: string): Part => [`image/png; name=${cid}.png\r\nContent-ID: <${cid}@x>`, "inline", Buffer.from(png, "base64")]
    const html: Part = ["text/html; charset=utf-8", "inline", '<img src="cid:a&#64;x"><img src="CID:b%40x"><img src="pic.png">']
    expect((await opened((await stored(related(html, picture("a"), picture("b"), picture("c"))))[place])).attachmentList.map(({ name, inline }) => [name, inline])).toEqual([["a.png", true], ["b.png", true], ["c.png", false]])
    expect(unzip(await bytes(`${(await stored(related(html, picture("a"), picture("b"), picture("c"))))[place]}/attachments.zip`)).map(({ name }) => name)).toEqual(["c.png"])
    const plain = (await stored(related(text("Hello"), picture("a"))))[place]
    expect((await opened(plain)).attachmentList.map(({ inline }) => inline)).toEqual([false])
  })

  it("have the same name where they have none", async () => {
    const raw = mail("Nameless", [text("Hello"), ["application/octet-stream", "attachment", "x"], ["image/png", "attachment", "y"], ["text/vcard", "attachment", "BEGIN:VCARD"], file("20260131.pdf", "z", "application/pdf")])
    expect((await opened((await stored(raw))[place])).attachmentList.map(({ name }) => name)).toEqual(["attachment-1.bin", "attachment-2.png", "contact.vcf", "20260131.pdf"])
  })

  it("come out of a winmail.dat, with the text where there is no other", async () => {
    const winmail = buildTnef({ properties: [[0x1009, packRtf("{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag64 <p>}Gr\\'fc\\'dfe{\\*\\htmltag72 </p>}}")]], files: [{ title: "A~1.PDF", data: Buffer.from("pdf"), properties: [[0x3707, "Angebot Köln.pdf"]] }, { title: "b.txt", data: Buffer.from("text in it") }] })
    const base = (await stored(mail("Winmail", [["application/ms-tnef; name=winmail.dat", "attachment; filename=winmail.dat", winmail]])))[place]
    const view = await opened(base)
    expect(view.attachmentList.map(({ name, preview, size }) => [name, preview, size])).toEqual([["Angebot Köln.pdf", "pdf", 3], ["b.txt", "text", 10]])
    expect(view).toMatchObject({ html: true, text: "Grüße" })
    expect((await get(`${base}/html`)).text).toContain("<p>Grüße</p>")
    expect((await bytes(`${base}/attachments/${named(view.attachmentList, "Angebot Köln.pdf")}`)).toString()).toBe("pdf")
    expect((await get(`${base}/attachments/${named(view.attachmentList, "b.txt")}/text`)).body).toMatchObject({ text: "text in it" })
    expect(unzip(await bytes(`${base}/attachments.zip`)).map(({ name, content }) => [name, content.toString()])).toEqual([["Angebot Köln.pdf", "pdf"], ["b.txt", "text in it"]])
    const within = buildTnef({ files: [{ title: "winmail.dat", data: buildTnef({ files: [{ title: "deep.txt", data: Buffer.from("deep") }] }) }, { title: "b.txt", data: Buffer.from("b") }] })
    const nested = (await stored(mail("Nested", [text("Hello"), ["application/ms-tnef; name=winmail.dat", "attachment; filename=winmail.dat", within]])))[place]
    const { attachmentList } = await opened(nested)
    expect(attachmentList.map(({ name }) => name)).toEqual(["deep.txt", "b.txt"])
    expect((await bytes(`${nested}/attachments/${named(attachmentList, "deep.txt")}`)).toString()).toBe("deep")
    for (const bad of ["x", "ATT00001~9", "0~9", "~", "0~0~0~0~0~0~0", "ATT00001~0~0"]) expect((await get(`${base}/attachments/${bad}`)).status).toBe(404)
    const broken = (await stored(mail("Broken", [text("Hello"), file("winmail.dat", "no tnef", "application/ms-tnef")])))[place]
    expect(await opened(broken)).toMatchObject({ text: expect.stringContaining("Hello"), attachmentList: [{ name: "winmail.dat", preview: "none" }] })
  })

  it("come out of a mail that is signed as a whole, with what it says", async () => {
    const within = mail("Within", [["text/html; charset=utf-8", "inline", "<p>Grüße</p><script>alert(1)</script>"], file("in.txt", "inside", "text/plain")]).replace(/^[^]*?(?=MIME-Version)/, "")
    const head = mail("Signed", []).split("\r\n").filter((line) => !/^(?:Content-Type|--|$)/.test(line)).join("\r\n")
    const signed = (content: Buffer) => `${head}\r\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\nContent-Disposition: attachment; filename=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n${content.toString("base64").replace(/.{76}/g, "$&\r\n")}\r\n`
    const base = (await stored(signed(buildSigned(within, "open"))))[place]
    const view = await opened(base)
    expect(view).toMatchObject({ signed: true, html: true, text: expect.stringContaining("Grüße"), attachmentList: [{ name: "in.txt" }] })
    const page = (await get(`${base}/html`)).text
    expect(page).toContain("<p>Grüße</p>")
    expect(page).not.toContain("alert")
    expect((await bytes(`${base}/attachments/${named(view.attachmentList, "in.txt")}`)).toString()).toBe("inside")
    expect(unzip(await bytes(`${base}/attachments.zip`)).map(({ name }) => name)).toEqual(["in.txt"])
    const forwarded = (await stored(mail("Forwarded", [text("See below"), ["message/rfc822", "attachment", signed(buildSigned(within))]])))[place]
    const attached = named((await opened(forwarded)).attachmentList, "Signed.eml")
    expect((await get(`${forwarded}/attachments/${attached}/mail`)).body).toMatchObject({ signed: true, html: true, attachmentList: [{ name: "in.txt" }] })
    const sealed = await opened((await stored(signed(buildSigned(within, "exact", "2a864886f70d010703"))))[place])
    expect(sealed).toMatchObject({ text: "", html: false, attachmentList: [{ name: "smime.p7m" }] })
    expect(sealed).not.toHaveProperty("signed")
    const listed = (await stored(mail("List", [["application/pkcs7-mime; name=smime.p7m", "attachment; filename=smime.p7m", buildSigned("Content-Type: text/plain\r\n\r\nsigned words")], text("footer of a list")])))[place]
    expect((await opened(listed)).text).toMatch(/signed words[^]*footer of a list/)
  })

  it("are mails with files of their own, whose text stays theirs", async () => {
    const innermost = mail("Innermost", [text("innermost text"), file("deep.txt", "deep")])
    const inner = mail("Inner=?utf-8?Q?_=C3=BC?=", [["text/html; charset=utf-8", "inline", '<p onclick="x()">inner <b>text</b></p><script>alert(1)</script><img src="https://evil.example/a.png"><img src="cid:pic">'], ["image/png\r\nContent-ID: <pic>", "inline; filename=pic.png", Buffer.from(png, "base64")], file("inner.txt", "of the inner"), ["message/rfc822", "attachment", innermost]])
    const base = (await stored(mail("Outer", [text("outer text"), ["message/rfc822", "attachment", inner], file("empty.txt", "", "text/plain")])))[place]
    const view = await opened(base)
    expect(view.text.trim()).toBe("outer text")
    expect(view.html).toBe(false)
    const attached = named(view.attachmentList, "Inner ü.eml")
    expect(view.attachmentList.find(({ id }) => id === attached)).toMatchObject({ preview: "mail", contentType: "message/rfc822" })
    const read = (await get(`${base}/attachments/${attached}/mail`)).body as unknown as MailView & { subject: string }
    expect(read).toMatchObject({ subject: "Inner ü", sender: { name: "Carla", address: "carla@elsewhere.example" }, date: "2026-06-01T10:00:00.000Z", html: true, remoteContent: 1 })
    const page = await get(`${base}/attachments/${attached}/mail/html`)
    expect(page.text).toContain("inner <b>text</b>")
    expect(page.text).not.toMatch(/alert|onclick|evil\.example/)
    expect(page.headers.get("content-security-policy")).toContain("script-src 'none'")
    const picture = /<img src="([^"]+)"/.exec(page.text)?.[1] ?? ""
    expect((await get(new URL(picture, `http://x${base}/attachments/${attached}/mail/html`).pathname)).headers.get("content-type")).toBe("image/png")
    expect((await bytes(`${base}/attachments/${named(read.attachmentList, "inner.txt")}`)).toString()).toBe("of the inner")
    const deeper = named(read.attachmentList, "Innermost.eml")
    const deep = (await get(`${base}/attachments/${deeper}/mail`)).body as unknown as MailView
    expect(deep.text).toContain("innermost text")
    expect((await get(`${base}/attachments/${named(deep.attachmentList, "deep.txt")}/text`)).body).toMatchObject({ text: "deep" })
    expect((await get(`${base}/attachments/${named(deep.attachmentList, "deep.txt")}/mail`)).status).toBe(404)
  })

  it("belong to their owner alone", async () => {
    const base = (await stored(mail("Secret", [text("x"), file("a.txt", "secret"), ["message/rfc822", "attachment", mail("y", [text("z")])]])))[place]
    for (const id of (await opened(base)).attachmentList.map((each) => each.id))
      for (const rest of [`/attachments/${id}`, `/attachments/${id}/text`, `/attachments/${id}/mail`, `/attachments/${id}/mail/html`, "/attachments.zip"]) expect([rest, (await get(base + rest, boris)).status]).toEqual([rest, 404])
  })

  it("are counted where there are too many, and named bounded", async () => {
    const many = Array.from({ length: 2_000 }, (_, n) => file(n === 0 ? `${"ä".repeat(10_000)}.txt` : "same.txt", String(n), "text/plain"))
    const base = (await stored(mail("Many", [text("x"), ...many])))[place]
    const view = await opened(base)
    expect([view.attachmentList.length, view.moreAttachments]).toEqual([200, 1_800])
    const [first] = view.attachmentList
    expect(first?.name).toHaveLength(255)
    expect(first?.name.endsWith("….txt")).toBe(true)
    const single = await get(`${base}/attachments/${first?.id}`)
    expect([single.status, single.text, (single.headers.get("content-disposition") ?? "").length < 2_000]).toEqual([200, "0", true])
    const files = unzip(await bytes(`${base}/attachments.zip`))
    expect(files).toHaveLength(2_000)
    expect(new Set(files.map(({ name }) => name.toLowerCase())).size).toBe(2_000)
  }, 120_000)
})

describe("an invitation", () => {
  const event = (sequence: number, method = "REQUEST", more = "") =>
    ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", `METHOD:${method}`, "BEGIN:VEVENT", "UID:meeting@elsewhere.example", `SEQUENCE:${sequence}`, "DTSTAMP:20260501T080000Z", "DTSTART:20260601T120000Z", "DTEND:20260601T130000Z", "SUMMARY:Besprechung", "ORGANIZER;CN=Carla:mailto:carla@elsewhere.example", "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:anna@example.com", ...(more === "" ? [] : [more]), "END:VEVENT", "END:VCALENDAR", ""].join("\r\n")
  const invited = (calendar: string) => mail("Invitation", [text("See the invitation"), ["text/calendar; charset=utf-8; method=REQUEST", "inline", calendar]])

  it("is shown, answered to its organizer, and the answer is known wherever the event is", async () => {
    const { mailbox, archive } = await stored(invited(event(0)))
    expect((await opened(mailbox)).invitation).toMatchObject({ method: "request", summary: "Besprechung", start: "2026-06-01T12:00:00.000Z", organizer: { address: "carla@elsewhere.example" }, answerable: true, answer: null })
    expect((await opened(archive)).invitation).toMatchObject({ answerable: false, answer: null })
    const answer = await company.api.call("POST", `${mailbox}/invitation`, anna, { answer: "accepted", comment: "Gern" })
    expect([answer.status, answer.body["answer"]]).toEqual([200, "accepted"])
    const incoming = company.accepted.at(-1)
    expect(incoming).toMatchObject({ submitter: "anna@example.com", envelope: { mailFrom: "anna@example.com" }, recipients: [{ address: "carla@elsewhere.example" }] })
    const sent = await simpleParser(incoming?.body.bytes ?? Buffer.alloc(0))
    const calendar = sent.attachments.find(({ contentType }) => contentType === "text/calendar" || contentType === "application/ics")?.content.toString() ?? ""
    for (const line of ["METHOD:REPLY", "UID:meeting@elsewhere.example", "PARTSTAT=ACCEPTED", "COMMENT:Gern"]) expect(calendar).toContain(line)
    for (const base of [mailbox, archive, (await stored(invited(event(0)))).mailbox]) expect((await opened(base)).invitation).toMatchObject({ answer: "accepted" })
    expect((await company.api.call("POST", `${mailbox}/invitation`, anna, { answer: "declined" })).body).toMatchObject({ answer: "declined" })
    expect((await opened((await stored(invited(event(1)))).mailbox)).invitation).toMatchObject({ answer: null })
  })

  it("is not answered by others, nor where there is nothing to answer, nor to nobody", async () => {
    const { mailbox } = await stored(invited(event(0)))
    expect((await company.api.call("POST", `${mailbox}/invitation`, boris, { answer: "accepted" })).status).toBe(404)
    expect((await company.api.call("POST", `${mailbox}/invitation`, anna, { answer: "perhaps" })).status).toBe(400)
    const before = company.accepted.length
    for (const calendar of [event(0, "CANCEL"), event(0, "REPLY"), event(0, "REQUEST", "STATUS:CANCELLED"), "BEGIN:VCALENDAR", event(0).replace("mailto:carla@elsewhere.example", "mailto:anna@example.com")]) {
      const base = (await stored(invited(calendar))).mailbox
      expect((await opened(base)).invitation?.answerable ?? false).toBe(false)
      expect((await company.api.call("POST", `${base}/invitation`, anna, { answer: "accepted" })).status).toBe(404)
    }
    expect((await opened((await stored(invited(event(0, "CANCEL")))).mailbox)).invitation).toMatchObject({ method: "cancel" })
    const unknown = (await stored(invited(event(0).replace("carla@elsewhere.example", "unknown@example.com")))).mailbox
    expect((await company.api.call("POST", `${unknown}/invitation`, anna, { answer: "accepted" })).body).toMatchObject({ code: "recipients-refused" })
    expect((await opened(unknown)).invitation).toMatchObject({ answer: "declined" })
    expect(company.accepted.length).toBe(before)
  })
})

describe.each(["mailbox", "archive"] as const)("a mail in the %s", (place) => {
  it("names the people of groups, not the groups", async () => {
    const raw = ["From: Carla <carla@elsewhere.example>", "To: Undisclosed recipients:;", "Cc: Team: Dora <dora@x.example>, e@x.example;, Anna <anna@example.com>", "Reply-To: Desk: desk@third.example;", "Subject: Groups", "", "x", ""].join("\r\n")
    expect((await opened((await stored(raw))[place])).recipients).toEqual({ to: [], cc: [{ name: "Dora", address: "dora@x.example" }, { name: "", address: "e@x.example" }, { name: "Anna", address: "anna@example.com" }], bcc: [], replyTo: [{ name: "", address: "desk@third.example" }] })
  })

  it("flows on without the marks of what is quoted", async () => {
    const raw = ["From: Carla <carla@elsewhere.example>", "Subject: Flowed", "Content-Type: text/plain; charset=utf-8; format=flowed", "", "> quoted ", "> text ", "> of three lines", "mine", ""].join("\r\n")
    expect((await opened((await stored(raw))[place])).text.trim()).toBe("> quoted text of three lines\nmine")
  })
})

describe("several mails as a zip", () => {
  it("are .eml files of the caller's own mails", async () => {
    const raw = mail("Gleich/viel\u00fc", [text("one")])
    const places = [(await stored(raw)).mailbox, (await stored(raw)).mailbox].map((path) => /folders\/(\w+)\/messages\/(\d+)/.exec(path)?.slice(1) ?? [])
    const folder = places[0]?.[0] ?? ""
    const ids = places.map(([, id]) => id).join(",")
    const files = unzip(await bytes(`/api/mail/zip?mails=${folder}:${ids},999999`))
    expect(files.map(({ name }) => name)).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\d Gleich_vielü\.eml$/), expect.stringMatching(/^\d{4}-\d\d-\d\d Gleich_vielü \(2\)\.eml$/)])
    expect((await simpleParser(files[0]?.content ?? "")).text).toContain("one")
    expect((await get(`/api/mail/zip?mails=${folder}:${ids}`, boris)).status).toBe(404)
    expect((await get(`/api/mail/zip?mails=${folder}:999999`)).status).toBe(404)
    for (const bad of ["", "x", `${folder}:`, `${folder}:1;`, `${folder}:${Array.from({ length: 501 }, (_, n) => n + 1).join(",")}`]) expect((await get(`/api/mail/zip?mails=${bad}`)).status).toBe(400)
  })
})

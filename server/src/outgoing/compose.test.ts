import { simpleParser } from "mailparser"
import { describe, expect, it } from "vitest"
import { readWritten } from "./addresses.ts"
import { composeMail, type Letter } from "./compose.ts"
import { quoteMail, type QuotedMail } from "./quote.ts"

const png = Buffer.from("iVBORw0KGgo=", "base64")
const anna = { name: "Anna Köhler", address: "anna@example.com" }
const carla = { name: "", address: "carla@elsewhere.example" }
const letter = (change: Partial<Letter>): Letter => ({ from: anna, to: [carla], cc: [], bcc: [], subject: "Angebot für Köln", text: undefined, html: undefined, enclosures: [], original: undefined, date: new Date("2026-06-01T10:00:00Z"), ...change })

/** The types of a mail's parts, one inside the other. */
function structure(raw: Buffer): string[] {
  return [...raw.toString("latin1").matchAll(/^content-type: ([\w./+-]+)/gim)].map((match) => match[1] ?? "")
}

describe("a mail that is written", () => {
  it("has alternatives, with pictures beside the HTML and files beside all", async () => {
    const raw = await composeMail(letter({
      html: '<p>Hallo <b>Carla</b></p><img src="cid:own@x"><img src="data:image/png;base64,iVBORw0KGgo=">',
      enclosures: [{ name: "own.png", contentType: "image/png", content: png, cid: "own@x" }, { name: "unused.png", contentType: "image/png", content: png, cid: "unused@x" }, { name: "Übersicht „Köln“.pdf", contentType: "application/pdf", content: Buffer.from("%PDF") }],
    }))
    expect(structure(raw)).toEqual(["multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png", "image/png", "application/pdf"])
    const mail = await simpleParser(raw)
    expect(mail.text?.trim()).toBe("Hallo Carla")
    expect(mail.attachments.map(({ filename, related, cid }) => [filename, related === true, cid === "own@x"])).toEqual([["own.png", true, true], ["picture-1.png", true, false], ["Übersicht „Köln“.pdf", false, false]])
    expect(mail.attachments.every(({ content }) => content.length > 0)).toBe(true)
  })

  it("is one part where it is plain text, its long lines wrapped softly or not at all", async () => {
    const text = `${"Wort ".repeat(60)}\n${"ü".repeat(300)}\n-- \nAnna`
    const raw = await composeMail(letter({ text }))
    expect(structure(raw)).toEqual(["text/plain"])
    expect(Math.max(...raw.toString("latin1").split("\r\n").map((line) => line.length))).toBeLessThanOrEqual(78)
    expect((await simpleParser(raw)).text?.trimEnd()).toBe(text.trimEnd())
  })

  it("keeps pictures as files where there is no HTML", async () => {
    const mail = await simpleParser(await composeMail(letter({ text: "see", enclosures: [{ name: "own.png", contentType: "image/png", content: png, cid: "own@x" }] })))
    expect(mail.attachments.map(({ filename, related }) => [filename, related === true])).toEqual([["own.png", false]])
  })

  it.each(["subject", "name", "file", "cid"])("lets nothing through %s into the header", async (field) => {
    const bad = "x\r\nBcc: injected@evil.example\r\n\r\nBody\u2028\u0000"
    const raw = await composeMail(letter({
      subject: field === "subject" ? bad : "s",
      to: field === "name" ? [readWritten(`"${bad}" <a@b.example>`) ?? carla] : [carla],
      text: "t",
      enclosures: field === "file" ? [{ name: bad, contentType: "text/plain", content: png }] : [],
      original: { messageId: field === "cid" ? `<a@b>\r\nX: y` : "<a@b>", references: [] },
    }))
    const head = raw.toString("latin1").split("\r\n\r\n")[0] ?? ""
    expect(head).not.toMatch(/^(bcc|x):/im)
    expect(raw.toString("latin1")).not.toMatch(/[^\r]\n|\0/)
  })

  it("takes a name of 10,000 characters", async () => {
    const raw = await composeMail(letter({ to: [{ name: "n".repeat(10_000), address: "a@b.example" }], subject: "ü".repeat(2_000), text: "t", enclosures: [{ name: `${"f".repeat(255)}.txt`, contentType: "text/plain", content: png }] }))
    expect(Math.max(...raw.toString("latin1").split("\r\n").map((line) => line.length))).toBeLessThanOrEqual(998)
    expect((await simpleParser(raw)).subject).toBe("ü".repeat(2_000))
  })
})

describe("the original below", () => {
  const original: QuotedMail = {
    from: [{ name: "Carla <b>", address: "carla@elsewhere.example" }], to: [anna], cc: [carla], date: new Date("2026-06-01T10:00:00Z"), subject: "Frage <1>",
    html: '<style>p{color:red}</style><p style="color: blue">Hi <script>x</script></p><table border="1"><tr><td>1</td></tr></table><img src="cid:pic"><img src="cid:gone"><img src="https://shop.example/a.png">',
    text: "Hi\n> before",
    picture: (src) => (src === "cid:pic" ? { key: "1", name: "pic.png", contentType: "image/png" } : undefined),
  }
  const options = { language: "de", zone: "Europe/Berlin" } as const

  it("is one block, as it was but harmless, with its pictures", () => {
    const quote = quoteMail(original, { ...options, action: "reply" }, () => "r")
    expect(quote.html).toBe(
      '<br><div><div>Am 1. Juni 2026 um 12:00 schrieb Carla &#60;b&#62;:</div><blockquote type="cite" style="margin: 0 0 0 0.8ex; border-left: 2px solid #b8b8b8; padding-left: 1ex"><p style="color: blue">Hi </p><table border="1"><tr><td>1</td></tr></table><img src="cid:quoted-1.r@lifeboat" /><img src="https://shop.example/a.png" /></blockquote></div>',
    )
    expect(quote.text).toBe("Am 1. Juni 2026 um 12:00 schrieb Carla <b>:\n> Hi\n>> before")
    expect(quote.pictures).toEqual([{ key: "1", name: "pic.png", contentType: "image/png", cid: "quoted-1.r@lifeboat" }])
  })

  it("has a head of its own where it is forwarded", () => {
    const quote = quoteMail(original, { action: "forward", language: "en", zone: "no such zone" })
    expect(quote.text).toBe("---------- Forwarded message ----------\nFrom: Carla <b> <carla@elsewhere.example>\nDate: 1 June 2026 at 10:00 UTC\nSubject: Frage <1>\nTo: Anna Köhler <anna@example.com>\nCc: carla@elsewhere.example\n\nHi\n> before")
    expect(quote.html).toContain("Subject: Frage &#60;1&#62;<br>")
  })

  it("is in both alternatives", async () => {
    const quote = quoteMail({ ...original, html: "" }, { ...options, action: "replyAll" })
    const mail = await simpleParser(await composeMail(letter({ html: "<p>Yes</p>", quote })))
    expect(mail.text?.trim()).toBe("Yes\n\nAm 1. Juni 2026 um 12:00 schrieb Carla <b>:\n> Hi\n>> before")
    expect(mail.html).toContain("<p>Yes</p><br><div><div>Am 1. Juni")
    expect(mail.html).toContain("Hi<br>\n&#62; before</blockquote>")
  })
})

import { describe, expect, it } from "vitest"
import { letterAgain } from "./again.ts"
import { type Answerable, answerTo, type Habits, newLetter } from "./answer.ts"

const habits: Habits = {
  writeAs: "rich", identities: [{ name: "Anna", address: "anna@example.com" }, { name: "Anna", address: "sales@example.com" }],
  signatures: [{ id: "s1", name: "Long", html: "<p>Anna Berg</p>" }, { id: "s2", name: "Short", html: "<p>AB</p>" }], signatureNew: "s1", signatureReply: "s2",
}
const box = (address: string) => ({ name: "", address })
const mail = (change: Partial<Answerable>): Answerable => ({
  folder: "f", id: "7", messageId: "m1", subject: "Offer", date: "2026-01-01T00:00:00Z", sender: box("carl@partner.test"), recipients: { to: [box("anna@example.com")], cc: [], bcc: [], replyTo: [] },
  text: "Hello", html: false, attachmentList: [], ...change,
})
const attachment = (id: string, inline = false) => ({ id, name: `${id}.pdf`, contentType: "application/pdf", size: 10, inline, preview: "pdf" as const })

describe("an answer", () => {
  it("refers to the mail, keeps the original outside of the text, and has the signature for answers", () => {
    const letter = answerTo(mail({}), "reply", habits, "/html")
    expect(letter).toMatchObject({ to: ["carl@partner.test"], subject: "Re: Offer", from: "", quote: true, reference: { folder: "f", id: "7", action: "reply", message: "m1" }, original: { text: "Hello", url: undefined } })
    expect(letter.html).toContain("AB")
    expect(letter.html).not.toContain("Hello")
    expect(letter.text).toBe("\n\n-- \nAB")
  })
  it("goes out as the address that the mail came to", () => {
    expect(answerTo(mail({ recipients: { to: [box("Sales@example.com")], cc: [], bcc: [], replyTo: [] } }), "reply", habits, "/html").from).toBe("sales@example.com")
  })
  it("to a mail that lies in the archive only names its message", () => {
    expect(answerTo(mail({ folder: "", id: "m1" }), "reply", habits, "/html").reference).toEqual({ folder: "", id: "", action: "reply", message: "m1" })
  })
})

it("forwards every attachment that is no picture of the text", () => {
  const letter = answerTo(mail({ html: true, attachmentList: [attachment("A1"), attachment("A2", true)] }), "forward", habits, "/html")
  expect(letter.to).toEqual([])
  expect(letter.original).toMatchObject({ url: "/html", text: "" })
  expect(letter.files.map((file) => file.source)).toEqual([{ at: "part", folder: "f", id: "7", attachment: "A1" }])
})

it("begins a new mail with what is given, above the signature", () => {
  expect(newLetter(habits, { text: "a\nb", subject: "S" })).toMatchObject({ subject: "S", signature: "s1", text: "a\nb\n\n-- \nAnna Berg", html: '<p>a</p><p>b</p><p></p><div class="lifeboat-signature"><p>Anna Berg</p></div>' })
  expect(newLetter({ ...habits, signatureNew: "" }, {})).toMatchObject({ html: "<p></p>", text: "", signature: "" })
})

it("writes a mail once more without reference or signature of its own", () => {
  expect(letterAgain(mail({ sender: box("sales@example.com"), recipients: { to: [box("x@x.test")], cc: [], bcc: [], replyTo: [] } }), habits, undefined)).toMatchObject({ to: ["x@x.test"], subject: "Offer", from: "sales@example.com", reference: undefined, writeAs: "plain", text: "Hello" })
  expect(letterAgain(mail({ sender: box("Anna@example.com") }), habits, undefined).from).toBe("")
})

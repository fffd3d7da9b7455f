import { describe, expect, it } from "vitest"
import { summarize } from "./summary.ts"

const of = (text: string, encoding: BufferEncoding = "utf8") => summarize(Buffer.from(text, encoding))

describe("summarize", () => {
  it("decodes words, unfolds lines, takes the first of each field", () => {
    expect(of("subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n aus M\r\nFrom: Anna <a@b.c>\r\nTO: x@y.z\r\nSubject: second\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000 (UTC)\r\nMessage-ID: <1@b.c>\r\n\r\nSubject: body")).toEqual({
      subject: "Grüße aus M", from: "Anna <a@b.c>", to: "x@y.z", messageId: "<1@b.c>", date: new Date("2026-11-23T10:00:00Z"),
    })
  })
  it.each([["", ""], ["no header at all", ""], ["Subject: a\r\n\0\x07b", "a"], ["__proto__: x\r\nconstructor: y\r\nSubject: z\r\n\r\n", "z"], ["Subject: =?x-unknown?b?//8=?=\r\n\r\n", undefined]])("never throws: %j", (header, subject) => {
    const summary = of(header)
    if (subject !== undefined) expect(summary.subject).toBe(subject)
    expect(Object.getPrototypeOf(summary)).toBe(Object.prototype)
  })
  it("reads raw Latin-1 where the bytes are no UTF-8", () => expect(of("Subject: Gr\xfc\xdfe\r\n\r\n", "latin1").subject).toBe("Grüße"))
  it("leaves out control characters and bounds the length", () => {
    expect(of("Subject: a\x1b[31mb\r\n\r\n").subject).toBe("a [31mb")
    expect(of(`Subject: ${"x".repeat(10_000)}\r\n\r\n`).subject.length).toBeLessThanOrEqual(2_000)
  })
  it("leaves out marks that make a text run backwards", () => {
    expect(of(`From: =?utf-8?B?${Buffer.from("\u202emoc.elpmaxe@ssob").toString("base64")}?= <evil@evil.example>\r\nSubject: \u2067\u202egpj.exe\r\n\r\n`)).toMatchObject({ from: "moc.elpmaxe@ssob <evil@evil.example>", subject: "gpj.exe" })
  })
  it("takes an impossible date for none", () => expect(of("Date: yesterday\r\n\r\n").date).toBeNull())
})

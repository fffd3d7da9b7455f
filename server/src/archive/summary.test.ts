import { describe, expect, it } from "vitest"
import { summarize } from "./summary.ts"

const of = (text: string, encoding: BufferEncoding = "utf8") => summarize(Buffer.from(text, encoding))

describe("summarize", () => {
  it("decodes words, unfolds lines, takes the first of each field, but the last subject", () => {
    expect(of("subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n aus M\r\nFrom: Anna <a@b.c>\r\nTO: x@y.z\r\nSubject: second\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000 (UTC)\r\nMessage-ID: <1@b.c>\r\n\r\nSubject: body")).toEqual({
      subject: "second", from: "Anna <a@b.c>", to: "x@y.z", messageId: "<1@b.c>", date: new Date("2026-11-23T10:00:00Z"),
    })
  })
  it.each([["", ""], ["no header at all", ""], ["Subject: a\r\n\0\x07b", "a"], ["__proto__: x\r\nconstructor: y\r\nSubject: z\r\n\r\n", "z"], ["Subject: =?x-unknown?b?//8=?=\r\n\r\n", undefined]])("never throws: %j", (header, subject) => {
    const summary = of(header)
    if (subject !== undefined) expect(summary.subject).toBe(subject)
    expect(Object.getPrototypeOf(summary)).toBe(Object.prototype)
  })
  it.each([
    ["western", "Subject: Gr\xfc\xdfe \x96 \x80\r\n\r\n", "Grüße – €"],
    ["western beside UTF-8", "Subject: Gr\xfc\xdfe\r\nFrom: \xc3\xbc <u@x.example>\r\n\r\n", "Grüße"],
    ["UTF-8 beside western", "Subject: \xc3\xbc\r\nFrom: \xfc <u@x.example>\r\n\r\n", "ü"],
    ["ISO-2022-JP", "Subject: \x1b$BF|K\\8l$N7oL>\x1b(B\r\n\r\n", "日本語の件名"],
    ["what the header names", "Subject: \xf0\xd2\xc9\xd7\xc5\xd4\r\nContent-Type: text/plain;\r\n charset=koi8-r\r\n\r\n", "Привет"],
    ["what is not known", "Subject: Gr\xfc\xdfe\r\nContent-Type: text/plain; charset=x-foo\r\n\r\n", "Grüße"],
  ])("reads a raw subject in any charset: %s", (_, header, subject) => expect(of(header, "latin1").subject).toBe(subject))
  it("leaves out control characters and bounds the length", () => {
    expect(of("Subject: a\x1b[31mb\r\n\r\n").subject).toBe("a [31mb")
    expect(of(`Subject: ${"x".repeat(10_000)}\r\n\r\n`).subject.length).toBeLessThanOrEqual(2_000)
  })
  it("takes the charset of a raw subject from the first part where the header names none", () => {
    const part = Buffer.from("--B\r\nContent-Type: text/plain; format=flowed;\r\n charset=\"koi8-r\"\r\n\r\n")
    expect(summarize(Buffer.from("Subject: \xf0\xd2\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n", "latin1"), part).subject).toBe("Пр")
  })
  it("unfolds a subject", () => expect(of("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n aus M\r\n\r\n").subject).toBe("Grüße aus M"))
  it.each([
    ["From: <>", ""],
    ["From:", ""],
    ["X: y", ""],
    ["From: undisclosed", "undisclosed"],
    ["From: Undisclosed senders:;", ""],
    ["From: \"Carla Meyer\" <>", "Carla Meyer"],
    ["From: Team: Carla <c@x.example>, Dora <d@x.example>;", "Carla <c@x.example>"],
    ["Sender: Dora <d@x.example>", "Dora <d@x.example>"],
    ["From: Carla <c@x.example>, Dora <d@x.example>\r\nSender: Dora <d@x.example>", "Carla <c@x.example>, Dora <d@x.example>"],
    ["From: Carla (the (nested) one) <c@x.example> (again)", "Carla <c@x.example>"],
    ["From: c@x.example (Carla, the (boss))", '"Carla, the boss" <c@x.example>'],
    ["From: Carla <carla>", "Carla <carla>"],
    ["From: <<c@x.example>>", "<c@x.example>"],
    ["From: \"Meyer, Carla\" <c@x.example>", '"Meyer, Carla" <c@x.example>'],
  ])("names the sender of %j as the mailbox does", (header, from) => expect(of(`${header}\r\n\r\n`).from).toBe(from))
  it("comes to an end with a hostile sender", () => {
    const started = performance.now()
    for (const from of ["(".repeat(90_000), "<".repeat(90_000), "a:".repeat(45_000), "\"".repeat(90_000), "a,".repeat(45_000)]) of(`From: ${from}\r\n\r\n`)
    expect(performance.now() - started).toBeLessThan(1_000)
  })
  it("leaves out marks that make a text run backwards", () => {
    expect(of(`From: =?utf-8?B?${Buffer.from("\u202emoc.elpmaxe@ssob").toString("base64")}?= <evil@evil.example>\r\nSubject: \u2067\u202egpj.exe\r\n\r\n`)).toMatchObject({ from: "moc.elpmaxe@ssob <evil@evil.example>", subject: "gpj.exe" })
  })
  it("takes an impossible date for none", () => expect(of("Date: yesterday\r\n\r\n").date).toBeNull())
})

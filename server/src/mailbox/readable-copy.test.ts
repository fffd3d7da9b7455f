import { describe, expect, it } from "vitest"
import { readableCopy } from "./readable-copy.ts"

const lines = (...all: string[]) => all.join("\r\n")
const latin1 = (text: string) => Buffer.from(text, "latin1")
const copyOf = (mail: Buffer) => readableCopy(mail).toString()

describe("readableCopy", () => {
  it.each([
    ["UTF-8 without a charset", Buffer.from(lines("Subject: x", "Content-Type: text/plain", "", "Grüße")), "text/plain; charset=utf-8"],
    ["UTF-8 without a type", Buffer.from(lines("Subject: x", "", "Grüße")), "text/plain; charset=utf-8"],
    ["western without a charset", latin1(lines("Content-Type: text/html", "", "Gr\xfc\xdfe")), "text/html; charset=windows-1252"],
    ["western called UTF-8", latin1(lines("Content-Type: text/plain; charset=utf-8; format=flowed", "", "Gr\xfc\xdfe")), "text/plain; charset=windows-1252; format=flowed"],
    ["UTF-8 called western", Buffer.from(lines("Content-Type: text/plain; charset=iso-8859-1", "", "Grüße")), "text/plain; charset=utf-8"],
    ["an unknown charset", Buffer.from(lines("Content-Type: text/plain; charset=x-foo", "", "Grüße")), "text/plain; charset=utf-8"],
    ["HTML that names its charset itself", latin1(lines("Content-Type: text/html", "", '<meta charset="koi8-r">\xf0\xd2')), "text/html; charset=koi8-r"],
    ["quoted-printable without a charset", latin1(lines("Content-Type: text/html", "Content-Transfer-Encoding: quoted-printable", "", "Gr=C3=BC=C3=9Fe")), "text/html; charset=utf-8"],
    ["what is no type", Buffer.from(lines("Content-Type: text", "", "hello")), "text/plain; charset=utf-8"],
    ["a boundary that never comes", Buffer.from(lines('Content-Type: multipart/mixed; boundary="B"', "", "Good day")), "text/plain; charset=utf-8"],
    ["another boundary than the named one", Buffer.from(lines('Content-Type: multipart/mixed; boundary="B"', "", "--C", "Content-Type: text/plain", "", "Good day", "--C--")), 'multipart/mixed; boundary="C"'],
  ])("names what it is: %s", (_story, mail, type) => {
    const copy = readableCopy(mail).toString("latin1")
    expect(/^Content-Type: (.*)\r$/m.exec(copy)?.[1]).toBe(type)
    expect(copy.match(/^Content-Type:/gm)?.length).toBe(mail.toString().includes("--C") ? 2 : 1)
    expect(copy.split("\r\n\r\n").slice(1)).toEqual(mail.toString("latin1").split("\r\n\r\n").slice(1))
  })

  it("names the charset of parts, and reads a boundary within a part that never comes", () => {
    const mail = lines('Content-Type: multipart/mixed; boundary="B"', "", "--B", "Content-Type: text/plain", "", "Grüße", "--B", "Content-Type: multipart/alternative; boundary=C", "", "inner", "--B", "", "ö", "--B--", "")
    expect(copyOf(Buffer.from(mail))).toBe(lines('Content-Type: multipart/mixed; boundary="B"', "", "--B", "Content-Type: text/plain; charset=utf-8", "", "Grüße", "--B", "Content-Type: text/plain; charset=utf-8", "", "inner", "--B", "Content-Type: text/plain; charset=utf-8", "", "ö", "--B--", ""))
  })

  it.each([
    ["western", latin1("Subject: Gr\xfc\xdfe\r\nFrom: J\xfcrgen <j@x.example>\r\n\r\nx"), "Subject: Grüße\r\nFrom: Jürgen <j@x.example>\r\n\r\nx"],
    ["of the charset that the header names", latin1("Subject: \xf0\xd2\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\nx"), "Subject: Пр\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\nx"],
    ["of the charset that the first part names", latin1(lines("Subject: \xf0\xd2", "Content-Type: multipart/mixed; boundary=B", "", "--B", "Content-Type: text/plain; charset=koi8-r", "", "x", "--B--", "")), lines("Subject: Пр", "Content-Type: multipart/mixed; boundary=B", "", "--B", "Content-Type: text/plain; charset=koi8-r", "", "x", "--B--", "")],
    ["raw ISO-2022-JP", latin1("Subject: \u001b$BF|K\\\u001b(B\r\n\r\nx"), "Subject: 日本\r\n\r\nx"],
  ])("makes header fields UTF-8: %s", (_story, mail, copy) => expect(copyOf(mail)).toBe(copy))

  it("makes UTF-7 UTF-8, whatever it is encoded in", () => {
    const text = "Gr+APwA3w-e 1 +- 1 +2D3eAA-+ADw-b+AD4- a+b"
    const copy = copyOf(Buffer.from(lines("Content-Type: multipart/mixed; boundary=B", "", "--B", "Content-Type: text/html; charset=unicode-1-1-utf-7", "", text, "--B", "Content-Type: text/plain; charset=UTF-7", "Content-Transfer-Encoding: base64", "", Buffer.from("+IKw-").toString("base64"), "--B--", "")))
    const [, html, plain] = copy.split("--B\r\n")
    expect(html).toContain("Content-Type: text/html; charset=utf-8\r\n")
    expect(html?.match(/^Content-Transfer-Encoding: base64/gm)).toHaveLength(1)
    expect(Buffer.from(html?.split("\r\n\r\n")[1] ?? "", "base64").toString()).toBe("Grüße 1 + 1 😀<b> a+b")
    expect(Buffer.from(plain?.split("\r\n")[3] ?? "", "base64").toString()).toBe("€")
    expect(plain).toMatch(/\r\n--B--\r\n$/)
  })

  it("reads base64 that was put together, and an encoding with a comment", () => {
    const base64 = (text: string) => Buffer.from(text).toString("base64")
    const copy = copyOf(Buffer.from(lines("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: BASE64 (for all)", "", base64("Grüße!!"), base64("and a footer"), "")))
    expect(Buffer.from(copy.split("\r\n\r\n")[1] ?? "", "base64").toString()).toBe("Grüße!!and a footer")
    expect(copyOf(Buffer.from(lines("Content-Type: application/pdf", "Content-Transfer-Encoding: base64 (x)", "", "AAAA")))).toBe(lines("Content-Type: application/pdf", "Content-Transfer-Encoding: base64", "", "AAAA"))
  })

  it.each([
    ["right before the boundary", lines("Content-Disposition: attachment; filename=a.txt", "", "")],
    ["after an empty line", lines("Content-Disposition: attachment; filename=a.txt", "Content-Transfer-Encoding: 8bit", "", "", "")],
    ["of a type of its own", lines("Content-Type: application/pdf", "", "")],
  ])("keeps a file without a byte: %s", (_story, part) => {
    const copy = copyOf(Buffer.from(`Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\nx\r\n--B\r\n${part}--B--\r\n`))
    const file = copy.split("--B\r\n")[2] ?? ""
    expect(file).toMatch(/^Content-Transfer-Encoding: base64\r\nContent-/)
    expect(file.match(/content-transfer-encoding/gi)).toHaveLength(1)
    expect(file).toMatch(/[^\n]\r\n\r\n\r\n\r\n--B--\r\n$/)
  })

  const nested = (type: string) => lines(`Content-Type: ${type}; boundary=B`, "", "--B", "Content-Type: text/plain", "", "Grüße", "--B--", "")
  it.each([
    ["plain English", lines("Subject: x", "", "hello")],
    ["nothing", ""],
    ["an empty line", "\r\n"],
    ["a right charset", lines("Content-Type: text/plain; charset=utf-8", "", "Grüße")],
    ["another charset", lines("Content-Type: text/plain; charset=koi8-r", "", "Grüße")],
    ["UTF-8 cut in a character", Buffer.from(lines("Content-Type: text/plain; charset=utf-8", "", "Grüße")).subarray(0, -2).toString("latin1")],
    ["an empty multipart", lines("Content-Type: multipart/mixed; boundary=B", "", "")],
    ["a file without a type", lines("Content-Type: pdf; name=a.pdf", "", "Grüße")],
    ["what is signed", nested("multipart/signed")],
    ["an attached mail", nested("message/rfc822")],
  ])("leaves %s as it is", (_story, text) => {
    const mail = Buffer.from(text)
    expect(readableCopy(mail).equals(mail)).toBe(true)
  })

  it.each(["cp850", "utf-7", "utf-32", "iso-2022-kr", "ibm437", "x-foo", "'", "\u0000"])("takes header fields of the charset %j, which is not known here, for western", (charset) => {
    expect(copyOf(latin1(`Subject: Gr\xfc\xdfe\r\nContent-Type: text/plain; charset=${charset}\r\n\r\nx`))).toContain("Subject: Grüße\r\n")
  })

  it("comes to an end with a header of a million parameters", () => {
    expect(copyOf(Buffer.from(lines(`Content-Type: multipart/mixed${';boundary="'.repeat(80_000)}`, "", "Good day")))).toMatch(/Good day$/)
  })

  it("looks at so many parts of a hostile mail and no more", () => {
    const part = (at: number) => lines("--B", `Content-Type: multipart/mixed; boundary=B${at}`, "", `--B${at}x`)
    const copy = copyOf(Buffer.from(lines("Content-Type: multipart/mixed; boundary=B", "", ...Array.from({ length: 6_000 }, (_, at) => part(at)), "")))
    expect(copy.match(/^Content-Type: text\/plain/gm)).toHaveLength(4_999)
    expect(copy).toContain(part(5_999))
  })
})

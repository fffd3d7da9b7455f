import { describe, expect, it } from "vitest"
import { buildTnef, packRtf } from "../../../test/support/tnef.ts"
import { readTnef } from "./tnef.ts"

const [body, rtf, html, longName, type, cid, data] = [0x1000, 0x1009, 0x1013, 0x3707, 0x370e, 0x3712, 0x3701]

describe("readTnef", () => {
  it("gives files with their long names, types and content", () => {
    const tnef = readTnef(buildTnef({
      files: [
        { title: "ANGEBO~1.PDF", data: Buffer.from("pdf"), properties: [[0x8001, 5], [longName, "Angebot Köln 日本.pdf"], [type, "Application/PDF"]] },
        { title: "Gr\u00fc\u00dfe.txt", data: Buffer.alloc(0) },
        { properties: [[data, Buffer.from("in a property")], [cid, "<pic@x>"]] },
        { title: "only a name" },
      ],
    }))
    expect(tnef?.files).toEqual([
      { name: "Angebot Köln 日本.pdf", contentType: "application/pdf", cid: undefined, content: Buffer.from("pdf") },
      { name: "Grüße.txt", contentType: "application/octet-stream", cid: undefined, content: Buffer.alloc(0) },
      { name: "attachment-3", contentType: "application/octet-stream", cid: "pic@x", content: Buffer.from("in a property") },
    ])
  })

  it.each([
    ["a text", { properties: [[body, "Grüße\r\n"]] }, { text: "Grüße\n", html: "" }],
    ["an old text", { codepage: 1251, body: Buffer.from([0xcf, 0xf0, 0]) }, { text: "Пр", html: "" }],
    ["an unknown codepage", { codepage: 4711, body: Buffer.from("ok") }, { text: "ok", html: "" }],
    ["HTML", { properties: [[html, Buffer.from("<p>Grüße</p>")]] }, { text: "", html: "<p>Grüße</p>" }],
    ["HTML in another charset", { properties: [[html, Buffer.from('<meta charset="iso-8859-1"><p>Grüße</p>', "latin1")]] }, { text: "", html: '<meta charset="iso-8859-1"><p>Grüße</p>' }],
    ["RTF", { properties: [[rtf, packRtf("{\\rtf1\\ansi Gr\\'fc\\'dfe}")]] }, { text: "Grüße", html: "" }],
    ["RTF made of HTML", { properties: [[rtf, packRtf("{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag64 <p>}Hi{\\*\\htmltag72 </p>}}")]] }, { text: "Hi", html: "<p>Hi</p>" }],
  ] as const)("reads %s", (_, built, expected) => expect(readTnef(buildTnef(built))).toMatchObject(expected))

  it("unwraps a mail attached in it", () => {
    const inner = buildTnef({ properties: [[body, "inner text"]], files: [{ title: "inner.txt", data: Buffer.from("x") }] })
    const iid = Buffer.from("0703020000000000c000000000000046", "hex")
    const outer = buildTnef({ files: [{ properties: [[0x3001, "Weitergeleitet"], [data, Buffer.concat([iid, inner])]] }] })
    expect(readTnef(outer)?.files.map(({ name, content }) => [name, content.toString()])).toEqual([["Weitergeleitet.txt", "inner text"], ["inner.txt", "x"]])
    let nested = inner
    for (let n = 0; n < 50; n++) nested = buildTnef({ files: [{ properties: [[data, Buffer.concat([iid, nested])]] }] })
    expect(readTnef(nested)?.files.length).toBeLessThan(5)
  })

  it("is bounded and takes anything that is broken", () => {
    expect(readTnef(Buffer.from("no tnef"))).toBeUndefined()
    expect(readTnef(Buffer.alloc(0))).toBeUndefined()
    expect(readTnef(buildTnef({ files: Array.from({ length: 2_000 }, () => ({ data: Buffer.from("x") })) }))?.files).toHaveLength(200)
    const whole = buildTnef({ properties: [[body, "text"], [0x8005, "named"]], files: [{ title: "a", data: Buffer.from("abc"), properties: [[longName, "b.txt"]] }] })
    for (let end = 0; end <= whole.length; end++) expect(() => readTnef(whole.subarray(0, end))).not.toThrow()
    for (let at = 6; at < whole.length; at++) {
      for (const byte of [0x00, 0x7f, 0xff]) {
        const broken = Buffer.from(whole)
        broken[at] = byte
        expect(() => readTnef(broken)).not.toThrow()
      }
    }
  })
})

import { describe, expect, it } from "vitest"
import { decompressRtf } from "./compressed-rtf.ts"
import { readRtf } from "./rtf-text.ts"

describe("decompressRtf", () => {
  // The two examples of MS-OXRTFCP §4.1.
  const simple = Buffer.from("2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0", "hex")
  const referring = Buffer.from("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0", "hex")
  it("reads what was compressed", () => {
    expect(decompressRtf(simple, 1000)?.toString()).toBe("{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n")
    expect(decompressRtf(referring, 1000)?.toString()).toBe("{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}")
  })
  it("reads what was not", () => {
    const head = Buffer.alloc(16)
    head.writeUInt32LE(5, 4)
    head.write("MELA", 8)
    expect(decompressRtf(Buffer.concat([head, Buffer.from("{\\rtf and more")]), 1000)?.toString()).toBe("{\\rtf")
  })
  it("stays within its limit, whatever the head claims", () => {
    const bomb = Buffer.from(referring)
    bomb.writeUInt32LE(0xffffffff, 4)
    expect(decompressRtf(bomb, 20)?.length).toBe(20)
    expect(decompressRtf(Buffer.from("short"), 20)).toBeUndefined()
    expect(decompressRtf(Buffer.alloc(40), 20)).toBeUndefined()
  })
  it("takes any cut and any broken byte", () => {
    for (let end = 0; end < simple.length; end++) expect(() => decompressRtf(simple.subarray(0, end), 1000)).not.toThrow()
    for (let at = 16; at < simple.length; at++) {
      const broken = Buffer.from(simple)
      broken[at] = 0xff
      expect(decompressRtf(broken, 1000)?.length).toBeLessThanOrEqual(1000)
    }
  })
})

describe("readRtf", () => {
  const read = (rtf: string) => readRtf(Buffer.from(rtf, "latin1"))
  it.each([
    ["{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}{\\colortbl;\\red0;}\\pard Gr\\'fc\\'dfe\\par Zeile\\tab zwei}", "Grüße\nZeile\tzwei"],
    ["{\\rtf1 \\u8364?5 \\uc0\\u8364 6 \\{x\\}\\\\}", "€5 €6 {x}\\"],
    ["{\\rtf1{\\*\\generator Word;}Text{\\pict 00ff00}}", "Text"],
    ["{\\rtf1\\ansicpg932 \\'93\\'fa}", "日"],
    ["{\\rtf1\\ansicpg99999 ok}", "ok"],
    ["no rtf at all", "no rtf at all"],
    ["", ""],
  ])("%j", (rtf, text) => expect(read(rtf)).toEqual({ text, html: undefined }))

  it("gives back the HTML that it was made of", () => {
    const rtf = "{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl{\\f0 Arial;}}\r\n{\\*\\htmltag64 <p class=\"a\">}\\htmlrtf {\\htmlrtf0 Gr\\'fc\\'dfe {\\*\\htmltag84 &lt;}b{\\*\\htmltag84 <b>}\\htmlrtf \\b \\htmlrtf0 fett{\\*\\htmltag92 </b>}\\htmlrtf }\\htmlrtf0 {\\*\\htmltag72 </p>}}"
    expect(read(rtf).html).toBe('<p class="a">Grüße &lt;b<b>fett</b></p>')
    expect(read(rtf).text).toBe("Grüße bfett")
  })

  it("takes anything, quickly", () => {
    for (const rtf of ["{".repeat(100_000), "}".repeat(100_000), "\\", "\\'", "\\'zz", "\\u", "{\\rtf1 \\bin999999999 x", "\\*".repeat(50_000), "\\u-99999999 "]) {
      const started = performance.now()
      expect(() => read(rtf)).not.toThrow()
      expect(performance.now() - started).toBeLessThan(1_000)
    }
  })
})

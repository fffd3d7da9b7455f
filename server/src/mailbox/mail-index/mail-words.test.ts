import { describe, expect, it } from "vitest"
import { hasPhrase, indexWords, indexedText, phraseBits, wordsOf } from "./mail-words.ts"

const mail = (change: Partial<Parameters<typeof indexWords>[0]> = {}) => indexWords({ subject: "", from: "", to: "", text: "", attachments: false, ...change })
const mayHave = (pairs: Uint8Array, phrase: string) => phraseBits(wordsOf(phrase)).every((bit) => ((pairs[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0)

describe("words of a text", () => {
  it.each([
    ["Rechnung Nr. 4711, bitte!", ["rechnung", "nr", "4711", "bitte"]],
    ["Müller MÜLLER Mu\u0308ller", ["muller", "muller", "muller"]],
    ["Straße STRASSE ẞ", ["strasse", "strasse", "ss"]],
    ["café Łódź Ångström œuvre", ["cafe", "lodz", "angstrom", "oeuvre"]],
    ["anna.koch@example.com", ["anna", "koch", "example", "com"]],
    ["ﬁnal ２０２６ №", ["final", "2026", "no"]],
    ["東京 meeting会議", ["東", "京", "meeting", "会", "議"]],
    ["Встреча ЗАВТРА", ["встреча", "завтра"]],
    ["-- ?! …", []],
  ])("%s", (text, words) => expect(wordsOf(text)).toEqual(words))

  it("are cut where they are no words any more", () => expect(wordsOf("x".repeat(5_000))).toEqual(["x".repeat(40)]))
})

describe("what a mail is found by", () => {
  it("are its words, and those of its fields under their letter", () => {
    const { words } = mail({ subject: "Neue Preise", from: "Anna Koch anna@example.com", to: "ben@example.com", text: "Hallo Ben", attachments: true })
    expect(words).toEqual(expect.arrayContaining(["neue", "s:preise", "anna", "f:koch", "t:ben", "hallo", "h:attachment"]))
    expect(words).not.toContain("s:hallo")
    expect(new Set(words).size).toBe(words.length)
  })

  it("are umlauts in either spelling", () => expect(mail({ from: "Jörg Müller", text: "Grüße" }).words).toEqual(expect.arrayContaining(["muller", "mueller", "f:joerg", "f:jorg", "grusse", "gruesse"])))

  it("are the pairs of its words, within each field", () => {
    const { pairs } = mail({ subject: "Sitzung am Montag", text: "blauer Elefant, der schläft" })
    expect(["sitzung am montag", "blauer elefant", "der schläft"].map((phrase) => mayHave(pairs, phrase))).toEqual([true, true, true])
    expect(["montag blauer", "elefant blauer", "am sitzung"].map((phrase) => mayHave(pairs, phrase))).toEqual([false, false, false])
  })

  it("is bounded, however long the mail is", () => {
    const { words, pairs } = mail({ text: Array.from({ length: 100_000 }, (_, index) => `wort${index}`).join(" ") })
    expect([words.length, pairs.length]).toEqual([1_500, 512])
    expect(mail({ text: `${"a ".repeat(indexedText / 2)}spät` }).words).not.toContain("spat")
  })
})

describe("a phrase", () => {
  it("is found whatever stands between its words", () => expect(hasPhrase("Viele\n> Grüße, Anna", ["viele", "grusse"])).toBe(true))
  it("is not found in parts of words or in another order", () => {
    expect(hasPhrase("vielen grüßen", ["viele", "grusse"])).toBe(false)
    expect(hasPhrase("Grüße viele", ["viele", "grusse"])).toBe(false)
  })
})

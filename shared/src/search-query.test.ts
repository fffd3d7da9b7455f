import { describe, expect, it } from "vitest"
import { parseSearch, typedWord, writeSearch } from "./search-query.ts"

const empty = parseSearch("")

describe("what a person types into the search field", () => {
  it.each([
    ["Rechnung  Müller", { words: ["rechnung", "müller"] }],
    ['"Sitzung am Montag" Protokoll', { phrases: ["sitzung am montag"], words: ["protokoll"] }],
    ["from:anna an:ben@example.com subject:\"neue Preise\"", { from: ["anna"], to: ["ben@example.com"], subject: ["neue preise"] }],
    ["has:attachment is:unread ist:markiert", { has: ["attachment"], is: ["unread", "flagged"] }],
    ["after:2026-01-31 vor:2026-02-28 in:archive", { after: "2026-01-31", before: "2026-02-28", in: "archive" }],
    ["before:gestern", { words: ["before", "gestern"] }],
    ["https://example.com/x", { words: ["https", "//example.com/x"] }],
    ["has:nothing \"", { words: ["has", "nothing"] }],
    ['"ein"', { words: ["ein"] }],
  ])("%s", (text, expected) => {
    expect(parseSearch(text)).toEqual({ ...empty, ...expected })
  })
})

describe("the word that is being typed", () => {
  it.each([
    ["Rech", { field: "words", value: "rech" }],
    ["from:anna Pro", { field: "words", value: "pro" }],
    ["Protokoll von:ann", { field: "from", value: "ann" }],
    ["betreff:neu", { field: "subject", value: "neu" }],
    ["https://example.com/x", { field: "words", value: "//example.com/x" }],
    ["Rechnung ", undefined],
    ['"neue Preise"', undefined],
    ['"neue Prei', undefined],
    ["has:attachment", undefined],
    ["before:2026-01-01", undefined],
    ["in:trash", undefined],
    ["", undefined],
  ])("of %j", (text, expected) => expect(typedWord(text)).toEqual(expected))
})

describe("a search line written from a query", () => {
  it.each(["rechnung müller", 'from:anna to:"ben example" subject:"neue preise" has:attachment is:unread is:flagged before:2026-02-01 after:2026-01-01 in:"alte post" "sitzung am montag" protokoll', ""])("means the same: %s", (text) => {
    expect(parseSearch(writeSearch(parseSearch(text)))).toEqual(parseSearch(text))
  })

  it("begins with what chips show", () => expect(writeSearch(parseSearch("Protokoll von:anna in:trash"))).toBe("from:anna in:trash protokoll"))
})

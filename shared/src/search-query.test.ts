import { describe, expect, it } from "vitest"
import { parseSearch } from "./search-query.ts"

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

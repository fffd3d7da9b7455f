import { describe, expect, it } from "vitest"
import { phraseBits } from "./mail-words.ts"
import { asksForSomething, planSearch } from "./search-plan.ts"

const phrase = (...words: string[]) => ({ kind: "phrase", bits: phraseBits(words) })

describe("what a search asks of the index", () => {
  it.each([
    ["Rechnung Müller ", [{ kind: "word", word: "rechnung" }, { kind: "word", word: "muller" }]],
    ["Rechnung Mül", [{ kind: "word", word: "rechnung" }, { kind: "prefix", prefix: "mul" }]],
    ["von:Jör", [{ kind: "prefix", prefix: "f:jor" }]],
    ["from:anna is:unread", [{ kind: "word", word: "f:anna" }, { kind: "unseen" }]],
    ["hat:anhang ist:markiert", [{ kind: "word", word: "h:attachment" }, { kind: "flagged" }]],
    ['"Viele Grüße"', [{ kind: "word", word: "viele" }, { kind: "word", word: "grusse" }, phrase("viele", "grusse")]],
    ["e-mail ", [{ kind: "word", word: "e" }, { kind: "word", word: "mail" }, phrase("e", "mail")]],
    ["to:ben@example.co", [{ kind: "word", word: "t:ben" }, { kind: "word", word: "t:example" }, { kind: "prefix", prefix: "t:co" }, phrase("ben", "example")]],
    ["a a ", [{ kind: "word", word: "a" }]],
    ["( -- !", []],
  ])("%s", (text, conditions) => expect(planSearch(text).conditions).toEqual(conditions))

  it("are days, a folder and unread mail alone", () => {
    expect(planSearch("after:2026-01-31 before:2026-02-28 in:Alte")).toMatchObject({ after: new Date("2026-01-31"), before: new Date("2026-02-28"), place: "alte" })
    expect(planSearch("x ", true).conditions).toContainEqual({ kind: "unseen" })
  })

  it("are phrases of a field, read there", () => expect(planSearch('betreff:"neue Preise"').phrases).toEqual([{ field: "subject", words: ["neue", "preise"] }]))

  it("is nothing for punctuation", () => expect(["", "?!", "in:trash", "before:2026-01-01", "x"].map((text) => asksForSomething(planSearch(text)))).toEqual([false, false, true, true, true]))
})

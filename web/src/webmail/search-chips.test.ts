import { expect, it } from "vitest"
import { accept, filterFor, suggestions, takeApart, together, typedPerson, whileTyping } from "./search-chips.ts"

it("takes operators out of a line as chips, and puts them back", () => {
  const line = 'von:anna Rechnung "am Montag" hat:anhang betreff:"alles neu"'
  expect(takeApart(line)).toEqual({ chips: ["von:anna", "hat:anhang", 'betreff:"alles neu"'], rest: 'Rechnung "am Montag"' })
  expect(together(takeApart(line))).toBe('von:anna hat:anhang betreff:"alles neu" Rechnung "am Montag"')
})

it("what is no operator stays text", () => expect(takeApart("http://example.org Re: von:")).toEqual({ chips: [], rest: "http://example.org Re: von:" }))

it("an operator becomes a chip with the space behind it, not while it is typed", () => {
  expect(whileTyping({ chips: [], rest: "from:anna" })).toEqual({ chips: [], rest: "from:anna" })
  expect(whileTyping({ chips: [], rest: "from:anna " })).toEqual({ chips: ["from:anna"], rest: "" })
  expect(whileTyping({ chips: ["from:anna"], rest: "from:anna x " })).toEqual({ chips: ["from:anna"], rest: "x " })
  expect(whileTyping({ chips: [], rest: "plan " })).toEqual({ chips: [], rest: "plan " })
})

it("offers operators by what is typed, in the person's language, the other one understood", () => {
  expect(suggestions({ chips: [], rest: "" }, "de")).toHaveLength(9)
  expect(suggestions({ chips: ["ist:ungelesen"], rest: "plan ist" }, "de").map(({ insert }) => insert)).toEqual(["ist:markiert"])
  expect(suggestions({ chips: [], rest: "fro" }, "de").map(({ insert }) => insert)).toEqual(["von:"])
  expect(suggestions({ chips: [], rest: "has:attachment" }, "en")).toEqual([])
})

it("takes a suggestion in the place of the last word", () => {
  expect(accept({ chips: [], rest: "plan fr" }, "from:")).toEqual({ chips: [], rest: "plan from:" })
  expect(accept({ chips: [], rest: "plan is" }, "is:unread")).toEqual({ chips: ["is:unread"], rest: "plan " })
})

it.each([
  ["von:an", { operator: "von", q: "an" }],
  ["plan TO:b", { operator: "to", q: "b" }],
  ['an:"Anna B', { operator: "an", q: "Anna B" }],
  ["ann", { operator: undefined, q: "ann" }],
  ['"am Montag" ann', { operator: undefined, q: "ann" }],
  ["a", undefined],
  ["von:", undefined],
  ["von:anna ", undefined],
  ["betreff:anna", undefined],
  ['"am Montag"', undefined],
  ["", undefined],
])("knows whom one is typing: %s", (rest, person) => expect(typedPerson(rest)).toEqual(person))

it("takes a person in the place of what was typed, as a chip", () => {
  expect(accept({ chips: ["hat:anhang"], rest: 'plan an:"Anna B' }, filterFor("anna@example.com", "an", "de"))).toEqual({ chips: ["hat:anhang", "an:anna@example.com"], rest: "plan " })
  expect(accept({ chips: [], rest: "ann" }, filterFor("anna@example.com", undefined, "en"))).toEqual({ chips: ["from:anna@example.com"], rest: "" })
  expect(accept({ chips: [], rest: '"am Montag" ann' }, "von:anna@example.com").chips).toEqual(["von:anna@example.com"])
})

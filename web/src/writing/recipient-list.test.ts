import { expect, it } from "vitest"
import { chipText, countRecipients, invalidIn, withRecipients } from "./recipient-list.ts"
import { splitRecipients } from "./recipient-text.ts"

it("shows names, and whole texts of what is no address", () => {
  expect(['"Berg, Anna" <anna@example.com>', "Ben <ben@example.com>", "clara@example.com", "Dora <kaputt>", "<e@example.com>"].map(chipText)).toEqual(["Berg, Anna", "Ben", "clara@example.com", "Dora <kaputt>", "<e@example.com>"])
})

it("shows the real address where the name looks like one", () => {
  expect(['"ben@example.com" <mallory@evil.example>', '"Ben (ben@example.com)" <mallory@evil.example>', '"Ben@example.com" <ben@example.com>'].map(chipText)).toEqual(['"ben@example.com" <mallory@evil.example>', '"Ben (ben@example.com)" <mallory@evil.example>', "ben@example.com"])
})

it("adds nobody twice, whatever the name says", () => {
  expect(withRecipients(["Anna <anna@example.com>"], ["ANNA@example.com", "ben@example.com", "Ben <ben@example.com>", "kaputt", "kaputt"])).toEqual(["Anna <anna@example.com>", "ben@example.com", "kaputt"])
})

it("reads a list of 5,000 in no time", () => {
  const pasted = Array.from({ length: 5_000 }, (_, at) => `"Person ${at}, Dr." <person${at}@example.com>`).join("; ")
  const begun = performance.now()
  const list = withRecipients([], splitRecipients(pasted))
  expect(list).toHaveLength(5_000)
  expect(invalidIn(list)).toEqual([])
  expect(countRecipients(list, list)).toBe(5_000)
  expect(performance.now() - begun).toBeLessThan(2_000)
})

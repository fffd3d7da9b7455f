import { expect, it } from "vitest"
import { addedTo, searchLine } from "./use-listing.ts"

it("says where to look before what is typed, so that the word being typed stands at the end", () => {
  expect(searchLine(" rechn ", "folder")).toBe("rechn")
  expect(searchLine("rechn", "mailbox")).toBe("in:anywhere rechn")
  expect(searchLine("in:trash rechn", "mailbox")).toBe("in:trash rechn")
  expect(searchLine("  ", "mailbox")).toBe("")
})

it("tells what was typed on", () => {
  expect([addedTo("Rech", "RECHNUNG"), addedTo("rech", "rec"), addedTo("rech", "rech"), addedTo("", "r"), addedTo("rech", "srech")]).toEqual(["nung", "", "", "", ""])
})

import { expect, it } from "vitest"
import { searchLine } from "./use-listing.ts"

it("says where to look before what is typed, so that the word being typed stands at the end", () => {
  expect(searchLine(" rechn ", "folder")).toBe("rechn")
  expect(searchLine("rechn", "mailbox")).toBe("in:anywhere rechn")
  expect(searchLine("in:trash rechn", "mailbox")).toBe("in:trash rechn")
  expect(searchLine("  ", "mailbox")).toBe("")
})

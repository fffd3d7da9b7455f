import { expect, it } from "vitest"
import { suggestionQuery } from "./suggestion.ts"

it("waits for three characters, spaces around and surrogate pairs not counted twice", () => {
  expect(suggestionQuery("an")).toBeUndefined()
  expect(suggestionQuery(" an ")).toBeUndefined()
  expect(suggestionQuery("😀a")).toBeUndefined()
  expect(suggestionQuery(" ann ")).toBe("ann")
})

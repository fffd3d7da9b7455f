import { expect, it } from "vitest"
import { fileName } from "./file-name.ts"

it.each([
  ["Größe 1.txt", "Größe 1.txt"],
  ["gewinn\u202efdp.exe", "gewinnfdp.exe"],
  ["\u2066a\u2069\u0000b.txt", "a b.txt"],
  ["מרחבא.txt", "מרחבא.txt"],
  ["\u202e", "file"],
  ["a\ud800.txt", "a\ufffd.txt"],
])("%j goes along as %j", (name, expected) => expect(fileName(name)).toBe(expected))

it("keeps the ending of a name that is too long, and breaks no character", () => {
  expect(fileName(`${"x".repeat(10_000)}.txt`)).toBe(`${"x".repeat(250)}….txt`)
  const cut = fileName(`${"x".repeat(249)}${"😀".repeat(10)}.txt`)
  expect([cut.length <= 255, cut.isWellFormed(), cut.endsWith("….txt"), cut.includes("\ufffd")]).toEqual([true, true, true, false])
})

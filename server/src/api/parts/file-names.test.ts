import { describe, expect, it } from "vitest"
import { safeFileName, shortened, uniqueNames } from "./file-names.ts"

describe("safeFileName", () => {
  it.each([
    ["Angebot Köln.pdf", "Angebot Köln.pdf"],
    ["../../etc/passwd", "_.._etc_passwd"],
    ["C:\\Windows\\x.exe", "C__Windows_x.exe"],
    ["a\u0000b\u202Egpj.exe", "abgpj.exe"],
    ["...", "file"],
    ["", "file"],
    ["nul.txt", "_nul.txt"],
    ["console.txt", "console.txt"],
    ["name. . ", "name"],
    ["\ud800.txt", "\ufffd.txt"],
  ])("%j → %j", (name, safe) => expect(safeFileName(name, "file")).toBe(safe))
  it("keeps the ending of a long one", () => {
    const safe = safeFileName(`${"x".repeat(10_000)}.docx`, "file")
    expect(safe).toHaveLength(150)
    expect(safe.endsWith("….docx")).toBe(true)
    expect(shortened("abc", 3)).toBe("abc")
  })
})

describe("uniqueNames", () => {
  it("numbers what is there already", () => expect(uniqueNames(["a.txt", "A.txt", "a.txt", "a (2).txt", "b", "b", "c"])).toEqual(["a.txt", "A (2).txt", "a (3).txt", "a (2) (2).txt", "b", "b (2)", "c"]))
  it("is quick with two thousand of one name", () => {
    const started = performance.now()
    expect(new Set(uniqueNames(Array.from({ length: 20_000 }, () => "same.txt"))).size).toBe(20_000)
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})

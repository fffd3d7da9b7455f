import { describe, expect, it } from "vitest"
import { csvLine, decodeCsv, readCsv } from "./csv.ts"

const cellsOf = (text: string) => [...readCsv(text)].map((row) => row.cells)

describe("writing", () => {
  it.each([
    ["plain", "plain\r\n"],
    ['say "so", twice;', '"say ""so"", twice;"\r\n'],
    ["two\r\nlines", '"two\r\nlines"\r\n'],
    ["=HYPERLINK(\"http://x\")", '"\'=HYPERLINK(""http://x"")"\r\n'],
    ["+1", "'+1\r\n"],
    ["-1", "'-1\r\n"],
    ["@SUM(A1)", "'@SUM(A1)\r\n"],
    ["  =1", "'  =1\r\n"],
    ["\t=1", "'\t=1\r\n"],
    ["＝1", "'＝1\r\n"],
    ["1-1", "1-1\r\n"],
  ])("%j becomes %j", (cell, line) => {
    expect(csvLine([cell])).toBe(line)
  })
})

describe("reading", () => {
  it("takes back what was written", () => {
    const rows = [["a", 'b "c"', "d,e;f"], ["=1", "-x@example.com", "'quoted'"], ["Zeile\r\nzwei", "", "ß"]]
    expect(cellsOf(rows.map((row) => csvLine(row)).join(""))).toEqual(rows)
    expect(cellsOf(rows.map((row) => csvLine(row, ";")).join(""))).toEqual(rows)
  })

  it("counts lines of the text", () => {
    expect([...readCsv('a,b\n\n"x\ny",z\r\n\rlast')].map((row) => row.line)).toEqual([1, 3, 6])
  })

  it("ends with an open quote, not in it", () => {
    expect(cellsOf('a,"b\nc')).toEqual([["a", "b\nc"]])
  })

  it.each([
    ["UTF-8 with a mark", Buffer.from("\ufeffMüller")],
    ["UTF-8", Buffer.from("Müller")],
    ["UTF-16", Buffer.from("\ufeffMüller", "utf16le")],
    ["Windows-1252", Buffer.from("Müller", "latin1")],
  ])("decodes %s", (_name, bytes) => {
    expect(decodeCsv(bytes)).toBe("Müller")
  })
})

import { describe, expect, it } from "vitest"
import { DataDecoder } from "./data-decoder.ts"

/** Decodes a text cut at the given places; what came out and what stands behind the end. */
function decode(text: string, cuts: readonly number[] = []): { content: string; rest: string | undefined } {
  const decoder = new DataDecoder()
  const bytes = Buffer.from(text, "latin1")
  const edges = [0, ...cuts, bytes.length]
  let content = ""
  for (let i = 0; i + 1 < edges.length; i++) {
    const decoded = decoder.decode(bytes.subarray(edges[i], edges[i + 1]))
    content += decoded.content.toString("latin1")
    if (decoded.rest) return { content, rest: decoded.rest.toString("latin1") + bytes.subarray(edges[i + 1]).toString("latin1") }
  }
  return { content, rest: undefined }
}

const cases: readonly (readonly [name: string, sent: string, content: string, rest: string | undefined])[] = [
  ["an ordinary mail", "a: b\r\n\r\nhi\r\n.\r\nQUIT\r\n", "a: b\r\n\r\nhi\r\n", "QUIT\r\n"],
  ["an empty mail", ".\r\nNOOP\r\n", "", "NOOP\r\n"],
  ["stuffed dots", "..\r\n...x\r\na.b\r\n.\r\n", ".\r\n..x\r\na.b\r\n", ""],
  ["a lone dot that has text behind it", ".x\r\n.\r\n", "x\r\n", ""],
  ["LF.LF", "a\n.\nMAIL\r\n.\r\n", "a\n.\nMAIL\r\n", ""],
  ["LF.CRLF", "a\n.\r\nMAIL\r\n.\r\n", "a\n.\r\nMAIL\r\n", ""],
  ["CRLF.LF", "a\r\n.\nMAIL\r\n.\r\n", "a\r\n\nMAIL\r\n", ""],
  ["CR.CR", "a\r.\rMAIL\r\n.\r\n", "a\r.\rMAIL\r\n", ""],
  ["CRLF.CR", "a\r\n.\rMAIL\r\n.\r\n", "a\r\n\rMAIL\r\n", ""],
  ["CR.CRLF", "a\r.\r\nMAIL\r\n.\r\n", "a\r.\r\nMAIL\r\n", ""],
  ["CRLF.NUL CRLF", "a\r\n.\0\r\nMAIL\r\n.\r\n", "a\r\n\0\r\nMAIL\r\n", ""],
  ["CR CR LF . CR LF is an end behind a bare CR", "a\r\r\n.\r\nMAIL\r\n", "a\r\r\n", "MAIL\r\n"],
  ["a stuffed dot, then the end", "..\r\n.\r\nx", ".\r\n", "x"],
  ["dot CR CR LF", "a\r\n.\r\r\n.\r\n", "a\r\n\r\r\n", ""],
  ["no end", "a\r\n.", "a\r\n", undefined],
]

describe("DATA", () => {
  it.each(cases)("%s, whole and cut anywhere", (_name, sent, content, rest) => {
    expect(decode(sent)).toEqual({ content, rest })
    for (let first = 0; first <= sent.length; first++) {
      expect(decode(sent, [first]), `cut at ${first}`).toEqual({ content, rest })
      for (let second = first; second <= sent.length; second++) expect(decode(sent, [first, second]), `cut at ${first}, ${second}`).toEqual({ content, rest })
    }
    expect(decode(sent, Array.from({ length: sent.length }, (_, i) => i))).toEqual({ content, rest })
  })

  it("takes a million stuffed lines in reasonable time", () => {
    const started = performance.now()
    const decoder = new DataDecoder()
    const piece = Buffer.from("..\r\n".repeat(16_384))
    for (let i = 0; i < 64; i++) expect(decoder.decode(piece).content.length).toBe(16_384 * 3)
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})

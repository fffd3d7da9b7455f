import { describe, expect, it } from "vitest"
import { blocks, pieces } from "./plain-text.ts"

it("finds links and leaves the end of the sentence outside", () => {
  expect(pieces("See https://example.com/a?b=1. Or (www.example.com), or anna@example.com!")).toEqual([
    { text: "See " },
    { text: "https://example.com/a?b=1", href: "https://example.com/a?b=1" },
    { text: ". Or (" },
    { text: "www.example.com", href: "https://www.example.com" },
    { text: "), or " },
    { text: "anna@example.com", href: "mailto:anna@example.com" },
    { text: "!" },
  ])
})
it("never makes a link that runs something", () => {
  for (const piece of pieces("javascript:alert(1) data:text/html,x vbscript:x https://x.test/\"onclick=y")) expect(piece.href ?? "https://").toMatch(/^(https?:\/\/|mailto:)/)
})
it("groups lines by their depth of quoting, and the signature", () => {
  expect(blocks("Hi\n> a\n>> b\n> > c\nend\n-- \nMaria\nTel. 1\n").map((block) => [block.depth, block.lines, block.signature])).toEqual([[0, 1, false], [1, 1, false], [2, 2, false], [0, 1, false], [0, 3, true]])
  expect(blocks("a\r\nb\rc")[0]?.pieces).toEqual([{ text: "a\nb\nc" }])
})
it("takes 100,000 at signs, and a line of 2 million characters, in stride", () => {
  const started = performance.now()
  pieces("a@".repeat(50_000))
  pieces("www.".repeat(40_000))
  blocks("x".repeat(2_000_000))
  blocks("> ".repeat(1_000_000))
  expect(performance.now() - started).toBeLessThan(2_000)
})

describe("whatever is thrown at it", () => {
  const parts = ["<", ">", "&", '"', "'", "`", "\\", "\n", "\r", "\t", " ", "\0", "\u2028", "\u202e", "\ufeff", "//", "https://", "HTTP://", "www.", "mailto:", "javascript:", "data:text/html,", "vbscript:", "a@b.example", "x.example", "@", ".", ":", ")", "(", "%0a", "%00", "&#106;", "onerror=", "<img src=x onerror=alert(1)>", "<a href=", "> ", ">>", "-- ", "ü", "😀", "\ud800", "[link](https://e.example)", "https://a@b@c/", "https://e.example/<b>", "https://e.example\u0000", "#", "?"]
  /** A small generator that gives the same numbers every time. */
  function* numbers(seed: number) {
    for (let state = seed; ; ) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      yield state
    }
  }
  it("keeps the text as it is, and links lead to the web or write a mail", () => {
    const next = numbers(42)
    const take = (limit: number) => (next.next().value ?? 0) % limit
    for (let round = 0; round < 5_000; round++) {
      const text = Array.from({ length: 1 + take(12) }, () => parts[take(parts.length)] ?? "").join("")
      const found = pieces(text)
      expect(found.map((piece) => piece.text).join("")).toBe(text)
      for (const { href, text: label } of found) {
        if (href === undefined) continue
        expect(["https:", "http:", "mailto:"]).toContain(new URL(href).protocol)
        expect(href.endsWith(label)).toBe(true)
        expect(href).not.toMatch(/[\s<>"'`]/)
      }
      for (const block of blocks(text)) expect(block.pieces.every((piece) => typeof piece.text === "string")).toBe(true)
    }
  })
  it("makes no link of what deceives", () => {
    const links = (text: string) => blocks(text).flatMap((block) => block.pieces).filter((piece) => piece.href !== undefined)
    expect(links("https://bank.example:login@evil.example/ oder http://bank.example@evil.example")).toEqual([])
    expect(links("\u202ehttps://evil.example/moc.knab//:sptth")).toEqual([{ text: "https://evil.example/moc.knab//:sptth", href: "https://evil.example/moc.knab//:sptth" }])
    expect(blocks("a\u202eb")[0]?.pieces).toEqual([{ text: "ab" }])
  })
})

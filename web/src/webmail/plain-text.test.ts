import { expect, it } from "vitest"
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
it("groups lines by their depth of quoting", () => {
  expect(blocks("Hi\n> a\n>> b\n> > c\nend").map((block) => [block.depth, block.lines.length])).toEqual([[0, 1], [1, 1], [2, 2], [0, 1]])
})
it("takes 100,000 at signs in stride", () => {
  const started = performance.now()
  pieces("a@".repeat(50_000))
  expect(performance.now() - started).toBeLessThan(1000)
})

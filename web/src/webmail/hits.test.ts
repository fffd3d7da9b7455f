import { expect, it } from "vitest"
import { hitPattern, pieces } from "./hits.ts"

const shown = (q: string, text: string) => {
  const pattern = hitPattern(q)
  return pattern ? pieces(text, pattern).map(({ text: part, hit }) => (hit ? `[${part}]` : part)).join("") : text
}

it("marks what was searched for, and nothing else", () => {
  expect(shown("rechnung", "Ihre Rechnungen: Rechnung 4, Abrechnung")).toBe("Ihre [Rechnung]en: [Rechnung] 4, Abrechnung")
  expect(shown("from:anna über", "Anna schreibt ÜBER")).toBe("[Anna] schreibt [ÜBER]")
  expect(shown('"am Montag"', "Wir kommen am Montag")).toBe("Wir kommen [am Montag]")
  expect(shown("is:unread", "unread")).toBe("unread")
})

it("takes what is typed as text, not as a pattern", () => {
  expect(shown("a.b (c", "axb a.b <b>")).toBe("axb [a.b] <b>")
  expect(shown(".*", "anything")).toBe("anything")
})

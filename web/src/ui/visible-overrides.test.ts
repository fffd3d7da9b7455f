import { expect, it } from "vitest"
import { visibleOverrides } from "./visible-overrides.ts"

it("names what would turn a text round, and leaves everything else", () => {
  expect(visibleOverrides("Reply-To: \u202emoc.elpmaxe@ssob\u202c <x@evil.example>")).toBe("Reply-To: ⟨U+202E⟩moc.elpmaxe@ssob\u202c <x@evil.example>")
  expect(visibleOverrides("שלום \u2067עולם\u2069 a\u200eb")).toBe("שלום \u2067עולם\u2069 a\u200eb")
})

import { expect, it } from "vitest"
import { preferredLanguage } from "./preferred-language.ts"

it.each([
  [["de-AT", "en"], "de"],
  [["fr-FR", "en-US", "de"], "en"],
  [["DE"], "de"],
  ["fr-CH, de;q=0.9, en;q=0.8".split(","), "de"],
  [["den", "*"], "en"],
  [["fr"], "en"],
  [[], "en"],
] as const)("of %j takes %s", (preferences, expected) => expect(preferredLanguage(preferences)).toBe(expected))

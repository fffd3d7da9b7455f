import { expect, it } from "vitest"
import { preferredLanguage } from "./index.ts"

it("takes the first language that we have", () => {
  expect(preferredLanguage(["de-AT", "en"])).toBe("de")
  expect(preferredLanguage(["fr-FR", "en-US", "de"])).toBe("en")
  expect(preferredLanguage(["DE"])).toBe("de")
  expect(preferredLanguage(["fr"])).toBe("en")
  expect(preferredLanguage([])).toBe("en")
})

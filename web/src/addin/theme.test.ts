import { expect, it } from "vitest"
import { answered } from "./theme.ts"

it.each([
  ["(prefers-color-scheme: dark)", true, "(min-width: 0px)"],
  ["(prefers-color-scheme: dark)", false, "(max-width: 0px)"],
  ["(prefers-color-scheme:light)", true, "(max-width: 0px)"],
  ["screen and (prefers-color-scheme: dark) and (width >= 40rem)", true, "screen and (min-width: 0px) and (width >= 40rem)"],
  ["print", true, "print"],
])("%s, dark %s → %s", (query, dark, expected) => expect(answered(query, dark)).toBe(expected))

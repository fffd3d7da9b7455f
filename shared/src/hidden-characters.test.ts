import { describe, expect, it } from "vitest"
import { plainFileName, plainName, withoutTurning, withoutUnseen } from "./hidden-characters.ts"

describe("a stranger's name", () => {
  it.each([
    ["Größe 1", "Größe 1"],
    ["\u202emoc.elpmaxe@ssob", "moc.elpmaxe@ssob"],
    ["\u2067a\u2069\u202ab\u202c", "ab"],
    ["a\r\n\tb\u0085c\u2028d\u2029e\u009bf\u007fg", "a b c d e f g"],
    ["שלום\u200f עולם", "שלום\u200f עולם"],
  ])("%j is shown as %j", (name, shown) => expect(plainName(name)).toBe(shown))
  it("of a file has no marks at all", () => expect(plainFileName("a\u200e\u202efdp\u061c.exe")).toBe("afdp.exe"))
})

it("keeps the lines of a text", () => expect(withoutTurning("a\u202e\n\tb")).toBe("a\n\tb"))

it.each(["\u00ad", "\u034f", "\u061c", "\u180e", "\u200b", "\u202e", "\u2060", "\u3164", "\ufe0f", "\ufeff", "\u{e0041}"])("takes %j, which is not seen, out of an address", (sign) =>
  expect(withoutUnseen(`boss@ac${sign}me.example`)).toBe("boss@acme.example"))

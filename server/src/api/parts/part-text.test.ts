import { expect, it } from "vitest"
import { readText } from "./part-text.ts"

it.each([
  ["utf-8", Buffer.from("Grüße €"), undefined, "Grüße €", "utf-8"],
  ["latin1 without a word about it", Buffer.from("Grüße", "latin1"), undefined, "Grüße", "windows-1252"],
  ["a declared charset", Buffer.from([0xa4]), "iso-8859-15", "€", "iso-8859-15"],
  ["a charset that nobody knows", Buffer.from("Grüße"), "x-nonsense", "Grüße", "utf-8"],
  ["ASCII that is none", Buffer.from("Grüße"), "us-ascii", "Grüße", "utf-8"],
  ["a byte order mark, against what is declared", Buffer.from("\ufeffGrüße"), "iso-8859-1", "Grüße", "utf-8"],
  ["UTF-16 with a mark", Buffer.from("\ufeffGrüße", "utf16le"), undefined, "Grüße", "utf-16le"],
  ["UTF-16 without a mark", Buffer.from("Hello world", "utf16le"), undefined, "Hello world", "utf-16le"],
  ["nothing", Buffer.alloc(0), undefined, "", "utf-8"],
])("reads %s", (_, bytes, declared, text, charset) => expect(readText(bytes, declared, false)).toEqual({ text, truncated: false, charset }))

it("cuts no character in two", () => expect(readText(Buffer.from("abü").subarray(0, 3), undefined, true)).toEqual({ text: "ab", truncated: true, charset: "utf-8" }))

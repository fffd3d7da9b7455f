import { expect, it } from "vitest"
import { isMisread, mendText } from "./mend-text.ts"

const as = (charset: string, text: string) => new TextDecoder(charset).decode(Buffer.from(text))

it.each(["Grüße aus Köln", "„Größe“ – 5 €", "naïve café", "Привет"])("%s is mended where its UTF-8 was called western", (text) => {
  expect(mendText(as("windows-1252", text))).toBe(text)
  expect(mendText(Buffer.from(text).toString("latin1"))).toBe(text)
  expect(mendText(text)).toBe(text)
})
it.each(["", "plain", "Grüße", "Ã", "50 € – ok", "日本語", "Ä�"])("%s stays what it is", (text) => {
  expect(mendText(text)).toBe(text)
  expect(isMisread(text)).toBe(false)
})
it("knows what was read as Baltic, also with characters lost", () => {
  expect(isMisread(as("windows-1257", "Grüße aus Köln"))).toBe(true)
  expect(isMisread("GrĆ¼Ć�e aus KĆ¶ln")).toBe(true)
  expect(isMisread("Ačiū, Žemaitė")).toBe(false)
})

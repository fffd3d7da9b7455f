import { expect, it } from "vitest"
import { takeApart } from "./parse-mail.ts"

const mail = (...lines: string[]) => Buffer.from(lines.join("\r\n"))

it.each([
  ["a multipart that holds nothing says nothing", mail("Content-Type: multipart/mixed;", ' boundary="B"', "", "--B", "", "", "--B--", ""), ""],
  ["a multipart without a boundary says what lies in it", mail("Content-Type: multipart/mixed", "", "Good day", ""), "Good day\n"],
  ["so does one whose boundary never comes", mail('Content-Type: multipart/mixed; boundary="B"', "", "Grüße", ""), "Grüße\n"],
  ["one with another boundary than it names is taken apart by that", mail('Content-Type: multipart/mixed; boundary="B"', "", "--C", "Content-Type: text/plain", "", "Good day", "--C--"), "Good day"],
  ["where the empty line after the header is missing, the text begins with what is no field", mail("Subject: x", "Good day", "to you", ""), "Good day\r\nto you\r\n"],
  ["a mail without any header is its text", mail("Good day, you", ""), "Good day, you\r\n"],
])("%s", async (_story, bytes, text) => {
  const taken = await takeApart(bytes)
  expect([taken.text.trim() === "" ? "" : taken.text, taken.html, taken.parts.length]).toEqual([text, undefined, 0])
})

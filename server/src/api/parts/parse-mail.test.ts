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

it("keeps the text beside HTML", async () => {
  const taken = await takeApart(mail("Content-Type: multipart/mixed; boundary=B", "", "--B", "Content-Type: text/html", "", "<p>Hello</p>", "--B", "Content-Type: text/plain", "", "footer <b> & more", "--B--", ""))
  expect(taken.html).toBe("<p>Hello</p><br/>\n<p>footer &lt;b&gt; &amp; more</p>")
})

it("has no date where it cannot be read", async () => {
  const dated = async (date: string) => (await takeApart(mail(`Date: ${date}`, "Subject: x", "", "x"))).date?.toISOString()
  expect(await dated("Mon, 99 Foo 2026 10:00")).toBeUndefined()
  expect(await dated("Mon, 01 Jun 2026 10:00:00 +0000 (a (comment))")).toBe("2026-06-01T10:00:00.000Z")
})

it("takes a file of a type that is none for bytes", async () => {
  const { parts } = await takeApart(mail("Content-Type: multipart/mixed; boundary=B", "", "--B", "Content-Type: ///; name=a.bin", "Content-Disposition: attachment", "", "x", "--B", "Content-Type:", "Content-Disposition: attachment; filename=b.bin", "", "x", "--B--", ""))
  expect(parts.map(({ name, contentType }) => [name, contentType])).toEqual([["a.bin", "///"], ["b.bin", "application/octet-stream"]])
})

import { expect, it } from "vitest"
import { introSource, rowIntro } from "./row-intro.ts"

const typed = (value: string) => ({ parsedHeader: { "content-type": { value } } })

it.each([
  ["a text", { intro: "Good day", mimeTree: typed("text/plain") }, "Good day"],
  ["a text with a file", { intro: "Good day", mimeTree: { childNodes: [typed("text/plain"), typed("application/pdf")] }, attachments: [{ filename: "a.pdf" }] }, "Good day"],
  ["a text with an address in it", { intro: "See you at https://meet.example/a tomorrow, as we said", mimeTree: typed("text/html") }, "See you at https://meet.example/a tomorrow, as we said"],
  ["pictures with links", { intro: "Sale https://click.example/aaaaaaaaaaaaaaaaaaaaaaa https://click.example/b", mimeTree: typed("text/html") }, "Sale"],
  ["pictures with links and no word", { intro: "https://click.example/aaaa https://click.example/b", mimeTree: typed("multipart/related"), attachments: [{ filename: "Angebot.png" }] }, "Angebot.png"],
  ["one address and nothing else", { intro: "https://meet.example/a", mimeTree: typed("text/plain") }, "https://meet.example/a"],
  ["files alone", { mimeTree: { childNodes: [typed("image/png"), typed("image/png")] }, attachments: [{ filename: "a.png" }, { filename: "b.png" }, { filename: "0a1b2c3d.png" }, { filename: "c.png" }] }, "a.png, b.png, c.png"],
  ["a file that is called by its date", { mimeTree: typed("application/pdf"), attachments: [{ filename: "20260131.pdf" }] }, "20260131.pdf"],
  ["an attached mail alone", { intro: "what the attached one says", mimeTree: { childNodes: [{ ...typed("message/rfc822"), message: { parsedHeader: { subject: "=?utf-8?Q?Gr=C3=BC=C3=9Fe?=" } } }] }, attachments: [{ filename: "0a1b2c3d.eml" }] }, "Grüße"],
  ["a mail that is another", { intro: "what the other says", mimeTree: { ...typed("message/rfc822"), message: { parsedHeader: { subject: "Inner" } } } }, "Inner"],
  ["a file that says nothing", { mimeTree: typed("application/pkcs7-mime"), attachments: [{ filename: "smime.p7m" }] }, ""],
  ["nothing that is known", { intro: "Good day", mimeTree: 7, attachments: "x" }, "Good day"],
])("the second line of %s", (_story, document, line) => expect(rowIntro(introSource(document))).toBe(line))

import { expect, it } from "vitest"
import { emptyLetter, type Letter, type LetterFile } from "./letter.ts"
import { outgoing } from "./outgoing.ts"

const file = (change: Partial<LetterFile>): LetterFile => ({ key: "k", name: "a.txt", contentType: "text/plain", size: 1, cid: undefined, source: { at: "upload", upload: "u1" }, ...change })
const letter = (change: Partial<Letter>): Letter => ({ ...emptyLetter(), to: ["ben@example.com"], ...change })

it("names uploads and parts, and pictures that are still in the text", () => {
  const { attachments } = outgoing(letter({
    html: '<p><img src="cid:p1@x" alt=""></p>',
    files: [file({}), file({ source: { at: "part", folder: "f", id: "3", attachment: "A1" } }), file({ cid: "p1@x" }), file({ cid: "deleted@x" }), file({ source: { at: "here" } })],
  }), "letter-1", "Europe/Berlin")
  expect(attachments).toEqual([{ upload: "u1" }, { folder: "f", id: "3", attachment: "A1" }, { upload: "u1", cid: "p1@x" }])
})

it("sends no HTML of what is written as plain text", () => {
  const plain = outgoing(letter({ writeAs: "plain", html: "<p>old</p>", text: "new" }), "letter-1", "UTC")
  expect(plain).toMatchObject({ text: "new", writeAs: "plain", letter: "letter-1" })
  expect(plain.html).toBeUndefined()
})

it("quotes only what is referred to, and only when wanted", () => {
  expect(outgoing(letter({ quote: true }), "l", "UTC").quote).toBeUndefined()
  const reference = { folder: "f", id: "1", action: "reply" as const }
  expect(outgoing(letter({ quote: false, reference }), "l", "UTC")).toMatchObject({ reference, quote: false })
})

import { expect, it } from "vitest"
import { filesAsParts } from "./draft-parts.ts"
import type { LetterFile } from "./letter.ts"

const part = (name: string, attachment: string, cid?: string): LetterFile => ({ key: attachment, name, contentType: "image/png", size: 10, cid, source: { at: "part", folder: "d", id: "1", attachment } })
const stored = (id: string, name: string) => ({ id, name, contentType: "image/png", size: 10, inline: false, preview: "none" as const })
const saved = {
  folder: "d", id: "2", attachmentList: [stored("B1", "a.png"), stored("B2", "a.png"), stored("B3", "picture.png")],
  writing: { from: "", to: [], cc: [], bcc: [], writeAs: "rich" as const, html: "", text: "", quote: false, attach: false, pictures: [{ cid: "p@x", attachment: "B3" }] },
}
const attachments = (files: readonly LetterFile[]) => files.map(({ source }) => (source.at === "part" ? `${source.id}/${source.attachment}` : source.at))

it("follows files of the same name in their order, and pictures by their Content-ID", () => {
  expect(attachments(filesAsParts([part("a.png", "A1"), part("other.png", "A3", "p@x"), part("a.png", "A2")], "parts", saved))).toEqual(["2/B1", "2/B3", "2/B2"])
})

it("takes the draft's copy of another mail's file, which may be moved or deleted, and leaves uploads alone", () => {
  const upload: LetterFile = { ...part("a.png", "A1"), source: { at: "upload", upload: "u" } }
  const other: LetterFile = { ...part("a.png", "A1"), source: { at: "part", folder: "inbox", id: "9", attachment: "C" } }
  expect(attachments(filesAsParts([upload, other], "parts", saved))).toEqual(["upload", "2/B2"])
  expect(attachments(filesAsParts([upload, other], "all", saved))).toEqual(["2/B1", "2/B2"])
})

it("keeps what is not found as it was", () => expect(attachments(filesAsParts([part("gone.png", "A1")], "parts", saved))).toEqual(["1/A1"]))

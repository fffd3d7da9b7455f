import type { Outgoing, OutgoingAttachment } from "@lifeboat/shared/schemas/outgoing"
import { filesToSend, type Letter, type LetterFile } from "./letter.ts"

const longest = { recipient: 500, subject: 2000 }

/**
 * A letter as the API takes it. Files that are not uploaded yet are left out, pictures that were deleted from the text
 * too. `id`: the letter's name, by which the server knows a repetition; `zone`: the writer's time zone (IANA).
 */
export function outgoing(letter: Letter, id: string, zone: string): Outgoing {
  const rich = letter.writeAs === "rich"
  const cut = (texts: readonly string[]) => texts.map((text) => text.slice(0, longest.recipient))
  return {
    ...(letter.from === "" ? {} : { from: letter.from }),
    to: cut(letter.to), cc: cut(letter.cc), bcc: cut(letter.bcc),
    subject: letter.subject.slice(0, longest.subject),
    text: letter.text,
    ...(rich ? { html: letter.html } : {}),
    writeAs: letter.writeAs,
    attachments: filesToSend(letter).flatMap(attachmentOf),
    ...(letter.reference ? { reference: letter.reference, quote: letter.quote } : {}),
    zone,
    letter: id,
    ...(letter.draft ? { draft: letter.draft } : {}),
  }
}

function attachmentOf({ source, cid }: LetterFile): OutgoingAttachment[] {
  const shown = cid === undefined ? {} : { cid }
  if (source.at === "upload") return [{ upload: source.upload, ...shown }]
  if (source.at === "part") return [{ folder: source.folder, id: source.id, attachment: source.attachment, ...shown }]
  return []
}

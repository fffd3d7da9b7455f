import type { StoredMail } from "../../mailbox/wildduck-schemas.ts"
import { isDrawable } from "../mail-parts.ts"
import { attachmentView } from "./mail-views.ts"
import type { OpenMailbox } from "./mailboxes.ts"

/** Pictures put into the page itself, bytes; the rest stays a download. */
const maxBytes = 15_000_000

/**
 * The pictures that a mail's HTML shows out of the mail itself, as data addresses: the frame has an origin of its own,
 * so that it could not fetch them with the session. Keys are what `src` says.
 */
export async function inlinePictures({ api, account }: OpenMailbox, folder: string, mail: StoredMail, html: string): Promise<Map<string, string>> {
  const pictures = new Map<string, string>()
  let bytes = 0
  for (const attachment of mail.attachments ?? []) {
    const { id, size, contentType } = attachmentView(attachment)
    const names = [`attachment:${id}`, ...(attachment.cid ? [`cid:${attachment.cid.replace(/^<|>$/g, "")}`] : [])]
    if (!isDrawable(contentType) || bytes + size > maxBytes || !names.some((name) => html.includes(name))) continue
    const { body } = await api.attachment(account, folder, mail.id, id)
    const content = await readBounded(body, maxBytes - bytes)
    if (!content) continue
    bytes += content.length
    for (const name of names) pictures.set(name, `data:${contentType.toLowerCase()};base64,${content.toString("base64")}`)
  }
  return pictures
}

/** All bytes of a stream, or undefined when there are more than `limit`. */
export async function readBounded(stream: ReadableStream<Uint8Array>, limit: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.byteLength
    if (size > limit) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

import { isDrawable } from "../mail-parts.ts"
import type { MailPart } from "./mail-part.ts"

/** Pictures put into the page itself, bytes; the rest stays a download. */
const maxBytes = 15_000_000

/**
 * The pictures that a mail's HTML shows out of the mail itself, as data addresses by what `src` says: `cid:…` (RFC 2392)
 * or, in mails of the mailbox, `attachment:…`. Only those that the HTML names are read.
 */
export async function ownPictures(parts: readonly MailPart[], html: string): Promise<(src: string) => string | undefined> {
  const pictures = new Map<string, string>()
  let bytes = 0
  for (const part of parts) {
    const names = [`attachment:${part.id}`, ...(part.cid === undefined ? [] : [`cid:${part.cid}`])]
    if (!isDrawable(part.contentType) || bytes + part.size > maxBytes || !names.some((name) => html.includes(name) || html.includes(encodeURI(name)))) continue
    const content = await part.read(maxBytes - bytes)
    if (!content) continue
    bytes += content.length
    for (const name of names) if (!pictures.has(name)) pictures.set(name, `data:${part.contentType};base64,${content.toString("base64")}`)
  }
  return (src) => {
    const name = src.trim().replace(/^cid:/i, "cid:")
    return pictures.get(name) ?? pictures.get(decoded(name))
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

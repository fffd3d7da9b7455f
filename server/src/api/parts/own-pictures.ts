import { isDrawable } from "../mail-parts.ts"
import type { MailPart } from "./mail-part.ts"

/**
 * The addresses of pictures that lie in the mail, by what `src` says in its HTML: `cid:…` (RFC 2392) or, as the mailbox
 * store writes it, `attachment:…`; `ownPicture` looks them up. `folder`: where the mail's attachments are, as seen from the
 * page, ending in `/`.
 */
export function ownPictures(parts: readonly MailPart[], folder: string): ReadonlyMap<string, string> {
  const addresses = new Map<string, string>()
  for (const { id, cid, contentType } of parts) {
    if (!isDrawable(contentType)) continue
    for (const name of [`attachment:${id}`, ...(cid === undefined ? [] : [`cid:${cid}`])]) if (!addresses.has(name)) addresses.set(name, `${folder}${encodeURIComponent(id)}`)
  }
  return addresses
}

/** The address of the picture that a `src` means; undefined where there is none. */
export function ownPicture(addresses: ReadonlyMap<string, string>, src: string): string | undefined {
  const name = src.trim().replace(/^cid:/i, "cid:")
  return addresses.get(name) ?? addresses.get(decoded(name))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Whether a mail's HTML shows a part: by its Content-ID, or by the id that the mailbox store writes. */
export function shownBy(html: string | undefined): (part: Pick<MailPart, "id" | "cid">) => boolean {
  const named = new Set<string>()
  for (const [, name = ""] of html?.matchAll(/\b(?:cid|attachment):\s{0,9}([^"'\s<>)]{1,300})/gi) ?? []) {
    const plain = name.replaceAll(/&#(\d{1,6});|&amp;/g, (_, code?: string) => (code === undefined ? "&" : String.fromCharCode(Number(code))))
    for (const each of [plain, decoded(plain)]) named.add(each)
  }
  return ({ id, cid }) => named.has(id) || (cid !== undefined && named.has(cid))
}

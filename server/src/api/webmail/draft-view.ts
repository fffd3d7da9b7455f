import type { DraftView } from "@lifeboat/shared/schemas/mail"
import type { StoredAddress, StoredMail } from "../../mailbox/wildduck-schemas.ts"
import { readDraftNote } from "../../outgoing/draft-note.ts"
import type { PartsView } from "../parts/parts-view.ts"
import { outgoingHtml } from "../../outgoing/outgoing-html.ts"

/** All that going on with a draft needs; null for mails that are none. `html`: its HTML parts as stored. */
export function draftView(mail: StoredMail, { text, html = "", parts }: Pick<PartsView, "text" | "html" | "parts">): DraftView | null {
  if (!mail.draft) return null
  const note = readDraftNote(mail.metaData)
  const cids = new Map(parts.flatMap(({ id, cid }) => (cid === undefined ? [] : [[id, cid] as const])))
  const writeAs = note?.writeAs ?? (html === "" ? "plain" : "rich")
  return {
    from: mail.from?.address ?? "",
    to: note?.typed?.to ?? written(mail.to),
    cc: note?.typed?.cc ?? written(mail.cc),
    bcc: note?.typed?.bcc ?? written(mail.bcc),
    writeAs,
    html: html === "" ? null : outgoingHtml(html, (src) => pictureName(src, cids)),
    text,
    quote: note?.quote ?? false,
    pictures: [...cids].map(([attachment, cid]) => ({ cid, attachment })),
  }
}

/** WildDuck says `attachment:<id>` for pictures that lie in the mail. */
function pictureName(src: string, cids: ReadonlyMap<string, string>): string | undefined {
  if (/^cid:/i.test(src) && [...cids.values()].includes(src.slice("cid:".length))) return src
  const id = /^attachment:([\w.-]+)/.exec(src)?.[1]
  const cid = id === undefined ? undefined : cids.get(id)
  return cid === undefined ? undefined : `cid:${cid}`
}

function written(people: readonly StoredAddress[] | undefined): string[] {
  return (people ?? []).map(({ name = "", address = "" }) => {
    if (name === "" || name === address) return address
    return /^[\p{L}\p{N} !#$%&'*+/=?^_`{|}~-]+$/u.test(name) ? `${name} <${address}>` : `"${name.replace(/["\\]/g, "\\$&")}" <${address}>`
  })
}

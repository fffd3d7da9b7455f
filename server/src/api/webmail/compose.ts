import { randomUUID } from "node:crypto"
import MailComposer from "nodemailer/lib/mail-composer/index.js"
import { ApiError } from "@lifeboat/shared/api-errors"
import { canonicalAddress, domainOf, parseAddress } from "@lifeboat/shared/address"
import type { Outgoing } from "@lifeboat/shared/schemas/outgoing"
import type { UserDocument } from "../../store/documents.ts"

/** A recipient or sender as written: checked, harmless in a header. */
export interface Written {
  readonly name: string
  readonly address: string
}

/** A file that goes along. */
export interface Enclosure {
  readonly name: string
  readonly contentType: string
  readonly content: Buffer
}

/** The mail that is answered or forwarded, as far as it shows in the new one. */
export interface Original {
  readonly messageId: string
  readonly references: readonly string[]
}

const control = /[\u0000-\u001f\u007f\u0085\u2028\u2029]+/g

/** Reads `address`, `Name <address>` or `"Name" <address>`; undefined for anything else. */
export function readWritten(text: string): Written | undefined {
  const match = /^\s*(?:"((?:[^"\\]|\\.)*)"|([^<>"]*?))\s*<([^<>]+)>\s*$/su.exec(text)
  const address = parseAddress((match?.[3] ?? text).trim())
  if (!address) return undefined
  const name = (match?.[1]?.replace(/\\(.)/gsu, "$1") ?? match?.[2] ?? "").replace(control, " ").trim()
  return { name, address: `${address.local}@${address.domain}` }
}

/** All recipients of a list; throws `invalid-address` naming the first that is none. */
export function readRecipients(texts: readonly string[] | undefined): Written[] {
  return (texts ?? []).map((text) => {
    const written = readWritten(text)
    if (!written) throw new ApiError("invalid-address", `"${text.replace(control, " ").slice(0, 200)}" is not a mail address.`)
    return written
  })
}

/** The sender: the user's own address or an alias; throws `sender-not-owned`. */
export function senderOf(user: UserDocument, from: string | undefined): Written {
  if (from === undefined || from.trim() === "") return { name: user.name, address: user._id }
  const written = readWritten(from)
  const canonical = written && canonicalAddress(written.address)
  if (canonical === undefined || ![user._id, ...user.aliases].includes(canonical)) throw new ApiError("sender-not-owned")
  return { name: user.name, address: canonical }
}

/** Decodes what the page sent along; throws `invalid` for what is not base64. */
export function readEnclosures(attachments: Outgoing["attachments"]): Enclosure[] {
  return (attachments ?? []).map((attachment) => {
    if (!("content" in attachment)) throw new ApiError("not-found")
    const { name, contentType, content } = attachment
    if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(content)) throw new ApiError("invalid", `The content of "${name.replace(control, " ")}" is not base64.`)
    return { name: name.replace(control, " "), contentType: safeType(contentType), content: Buffer.from(content, "base64") }
  })
}

function safeType(contentType: string): string {
  return /^[\w.+-]{1,60}\/[\w.+-]{1,120}$/.test(contentType) ? contentType : "application/octet-stream"
}

export interface Letter {
  readonly from: Written
  readonly to: readonly Written[]
  readonly cc: readonly Written[]
  /** Only drafts show it; what is sent must not. */
  readonly bcc: readonly Written[]
  readonly subject: string
  readonly text: string | undefined
  readonly html: string | undefined
  readonly enclosures: readonly Enclosure[]
  readonly original: Original | undefined
  readonly date: Date
}

/** Writes the mail (RFC 5322), lines ending in CRLF. Pictures pasted into the HTML become inline parts. Never reads files or addresses. */
export async function composeMail(letter: Letter): Promise<Buffer> {
  const { html, pictures } = letter.html === undefined ? { html: undefined, pictures: [] } : detachPictures(letter.html)
  const list = (written: readonly Written[]) => written.map(({ name, address }) => ({ name, address }))
  const references = letter.original && [...letter.original.references.slice(-50), letter.original.messageId].filter(isMessageReference)
  const composer = new MailComposer({
    from: list([letter.from])[0],
    to: list(letter.to),
    cc: list(letter.cc),
    bcc: list(letter.bcc),
    subject: letter.subject.replace(control, " "),
    date: letter.date,
    messageId: `<${randomUUID()}@${domainOf(letter.from.address)}>`,
    ...(references && references.length > 0 ? { inReplyTo: references.at(-1), references } : {}),
    ...(letter.text === undefined && html !== undefined ? {} : { text: letter.text ?? "" }),
    ...(html === undefined ? {} : { html }),
    attachments: [
      ...letter.enclosures.map(({ name, contentType, content }) => ({ filename: name, contentType, content, contentDisposition: "attachment" as const })),
      ...pictures.map(({ cid, contentType, content }) => ({ cid, contentType, content, contentDisposition: "inline" as const, filename: `${cid.split("@")[0] ?? "picture"}.${contentType.slice("image/".length)}` })),
    ],
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: "windows",
  })
  const node = composer.compile()
  node.keepBcc = letter.bcc.length > 0
  return node.build()
}

function isMessageReference(text: string): boolean {
  return /^<[^<>\s\u0000-\u001f\u007f]{1,900}>$/.test(text)
}

/** Takes pictures out of the HTML that were pasted into it as data addresses. */
function detachPictures(html: string): { html: string; pictures: { cid: string; contentType: string; content: Buffer }[] } {
  const pictures: { cid: string; contentType: string; content: Buffer }[] = []
  const detached = html.replace(/(<img\b[^>]*?\bsrc\s*=\s*)(["'])data:(image\/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/=\s]+)\2/gi, (_whole, before: string, quote: string, contentType: string, content: string) => {
    const cid = `picture-${pictures.length + 1}.${randomUUID()}@lifeboat`
    pictures.push({ cid, contentType: contentType.toLowerCase(), content: Buffer.from(content, "base64") })
    return `${before}${quote}cid:${cid}${quote}`
  })
  return { html: detached, pictures }
}

import { randomUUID } from "node:crypto"
import type { Attachment } from "nodemailer/lib/mailer/index.js"
import MailComposer from "nodemailer/lib/mail-composer/index.js"
import { domainOf } from "@lifeboat/shared/address"
import { oneLine } from "@lifeboat/shared/hidden-characters"
import type { Written } from "./addresses.ts"
import { htmlText } from "./html-text.ts"
import { outgoingHtml } from "./outgoing-html.ts"

/** A file that goes along. `cid`: a picture that the HTML shows as `cid:…` (RFC 2392). */
export interface Enclosure {
  readonly name: string
  readonly contentType: string
  readonly content: Buffer
  readonly cid?: string
}

/** What an answer says about the mail it answers (RFC 5322 §3.6.4). */
export interface Original {
  readonly messageId: string
  readonly references: readonly string[]
}

/** A mail to be written. `html` undefined: plain text only. `text` undefined: made from the HTML. */
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
  /** The original below, as it goes out; in both alternatives. */
  readonly quote?: { readonly html: string; readonly text: string } | undefined
}

/** Characters of a name in a header: its line must not pass 998 octets (RFC 5322 §2.1.1). */
const maxName = 200

/** A MIME type as a sender claims it, or the one that says nothing. */
export function safeType(contentType: string): string {
  return /^[\w.+-]{1,60}\/[\w.+-]{1,120}$/.test(contentType) ? contentType : "application/octet-stream"
}

/**
 * Writes the mail (RFC 5322), lines ending in CRLF: alternatives of text and HTML, the HTML with its pictures
 * (multipart/related), and files beside them. HTML is cleaned; pictures pasted into it become parts. Never reads files
 * or addresses.
 */
export async function composeMail(letter: Letter): Promise<Buffer> {
  const own = letter.html === undefined ? undefined : detachPictures(outgoingHtml(letter.html))
  const html = own && own.html + (letter.quote?.html ?? "")
  const text = ownText(letter, own?.html) + (letter.quote ? `\n\n${letter.quote.text}\n` : "")
  const list = (written: readonly Written[]) => written.map(({ name, address }) => ({ name: [...name].slice(0, maxName).join(""), address }))
  const references = letter.original && [...letter.original.references.slice(-50), letter.original.messageId].filter(isMessageReference)
  const composer = new MailComposer({
    from: list([letter.from])[0],
    to: list(letter.to),
    cc: list(letter.cc),
    bcc: list(letter.bcc),
    subject: oneLine(letter.subject),
    date: letter.date,
    messageId: `<${randomUUID()}@${domainOf(letter.from.address)}>`,
    ...(references && references.length > 0 ? { inReplyTo: references.at(-1), references } : {}),
    text,
    ...(html === undefined ? {} : { html: page(html) }),
    attachments: [...letter.enclosures, ...(own?.pictures ?? [])].flatMap((enclosure) => attached(enclosure, html)),
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: "windows",
  })
  const node = composer.compile()
  node.keepBcc = letter.bcc.length > 0
  return node.build()
}

function ownText({ text }: Letter, html: string | undefined): string {
  return text === undefined || (text === "" && html !== undefined) ? htmlText(html ?? "") : text
}

/** Mail programs guess less when the HTML is a whole page. */
function page(html: string): string {
  return `<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>${html}</body></html>`
}

/** As the mail's composer takes it. A picture that the HTML shows no more is left out; without HTML it is a file like others. */
function attached({ name, contentType, content, cid }: Enclosure, html: string | undefined): Attachment[] {
  if (cid === undefined || html === undefined) return [{ filename: name, contentType, content, contentDisposition: "attachment" }]
  return html.includes(`cid:${cid}`) ? [{ filename: name, contentType, content, cid, contentDisposition: "inline" }] : []
}

function isMessageReference(text: string): boolean {
  return /^<[^<>\s\u0000-\u001f\u007f]{1,900}>$/.test(text)
}

/** Takes pictures out of the HTML that were pasted into it as data addresses. */
function detachPictures(html: string): { html: string; pictures: Enclosure[] } {
  const pictures: Enclosure[] = []
  const detached = html.replace(/(<img\b[^>]*?\bsrc\s*=\s*)(["'])data:(image\/(?:png|jpe?g|gif|webp));base64,([A-Za-z0-9+/=\s]+)\2/gi, (_whole, before: string, quote: string, contentType: string, content: string) => {
    const name = `picture-${pictures.length + 1}`
    const cid = `${name}.${randomUUID()}@lifeboat`
    const type = contentType.toLowerCase().replace("jpg", "jpeg")
    pictures.push({ name: `${name}.${type.slice("image/".length)}`, cid, contentType: type, content: Buffer.from(content, "base64") })
    return `${before}${quote}cid:${cid}${quote}`
  })
  return { html: detached, pictures }
}

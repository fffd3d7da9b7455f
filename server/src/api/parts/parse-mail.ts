import libmime from "libmime"
import { simpleParser, type AddressObject, type Attachment as ParsedAttachment, type ParsedMail } from "mailparser"
import { plainName } from "@lifeboat/shared/hidden-characters"
import type { Mailbox } from "@lifeboat/shared/schemas/mail"
import { headerBlock } from "../../archive/bodies.ts"
import { writtenDate } from "../../archive/mail-date.ts"
import { readableCopy } from "../../mailbox/readable-copy.ts"
import { bareText } from "../mail-html.ts"
import { nameForNameless } from "./file-names.ts"
import { partInMemory, type PartInMemory } from "./mail-part.ts"

/** A mail taken apart from its bytes. `html` is as sent: sanitise before showing. */
export interface TakenApart {
  readonly subject: string
  readonly from: Mailbox
  readonly to: readonly Mailbox[]
  readonly cc: readonly Mailbox[]
  readonly bcc: readonly Mailbox[]
  readonly replyTo: readonly Mailbox[]
  /** It comes from a mailing list or newsletter (RFC 2369, RFC 2919). */
  readonly list: boolean
  readonly date: Date | undefined
  readonly text: string
  readonly html: string | undefined
  readonly parts: readonly PartInMemory[]
}

/** Mails of more parts are read in part. */
const maxNodes = 5_000
const options = { skipImageLinks: true, skipTextToHtml: true, skipTextLinks: true, maxHtmlLengthToParse: 200_000, maxChildNodes: maxNodes } as const
/** Lines that may begin a part. */
const maxLines = 900
const maxHeader = 1_000_000
const maxStrange = 100_000
const maxText = 2_000_000
/** Longer text beside HTML is left out, characters. */
const maxBeside = 300_000
const maxMailboxes = 2_000

/** Parses a mail (RFC 5322, MIME). A mail attached in it is one of its parts, whole; none of its text comes to the outer one's. */
export async function takeApart(bytes: Buffer): Promise<TakenApart> {
  const mail = await parsed(readableCopy(bytes))
  return {
    subject: plainName(mail.subject ?? ""),
    from: mailboxesOf(mail.from ?? senderField(mail))[0] ?? { name: "", address: "" },
    to: mailboxesOf(mail.to),
    cc: mailboxesOf(mail.cc),
    bcc: mailboxesOf(mail.bcc),
    replyTo: mailboxesOf(mail.replyTo),
    list: mail.headers.has("list"),
    date: dateOf(mail),
    text: textOf(mail),
    html: mail.html === false ? undefined : mail.html,
    parts: mail.attachments.map(partOfAttachment),
  }
}

async function parsed(bytes: Buffer): Promise<ParsedMail> {
  const mail = await simpleParser(bytes, options).then((first) => (leavesOut(first) ? simpleParser(bytes, { ...options, skipTextToHtml: false }) : first)).catch(() => simpleParser(beginning(bytes), options)).catch(() => strange(bytes))
  return mail.text || mail.html || mail.attachments.length > 0 || isDelimited(bytes) ? mail : strange(bytes)
}

/** Text beside HTML (what somebody wrote below a picture, the footer of a list) leaves an empty place in it: it is made HTML only for such mails, because that takes long. */
function leavesOut({ html, text = "" }: ParsedMail): boolean {
  return html !== false && html !== undefined && text.length < maxBeside && /^<br\/>\n|<br\/>\n<br\/>\n|<br\/>\n$/.test(html)
}

/** A multipart with a boundary was taken apart by it: what it says then is nothing (RFC 2046 §5.1.1). */
function isDelimited(bytes: Buffer): boolean {
  const header = headerBlock(bytes, maxHeader).toString("latin1").replaceAll(/\r?\n[ \t]+/g, " ")
  return /^content-type:[ \t]*multipart\/.*;[ \t]*boundary[ \t]*=/im.test(header)
}

/** HTML that is too long to be made a text of in good time is stripped of its tags. */
function textOf({ text, html }: ParsedMail): string {
  return (text?.trim() || html === false || html === undefined ? (text ?? "") : bareText(html)).slice(0, maxText)
}

/** As much of a mail as has no more parts than the parser takes. */
function beginning(bytes: Buffer): Buffer {
  let at = 0
  for (let line = 0; line < maxLines && at >= 0; line++) at = bytes.indexOf("\n--", at + 1)
  return at < 0 ? bytes : bytes.subarray(0, at)
}

/** A mail that cannot be taken apart: its header, and the beginning of the rest as it is. */
async function strange(bytes: Buffer): Promise<ParsedMail> {
  const header = fieldsOf(headerBlock(bytes, maxHeader))
  const fields = header.toString("latin1").split(/\r?\n(?![ \t])/).filter((field) => !/^content-/i.test(field)).join("\r\n")
  const mail = await simpleParser(Buffer.from(`${fields.trimEnd()}\r\n\r\n`, "latin1"), options)
  return { ...mail, text: bytes.subarray(header.length, header.length + maxStrange).toString() }
}

/** A header up to the first line that is none of it: where the empty line is missing, the text begins there. */
function fieldsOf(header: Buffer): Buffer {
  const text = header.toString("latin1")
  const other = /^(?![!-9;-~]{1,200}[ \t]*:|[ \t\r\n]|>?From )./m.exec(text)
  return other === null ? header : header.subarray(0, other.index)
}

function partOfAttachment(attachment: ParsedAttachment, index: number): PartInMemory {
  const { content, related, cid } = attachment
  // As its sender names it, and as the mailbox store has it: the parser guesses by the name, and has false for what is empty.
  const contentType = typeNamed(attachment) ?? (typeof attachment.contentType === "string" ? attachment.contentType : "application/octet-stream")
  return partInMemory({ id: String(index), name: attachment.filename ?? nameless(contentType, content, index), contentType, charset: charsetOf(attachment), related: related === true, cid }, content)
}

/** A name for a file without one: an attached mail is called by its subject. */
function nameless(contentType: string, content: Buffer, index: number): string {
  const subject = contentType === "message/rfc822" ? /^subject:[ \t]*(.{1,1000})$/im.exec(content.subarray(0, 16_384).toString("latin1").split(/\r?\n\r?\n/, 1)[0]?.replace(/\r?\n[ \t]+/g, " ") ?? "")?.[1] : undefined
  if (subject !== undefined) return `${libmime.decodeWords(Buffer.from(subject, "latin1").toString()).trim()}.eml`
  return nameForNameless(contentType, index)
}

function typeNamed({ headers }: ParsedAttachment): string | undefined {
  const type: unknown = headers.get("content-type")
  return typeof type === "object" && type !== null && "value" in type && typeof type.value === "string" && type.value !== "" ? type.value.toLowerCase() : undefined
}

function charsetOf({ headers }: ParsedAttachment): string | undefined {
  const type: unknown = headers.get("content-type")
  if (typeof type !== "object" || type === null || !("params" in type) || typeof type.params !== "object" || type.params === null || !("charset" in type.params)) return undefined
  return typeof type.params.charset === "string" ? type.params.charset : undefined
}

/** When it says to have been written. The parser takes a date that it cannot read for now. */
function dateOf({ headerLines }: ParsedMail): Date | undefined {
  return writtenDate(headerLines.find(({ key }) => key === "date")?.line.replace(/^[^:]*:/, ""))
}

/** Who sent it, for a mail that does not say who wrote it. */
function senderField({ headers }: ParsedMail): AddressObject | undefined {
  const sender = headers.get("sender")
  return typeof sender === "object" && "value" in sender && Array.isArray(sender.value) ? (sender as AddressObject) : undefined
}

function mailboxesOf(addresses: AddressObject | AddressObject[] | undefined): Mailbox[] {
  return [addresses ?? []].flat().flatMap(({ value }) => value.flatMap((each) => each.group ?? [each])).slice(0, maxMailboxes).map(({ name, address }) => ({ name: plainName(name), address: address ?? "" }))
}

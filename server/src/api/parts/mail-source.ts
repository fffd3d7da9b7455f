import { Readable } from "node:stream"
import type { StoredAttachment, StoredMail } from "../../mailbox/wildduck-schemas.ts"
import type { WildDuckApi } from "../../mailbox/wildduck-api.ts"
import { WildDuckError } from "../../mailbox/wildduck-error.ts"
import { TaskSlots } from "../../mailbox/task-slots.ts"
import { readBounded } from "./bounded.ts"
import { nameForNameless } from "./file-names.ts"
import { maxOpened } from "./open-parts.ts"
import { partOf, type MailPart } from "./mail-part.ts"
import { isMisread } from "./mend-text.ts"
import { takeApart, type TakenApart } from "./parse-mail.ts"
import { typeOf } from "./part-kind.ts"

/** The files of a mail as they lie in it. */
export interface MailSource {
  readonly parts: readonly MailPart[]
  /** Text and HTML in the place of those that the mailbox store gives. */
  readonly body: { readonly text: string; readonly html: string | undefined } | undefined
  /** The same files read all at once, where reading each by itself takes long; undefined where that is not possible. */
  all?(): Promise<readonly MailPart[] | undefined>
}

/** A mailbox as far as reading its parts goes. */
interface PartStore {
  readonly api: Pick<WildDuckApi, "attachment" | "raw">
  readonly account: string
}

const parsing = new TaskSlots(2)
/** Larger signed mails are as WildDuck has them, bytes. */
const maxSigned = 5_000_000

/** As much of a mail's text and HTML as the mailbox store keeps beside the mail: characters, bytes. */
const storedText = 100 * 1024
const storedHtml = 640 * 1024

/**
 * The files of a mail in the mailbox. WildDuck mixes the text and the files of an attached mail with those of the mail
 * that holds it, cuts long ones, and takes what names no charset for Baltic; such mails, which are rare, are taken apart
 * here. Never fails for what is in them: what cannot be taken apart is as WildDuck has it.
 */
export async function mailboxSource(store: PartStore, mail: StoredMail): Promise<MailSource> {
  const stored = mail.attachments ?? []
  if (stored.some(({ contentType }) => contentType === "message/rfc822") || isCut(mail) || isDoubtful(mail) || isSigned(mail) || losesQuotes(mail)) {
    const whole = await takenApart(store, mail)
    if (whole) return { parts: whole.parts, body: { text: whole.text, html: whole.html } }
  }
  return { parts: stored.map((attachment, index) => storedPart(store, mail, attachment, index)), body: undefined, all: async () => (await takenApart(store, mail))?.parts }
}

function isCut({ text = "", html = [] }: StoredMail): boolean {
  return text.length >= storedText || html.reduce((sum, part) => sum + Buffer.byteLength(part), 0) >= storedHtml
}

/** It says nothing, or what it says was read in a charset that it is not in. */
function isDoubtful({ text = "", html = [], attachments = [] }: StoredMail): boolean {
  return (text === "" && html.length === 0 && attachments.length === 0) || isMisread(text) || html.some(isMisread)
}

/** Signed as it is, so that its copy keeps what WildDuck reads in its own way. */
function isSigned({ contentType, size = 0 }: StoredMail): boolean {
  return contentType?.value?.toLowerCase() === "multipart/signed" && size < maxSigned
}

/** WildDuck joins lines that flow on (RFC 3676) with the marks of what is quoted between them. */
function losesQuotes({ contentType, text = "" }: StoredMail): boolean {
  return !/^multipart\/(?:alternative|related)$/i.test(contentType?.value ?? "") && /^>[^\n]* > /m.test(text)
}

function takenApart({ api, account }: PartStore, mail: StoredMail): Promise<TakenApart | undefined> {
  return parsing.run(async () => {
    const bytes = await readBounded(await api.raw(account, mail.mailbox, mail.id), maxOpened)
    return bytes && takeApart(bytes).catch(() => undefined)
  })
}

function storedPart(store: PartStore, mail: StoredMail, attachment: StoredAttachment, index: number): MailPart {
  const { api, account } = store
  const { id, filename, contentType = "application/octet-stream", related, cid } = attachment
  // WildDuck names files without a name by chance. One of digits alone is a date.
  const name = filename === undefined || /^(?=\d*[a-f])[0-9a-f]{8}\.\w+$/.test(filename) ? nameForNameless(contentType, index) : filename
  const stream = async () => (await api.attachment(account, mail.mailbox, mail.id, id)).body
  /** WildDuck repeats the file's own header fields, which may be such that nobody takes its answer; then it is taken out of the whole mail. */
  const fromWhole = async (error: unknown): Promise<MailPart> => {
    if (error instanceof WildDuckError && error.failure === "not-found") throw error
    // It lists all files that have bytes, in the order of the mail.
    const parts = (await takenApart(store, mail))?.parts ?? []
    const found = (parts.length === mail.attachments?.length ? parts : parts.filter((part) => part.size > 0))[index]
    if (found?.contentType !== typeOf(contentType, found?.name ?? "")) throw error
    return found
  }
  const body = () => (/[\u0000-\u001f\u007f]/.test(`${filename ?? ""}${contentType}`) ? Promise.reject(new Error("WildDuck answers an error as the file where its header is not possible")) : stream())
  return partOf({ id, name, contentType, size: decodedSize(attachment), related: related === true, cid }, {
    read: (limit) => body().then((stream) => readBounded(stream, limit), async (error: unknown) => (await fromWhole(error)).read(limit)),
    open: () => body().then((stream) => Readable.fromWeb(stream), async (error: unknown) => (await fromWhole(error)).open()),
  })
}

/** Bytes of the file itself; exact but for base64 padding where its lines are 76 characters long (RFC 2045 §6.8). */
export function decodedSize({ size, sizeKb = 0, transferEncoding }: StoredAttachment): number {
  if (size === undefined) return sizeKb * 1024
  return typeof transferEncoding === "string" && transferEncoding.toLowerCase() === "base64" ? Math.floor((size - 2 * Math.floor(size / 78)) / 4) * 3 : size
}

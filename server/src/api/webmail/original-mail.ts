import type { MailReference } from "@lifeboat/shared/schemas/mail"
import type { StoredAddress, StoredMail } from "../../mailbox/wildduck-schemas.ts"
import { readWritten, type Written } from "../../outgoing/addresses.ts"
import type { Original } from "../../outgoing/compose.ts"
import type { QuotedMail } from "../../outgoing/quote.ts"
import { mailDate } from "../../archive/mail-date.ts"
import type { Database } from "../../store/database.ts"
import type { UserDocument } from "../../store/documents.ts"
import type { MailReader } from "../archive/parsed-mail.ts"
import { toApiError } from "../errors.ts"
import type { MailPart } from "../parts/mail-part.ts"
import { mailboxSource } from "../parts/mail-source.ts"
import { findPart } from "../parts/open-parts.ts"
import { partsView } from "../parts/parts-view.ts"
import type { Mailboxes } from "./mailboxes.ts"
import { mailNumber } from "./message-routes.ts"
import { readStored } from "./stored-reading.ts"

/** A file of a mail; `key` names it within the mail. */
export interface OriginalFile {
  readonly key: string
  readonly name: string
  readonly contentType: string
  /** All bytes, or undefined when there are more than `limit`. */
  read(limit: number): Promise<Buffer | undefined>
}

/** A mail that a new one refers to, from the mailbox or, once it has left it, from the archive. */
export interface OriginalMail extends QuotedMail {
  readonly thread: Original | undefined
  /** Its id in the archive. */
  readonly message: string | undefined
  /** Where it was found. */
  readonly place: "mailbox" | "archive"
  readonly files: readonly OriginalFile[]
}

/** Reads mails that new ones refer to: only the user's own, in the mailbox or the archive. */
export class OriginalMails {
  readonly #mailboxes: Mailboxes
  readonly #database: Database
  readonly #reader: MailReader

  constructor(mailboxes: Mailboxes, database: Database, reader: MailReader) {
    this.#mailboxes = mailboxes
    this.#database = database
    this.#reader = reader
  }

  /** The mail as it lies in the mailbox; throws `not-found`. */
  async stored(user: UserDocument, place: { readonly folder: string; readonly id: string }): Promise<StoredMail> {
    const { api, account, folder } = await this.#mailboxes.openFolder(user, place.folder)
    return api.mail(account, folder.id, mailNumber(place.id))
  }

  /** Undefined where it is neither in the mailbox nor in the archive any more. `read`: with its text and files. */
  async find(user: UserDocument, reference: MailReference, read: boolean): Promise<OriginalMail | undefined> {
    const stored = await this.stored(user, reference).catch(unlessGone)
    return stored ? this.#ofMailbox(user, reference, stored) : this.#ofArchive(user, reference.message, read)
  }

  /** A file of a mail in the mailbox; throws `not-found`. */
  async file(user: UserDocument, place: { readonly folder: string; readonly id: string; readonly attachment: string }): Promise<OriginalFile> {
    const { api, account, folder } = await this.#mailboxes.openFolder(user, place.folder)
    const mail = await api.mail(account, folder.id, mailNumber(place.id))
    return fileOf(await findPart((await mailboxSource({ api, account }, mail)).parts, place.attachment))
  }

  async #ofMailbox(user: UserDocument, reference: MailReference, mail: StoredMail): Promise<OriginalMail> {
    const { parts, text, html = "" } = await readStored(await this.#mailboxes.openFolder(user, mail.mailbox), mail)
    const files = parts.map(fileOf)
    const byCid = new Map(parts.flatMap(({ id, cid }) => (cid === undefined ? [] : [[cid, id] as const])))
    return {
      thread: mail.messageId ? { messageId: mail.messageId, references: mail.references ?? [] } : undefined,
      message: mail.metaData?.message ?? reference.message,
      place: "mailbox",
      from: mail.from ? written([mail.from]) : [],
      to: written(mail.to),
      cc: written(mail.cc),
      date: mailDate(mail.date) ?? mailDate(mail.idate),
      subject: mail.subject ?? "",
      html,
      text,
      files,
      picture: (src) => {
        const key = /^attachment:([\w.~-]+)/.exec(src)?.[1] ?? byCid.get(cidOf(src) ?? "")
        return key === undefined ? undefined : files.find((file) => file.key === key)
      },
    }
  }

  async #ofArchive(user: UserDocument, id: string | undefined, read: boolean): Promise<OriginalMail | undefined> {
    const message = id === undefined ? null : await this.#database.messages.findOne({ _id: id, owners: user._id })
    if (!message) return undefined
    const { summary } = message
    const mail = read && message.hasBody ? await this.#reader.read(message._id).catch(unlessBodyGone) : undefined
    const content = mail && (await partsView({ parts: mail.parts, body: undefined }, mail))
    const files = (content?.parts ?? []).map(fileOf)
    const from = readWritten(summary.from)
    return {
      thread: summary.messageId === null ? undefined : { messageId: summary.messageId, references: [] },
      message: message._id,
      place: "archive",
      from: from ? [from] : [],
      to: summary.to === "" ? [] : [{ name: "", address: summary.to }],
      cc: [],
      date: summary.date ?? message.receivedAt,
      subject: summary.subject,
      html: content?.html ?? "",
      text: content?.text ?? "",
      files,
      picture: (src) => {
        const cid = cidOf(src)
        const found = cid === undefined ? undefined : content?.parts.find((part) => part.cid === cid)
        return found && files.find(({ key }) => key === found.id)
      },
    }
  }
}

function fileOf({ id, name, contentType, read }: MailPart): OriginalFile {
  return { key: id, name, contentType, read }
}

/** Undefined where the mail is not there any more. */
export function unlessGone(error: unknown): undefined {
  if (toApiError(error).code !== "not-found") throw error
}

function unlessBodyGone(error: unknown): undefined {
  if (toApiError(error).code !== "body-gone") throw error
}

function cidOf(src: string): string | undefined {
  const cid = /^cid:(.+)$/i.exec(src.trim())?.[1]
  if (cid === undefined) return undefined
  try {
    return decodeURIComponent(cid)
  } catch {
    return cid
  }
}

function written(people: readonly StoredAddress[] | undefined): Written[] {
  return (people ?? []).map(({ name = "", address = "" }) => ({ name, address }))
}

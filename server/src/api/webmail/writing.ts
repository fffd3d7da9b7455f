import { ApiError } from "@lifeboat/shared/api-errors"
import { oneLine, plainFileName } from "@lifeboat/shared/hidden-characters"
import type { Outgoing, OutgoingAttachment } from "@lifeboat/shared/schemas/outgoing"
import { readRecipients, readWritten, senderOf } from "../../outgoing/addresses.ts"
import { composeMail, safeType, type Enclosure, type Letter, type Original } from "../../outgoing/compose.ts"
import { quoteMail } from "../../outgoing/quote.ts"
import type { Uploads } from "../../outgoing/uploads.ts"
import type { UserDocument } from "../../store/documents.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { OriginalMails, unlessGone, type OriginalFile, type OriginalMail } from "./original-mail.ts"

/** A mail written out. */
export interface WrittenMail {
  readonly letter: Letter
  readonly raw: Buffer
  /** Archived message that it answers. */
  readonly answered: string | undefined
}

/** Makes mails of what the page sends: files fetched from where they lie, the original quoted and followed. */
export class Writing {
  readonly #deps: Pick<ApiDependencies, "config" | "database">
  readonly #originals: OriginalMails
  readonly #uploads: Uploads

  constructor(deps: Pick<ApiDependencies, "config" | "database">, originals: OriginalMails, uploads: Uploads) {
    this.#deps = deps
    this.#originals = originals
    this.#uploads = uploads
  }

  /** The mail as it goes out, blind copies left out. Throws what the caller must put right: `invalid-address`, `too-large` and so on. */
  async finished(user: UserDocument, outgoing: Outgoing): Promise<WrittenMail> {
    const recipients = { to: readRecipients(outgoing.to), cc: readRecipients(outgoing.cc), bcc: readRecipients(outgoing.bcc) }
    return this.#write(user, outgoing, recipients, true)
  }

  /** The mail as a draft: half-written recipients left out, blind copies shown, the original not quoted yet. */
  async draft(user: UserDocument, outgoing: Outgoing): Promise<WrittenMail> {
    const half = (texts: readonly string[] | undefined) => (texts ?? []).flatMap((text) => readWritten(text) ?? [])
    return this.#write(user, outgoing, { to: half(outgoing.to), cc: half(outgoing.cc), bcc: half(outgoing.bcc) }, false)
  }

  async #write(user: UserDocument, outgoing: Outgoing, recipients: Pick<Letter, "to" | "cc" | "bcc">, finish: boolean): Promise<WrittenMail> {
    const { reference } = outgoing
    const from = senderOf(user, outgoing.from)
    const attach = reference?.action === "forward" && reference.attach === true
    const original = reference && (await this.#originals.find(user, reference, attach || (finish && outgoing.quote === true)))
    const files = new Room(this.#deps.config.limits.messageBytes)
    const enclosures: Enclosure[] = []
    for (const attachment of outgoing.attachments ?? []) enclosures.push(await this.#enclosure(user, attachment, files))
    if (attach) {
      if (!original) throw new ApiError("not-found")
      const shown = new Set(shownPictures(original))
      for (const file of original.files) if (!outgoing.quote || !shown.has(file)) enclosures.push(await files.take(file))
    }
    const quote = finish && outgoing.quote === true && reference && original ? quoteMail(original, { action: reference.action, language: user.language ?? "de", zone: outgoing.zone }) : undefined
    const rich = outgoing.writeAs !== "plain" && (outgoing.html !== undefined || (quote !== undefined && outgoing.text === undefined))
    for (const { key, cid } of rich ? (quote?.pictures ?? []) : []) {
      const file = original?.files.find((each) => each.key === key)
      if (file) enclosures.push({ ...(await files.take(file)), cid })
    }
    const letter: Letter = {
      from,
      ...recipients,
      subject: outgoing.subject ?? "",
      text: outgoing.text ?? (rich ? undefined : ""),
      html: rich ? (outgoing.html ?? "") : undefined,
      enclosures,
      original: await this.#thread(user, outgoing, original),
      date: this.#deps.database.now(),
      quote,
    }
    const raw = await composeMail(finish ? { ...letter, bcc: [] } : letter)
    if (raw.length > this.#deps.config.limits.messageBytes) throw new ApiError("too-large")
    return { letter, raw, answered: reference === undefined || reference.action === "forward" ? undefined : (original?.message ?? reference.message) }
  }

  async #enclosure(user: UserDocument, attachment: OutgoingAttachment, files: Room): Promise<Enclosure> {
    if ("content" in attachment) {
      const { name, contentType, content } = attachment
      if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(content)) throw new ApiError("invalid", `The content of "${oneLine(name).slice(0, 100)}" is not base64.`)
      return files.put({ name, contentType, content: Buffer.from(content, "base64") })
    }
    const cid = attachment.cid === undefined ? {} : { cid: attachment.cid }
    if (!("upload" in attachment)) return { ...(await files.take(await this.#originals.file(user, attachment))), ...cid }
    const upload = await this.#uploads.find(user._id, attachment.upload)
    files.check(upload.size)
    return { ...files.put({ name: upload.name, contentType: upload.contentType, content: await this.#uploads.read(upload) }), ...cid }
  }

  /**
   * The conversation that the new mail belongs to. An answer is possible when the original has left the mailbox
   * meanwhile (after a recovery): the archive knows it, or the draft that the answer becomes of.
   */
  async #thread(user: UserDocument, { reference, draft }: Outgoing, original: OriginalMail | undefined): Promise<Original | undefined> {
    if (!reference || reference.action === "forward") return undefined
    if (original?.place === "mailbox" && original.thread) return original.thread
    const references = (draft && (await this.#originals.stored(user, draft).catch(unlessGone))?.references) ?? []
    const last = references.at(-1)
    return last === undefined ? original?.thread : { messageId: last, references: references.slice(0, -1) }
  }
}

/** Files of the original that its HTML shows: they come along with the quote. */
function shownPictures(original: OriginalMail): OriginalFile[] {
  return original.files.filter(({ key }) => {
    const names = [...original.html.matchAll(/src\s*=\s*["']?((?:cid|attachment):[^"'\s>]+)/gi)].map((match) => match[1] ?? "")
    return names.some((name) => original.picture(name)?.key === key)
  })
}

/** What still fits into the mail, bytes. */
class Room {
  #left: number

  constructor(bytes: number) {
    this.#left = bytes
  }

  check(bytes: number): void {
    if (bytes > this.#left) throw new ApiError("too-large")
  }

  put({ name, contentType, content }: Enclosure): Enclosure {
    this.check(content.length)
    this.#left -= content.length
    return { name: plainFileName(name), contentType: safeType(contentType), content }
  }

  async take(file: OriginalFile): Promise<Enclosure> {
    const content = await file.read(this.#left)
    if (!content) throw new ApiError("too-large")
    return this.put({ name: file.name, contentType: file.contentType, content })
  }
}

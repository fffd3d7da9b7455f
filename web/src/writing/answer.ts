import type { MailReference, MailView, ReadableMail } from "@lifeboat/shared/schemas/mail"
import type { MailSettings } from "@lifeboat/shared/schemas/mail-settings"
import { answeringAs, type Reference, replyRecipients, replySubject } from "../webmail/reply.ts"
import { htmlOfText } from "../editor/document-text.ts"
import { fileName } from "./file-name.ts"
import { emptyLetter, type Letter, type LetterFile, type Original } from "./letter.ts"
import { signatureHtml, signatureText } from "./signature.ts"

/** A mail that can be answered or forwarded, in the mailbox (`folder`) or in the archive only (`folder` empty, `id` of the message). */
export interface Answerable extends Pick<ReadableMail, "sender" | "recipients" | "text" | "html" | "darkReadable" | "attachmentList"> {
  readonly folder: string
  readonly id: string
  readonly messageId: string | null
  readonly subject: string
  readonly date: string
}

/** What the writer has set, as far as a new letter depends on it. */
export type Habits = Pick<MailSettings, "writeAs" | "signatures" | "signatureNew" | "signatureReply" | "identities">

/** A new mail with the writer's signature; `given` is put in. */
export function newLetter(habits: Habits, given: Partial<Letter> = {}): Letter {
  return withSignature({ ...emptyLetter(habits.writeAs), ...given }, habits, habits.signatureNew)
}

/** The answer to a mail, or the mail handed on, ready to be written; `url`: the original's page for the safe frame. */
export function answerTo(mail: Answerable, action: Reference, habits: Habits, url: string): Letter {
  const own = habits.identities.map((identity) => identity.address.toLowerCase())
  const as = answeringAs(mail, own)
  const letter: Letter = {
    ...emptyLetter(habits.writeAs),
    ...replyRecipients(mail, action, own),
    from: as !== undefined && as !== own[0] ? as : "",
    subject: replySubject(mail.subject, action),
    reference: referenceTo(mail, action),
    quote: true,
    original: originalOf(mail, url),
    files: action === "forward" ? partsOf(mail) : [],
  }
  return withSignature(letter, habits, habits.signatureReply)
}

/** A mail as it stands below its answer; `url`: its page for the safe frame. */
export function originalOf({ sender, date, html, text, darkReadable }: Pick<Answerable, "sender" | "date" | "html" | "text" | "darkReadable">, url: string): Original {
  return { sender, date, url: html ? url : undefined, text: html ? "" : text, darkReadable }
}

function referenceTo({ folder, id, messageId }: Answerable, action: Reference): MailReference {
  return { folder, id: folder === "" ? "" : id, action, ...(messageId === null ? {} : { message: messageId }) }
}

/** The files of a mail in the mailbox, to go along with another one; pictures of its text go with the quote. */
export function partsOf(mail: Pick<Answerable, "folder" | "id" | "attachmentList">): LetterFile[] {
  if (mail.folder === "") return []
  return mail.attachmentList.filter((attachment) => !attachment.inline).map(({ id, name, contentType, size }) => ({
    key: `part-${id}`, name: fileName(name || "attachment"), contentType, size, cid: undefined, source: { at: "part" as const, folder: mail.folder, id: mail.id, attachment: id },
  }))
}

/** A saved draft, to be written on; undefined for a mail that is none. Its original is looked up by whoever opens it. */
export function letterOfDraft(mail: MailView): Letter | undefined {
  const { writing } = mail
  if (!writing) return undefined
  const cids = new Map(writing.pictures.map(({ attachment, cid }) => [attachment, cid]))
  return {
    ...emptyLetter(writing.writeAs),
    from: writing.from, to: writing.to, cc: writing.cc, bcc: writing.bcc, subject: mail.subject,
    html: writing.html ?? htmlOfText(writing.text), text: writing.text,
    reference: mail.reference ?? undefined,
    quote: writing.quote,
    files: mail.attachmentList.filter((attachment) => !attachment.inline || cids.has(attachment.id)).map(({ id, name, contentType, size }) => ({
      key: `part-${id}`, name: fileName(name || "attachment"), contentType, size, cid: cids.get(id), source: { at: "part" as const, folder: mail.folder, id: mail.id, attachment: id },
    })),
    draft: { folder: mail.folder, id: mail.id },
  }
}

/** The address to write as, where it is one's own and not the usual one. */
export const ownAddress = (from: string, identities: MailSettings["identities"]): string => identities.slice(1).find(({ address }) => address.toLowerCase() === from.toLowerCase())?.address ?? ""

function withSignature(letter: Letter, habits: Habits, id: string): Letter {
  const signature = habits.signatures.find((each) => each.id === id)
  const html = letter.html || htmlOfText(letter.text)
  if (!signature) return { ...letter, html }
  return {
    ...letter,
    html: `${html}<p></p>${signatureHtml(signature.html)}`,
    text: `${letter.text}\n\n-- \n${signatureText(signature.html)}`,
    signature: id,
  }
}

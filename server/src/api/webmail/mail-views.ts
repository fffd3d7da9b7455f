import { plainName } from "@lifeboat/shared/hidden-characters"
import { MailReference, type Folder, type Mailbox, type MailRow, type MailView } from "@lifeboat/shared/schemas/mail"
import { Value } from "typebox/value"
import type { StoredAddress, StoredFolder, StoredMail, StoredRow } from "../../mailbox/wildduck-schemas.ts"
import type { PartsView } from "../parts/parts-view.ts"
import { mailDate } from "../../archive/mail-date.ts"
import type { SenderClaim } from "../reading/reading.ts"
import { draftView } from "./draft-view.ts"
import { specialUseOf } from "./mailboxes.ts"

const introLength = 200
/** HTML parts shown of one mail. */
const maxParts = 300

/** `path` is the folder's own name, as mail clients have it; `name` is for reading. */
export function folderView(folder: StoredFolder): Folder {
  return { id: folder.id, name: plainName(folder.name).trim(), path: folder.path, specialUse: specialUseOf(folder), total: folder.total ?? 0, unread: folder.unseen ?? 0 }
}

/** `answered`: ids of messages that the user answered here. */
export function rowView(row: StoredRow, answered: ReadonlySet<string>): MailRow {
  return { ...common(row, answered), attachments: row.attachments, intro: row.intro ?? "" }
}

/** What was found out about a mail for reading it. */
export type ReadingFacts = Pick<MailView, "remoteContent" | "darkReadable" | "senderTrusted" | "authentication" | "warnings" | "invitation">

/** `read`: its text and files; without `facts` its HTML is not looked at. */
export function mailView(mail: StoredMail, answered: ReadonlySet<string>, { text, html = "", attachmentList, moreAttachments, signed, parts }: PartsView, facts: ReadingFacts | undefined): MailView {
  return {
    ...common(mail, answered),
    attachments: attachmentList.some((attachment) => !attachment.inline),
    intro: text.slice(0, introLength),
    recipients: { to: boxes(mail.to), cc: boxes(mail.cc), bcc: boxes(mail.bcc), replyTo: boxes(mail.replyTo) },
    html: html !== "",
    text,
    remoteContent: facts?.remoteContent ?? 0,
    attachmentList,
    ...(moreAttachments === 0 ? {} : { moreAttachments }),
    ...(signed ? { signed } : {}),
    senderTrusted: facts?.senderTrusted ?? false,
    darkReadable: facts?.darkReadable ?? false,
    authentication: facts?.authentication ?? null,
    warnings: facts?.warnings ?? [],
    invitation: facts?.invitation ?? null,
    reference: readDraftReference(mail),
    writing: draftView(mail, { text, html, parts }),
    headers: { messageId: mail.messageId ?? "", inReplyTo: mail.references?.at(-1) ?? "", references: mail.references ?? [] },
  }
}

/** What a draft of ours refers to; null for every other mail. */
export function readDraftReference(mail: StoredMail): MailReference | null {
  const reference = mail.metaData?.reference
  return mail.draft && Value.Check(MailReference, reference) ? reference : null
}

/** HTML parts of a mail as they came, one after the other; empty for plain text. */
export function htmlOf(mail: StoredMail): string {
  if (mail.contentType?.value?.toLowerCase() === "text/plain") return ""
  return (mail.html ?? []).slice(0, maxParts).join("<hr>")
}

/** Who says to have written it. */
export function claimOf(mail: StoredMail): SenderClaim {
  return { sender: box(mail.from ?? {}), replyTo: boxes(mail.replyTo), list: mail.list !== undefined && mail.list !== null && mail.list !== false, messageId: mail.metaData?.message ?? null }
}

function common(mail: StoredRow | StoredMail, answered: ReadonlySet<string>): Omit<MailRow, "attachments" | "intro"> {
  const messageId = mail.metaData?.message ?? null
  return {
    id: String(mail.id),
    folder: mail.mailbox,
    subject: plainName(mail.subject ?? ""),
    from: mail.from ? display(mail.from) : "",
    to: (mail.to ?? []).map(display).join(", "),
    sender: box(mail.from ?? {}),
    date: timeOf(mail.date) ?? timeOf(mail.idate) ?? new Date(0).toISOString(),
    seen: mail.seen,
    flagged: mail.flagged,
    answered: mail.answered || (messageId !== null && answered.has(messageId)),
    draft: mail.draft,
    size: mail.size ?? 0,
    thread: mail.thread ?? "",
    count: 1,
    unreadCount: mail.seen ? 0 : 1,
    messageId,
  }
}

function timeOf(text: string | null | undefined): string | undefined {
  return mailDate(text)?.toISOString()
}

function box({ name, address }: StoredAddress): Mailbox {
  return { name: plainName(name ?? ""), address: address ?? "" }
}

function boxes(addresses: readonly StoredAddress[] | undefined): Mailbox[] {
  return (addresses ?? []).map(box)
}

function display({ name, address }: StoredAddress): string {
  return plainName(name ? `${name} <${address ?? ""}>` : (address ?? ""))
}

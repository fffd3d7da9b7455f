import { Type, type Static } from "typebox"
import { Nullable, Time } from "./list.ts"
import { Attachment, Mailbox, MailParams } from "./mail.ts"

/** GET …/attachments/:id/text: the beginning of a file as text. `charset`: the one it was read in. */
export const PartText = Type.Object({ text: Type.String(), truncated: Type.Boolean(), charset: Type.String() })
export type PartText = Static<typeof PartText>

/** GET …/attachments/:id/mail: a mail that lies in another as a file. Its own files are fetched by their ids from the mail that holds it. */
export const AttachedMail = Type.Object({
  subject: Type.String(),
  sender: Mailbox,
  to: Type.Array(Mailbox),
  cc: Type.Array(Mailbox),
  date: Nullable(Time),
  html: Type.Boolean(),
  text: Type.String(),
  remoteContent: Type.Integer(),
  attachmentList: Type.Array(Attachment),
  moreAttachments: Type.Integer(),
})
export type AttachedMail = Static<typeof AttachedMail>

/** POST /api/mail/zip and /api/archive/zip: mails as .eml files in one archive. */
export const MailZip = Type.Object({ mails: Type.Array(MailParams, { minItems: 1, maxItems: 500 }) }, { additionalProperties: false })
export type MailZip = Static<typeof MailZip>
export const ArchiveZip = Type.Object({ ids: Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 500 }) }, { additionalProperties: false })
export type ArchiveZip = Static<typeof ArchiveZip>

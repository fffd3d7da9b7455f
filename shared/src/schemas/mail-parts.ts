import { Type, type Static } from "typebox"
import { Nullable, Time } from "./list.ts"
import { Attachment, Mailbox } from "./mail.ts"

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
  darkReadable: Type.Boolean(),
  attachmentList: Type.Array(Attachment),
  moreAttachments: Type.Integer(),
  /** It is signed as a whole (S/MIME), and the signature is not checked here. */
  signed: Type.Boolean(),
})
export type AttachedMail = Static<typeof AttachedMail>

/** GET /api/mail/zip: up to 500 mails as .eml files in one archive, `<folder>:<id>,<id>;<folder>:<id>`. */
export const MailZipQuery = Type.Object({ mails: Type.String({ maxLength: 12_000, pattern: "^[0-9a-f]{24}:\\d{1,10}(?:,\\d{1,10})*(?:;[0-9a-f]{24}:\\d{1,10}(?:,\\d{1,10})*)*$" }) })

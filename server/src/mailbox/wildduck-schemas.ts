import { Type, type Static } from "typebox"

/** Answers of WildDuck's HTTP API, as far as they are used. What is not named here is ignored. */

const Id = Type.String({ pattern: "^[0-9a-f]{24}$" })
/** A cursor, or false where the list ends. */
const Cursor = Type.Union([Type.String(), Type.Literal(false)])
const Time = Type.Union([Type.String(), Type.Null()])
const Optional = Type.Optional

export const Created = Type.Object({ success: Type.Literal(true), id: Id })
export const Done = Type.Object({ success: Type.Literal(true) })

export const StoredAddress = Type.Object({ name: Optional(Type.String()), address: Optional(Type.String()) })
export type StoredAddress = Static<typeof StoredAddress>

export const StoredFolder = Type.Object({
  id: Id,
  name: Type.String(),
  /** `/` between the levels. */
  path: Type.String(),
  /** `\Sent`, `\Trash` and so on (RFC 6154); the inbox has none. */
  specialUse: Optional(Type.Union([Type.String(), Type.Boolean(), Type.Null()])),
  subscribed: Optional(Type.Boolean()),
  total: Optional(Type.Integer()),
  unseen: Optional(Type.Integer()),
})
export type StoredFolder = Static<typeof StoredFolder>
export const FolderList = Type.Object({ success: Type.Literal(true), results: Type.Array(StoredFolder) })

export const StoredAttachment = Type.Object({
  id: Type.String(),
  filename: Optional(Type.String()),
  contentType: Optional(Type.String()),
  /** Belongs to the HTML part (an inline picture). */
  related: Optional(Type.Boolean()),
  cid: Optional(Type.Union([Type.String(), Type.Null()])),
  transferEncoding: Optional(Type.Union([Type.String(), Type.Boolean(), Type.Null()])),
  /** Bytes as encoded. */
  size: Optional(Type.Number()),
  /** Decoded, rounded up. */
  sizeKb: Optional(Type.Number()),
})
export type StoredAttachment = Static<typeof StoredAttachment>

/** The metaData of our own copies and of drafts; of other mails an empty object. */
const MetaData = Type.Object({ message: Optional(Type.String()), delivery: Optional(Type.String()), reference: Optional(Type.Unknown()), letter: Optional(Type.String()), draft: Optional(Type.Unknown()) })

const marks = {
  /** IMAP UID: unique in its folder only. */
  id: Type.Integer(),
  mailbox: Id,
  thread: Optional(Type.String()),
  from: Optional(StoredAddress),
  to: Optional(Type.Array(StoredAddress)),
  cc: Optional(Type.Array(StoredAddress)),
  bcc: Optional(Type.Array(StoredAddress)),
  subject: Optional(Type.Union([Type.String(), Type.Null()])),
  /** The Message-ID header, with its brackets. */
  messageId: Optional(Type.Union([Type.String(), Type.Null()])),
  /** From the Date header. */
  date: Optional(Time),
  /** When it was stored here, or what the upload said. */
  idate: Optional(Time),
  size: Optional(Type.Integer()),
  seen: Type.Boolean(),
  deleted: Type.Boolean(),
  flagged: Type.Boolean(),
  draft: Type.Boolean(),
  answered: Type.Boolean(),
  forwarded: Type.Boolean(),
  references: Optional(Type.Array(Type.String())),
  metaData: Optional(MetaData),
}

/** A mail as lists and searches show it. */
export const StoredRow = Type.Object({
  ...marks,
  intro: Optional(Type.Union([Type.String(), Type.Null()])),
  /** Whether there are any besides inline pictures. */
  attachments: Type.Boolean(),
  attachmentsList: Optional(Type.Array(StoredAttachment)),
})
export type StoredRow = Static<typeof StoredRow>

/** A mail opened. `html`: its HTML parts, in which `attachment:<id>` stands for inline pictures; not sanitised by us. */
export const StoredMail = Type.Object({
  ...marks,
  /** Of the whole mail. WildDuck makes `html` of plain text, too: only this tells. */
  contentType: Optional(Type.Object({ value: Optional(Type.String()) })),
  replyTo: Optional(Type.Array(StoredAddress)),
  /** What its List- fields say (RFC 2369), where it has any. */
  list: Optional(Type.Unknown()),
  html: Optional(Type.Array(Type.String())),
  text: Optional(Type.String()),
  attachments: Optional(Type.Array(StoredAttachment)),
})
export type StoredMail = Static<typeof StoredMail>

/** Its rows are looked at one by one. */
export const RowList = Type.Object({ success: Type.Literal(true), total: Type.Integer(), nextCursor: Cursor, results: Type.Array(Type.Unknown()) })
/** Any mail opened; looked at in its parts. */
export const AnyMail = Type.Object({ success: Type.Literal(true), id: Type.Integer() })

export const Uploaded = Type.Object({
  success: Type.Literal(true),
  message: Type.Object({ id: Type.Integer(), mailbox: Id, size: Optional(Type.Integer()) }),
})

/** `id`: pairs of old and new UID of moved mails. */
export const Updated = Type.Object({
  success: Type.Literal(true),
  id: Optional(Type.Array(Type.Tuple([Type.Integer(), Type.Integer()]))),
  mailbox: Optional(Id),
  updated: Optional(Type.Integer()),
})

export const Failure = Type.Object({ error: Optional(Type.String()), code: Optional(Type.Union([Type.String(), Type.Number()])) })

import { Type, type Static } from "typebox"
import { ListQuery, Nullable, OneOf, Time } from "./list.ts"

export const specialUses = ["inbox", "sent", "drafts", "junk", "trash"] as const
export type SpecialUse = (typeof specialUses)[number]

export const Folder = Type.Object({
  id: Type.String(),
  name: Type.String(),
  path: Type.String(),
  specialUse: Nullable(OneOf(specialUses)),
  total: Type.Integer(),
  unread: Type.Integer(),
})
export type Folder = Static<typeof Folder>
export const FolderCreate = Type.Object({ name: Type.String({ minLength: 1, maxLength: 100, pattern: "^[^/\\u0000-\\u001f]+$" }) })
export const FolderParams = Type.Object({ folder: Type.String({ maxLength: 64 }) })
export const MailParams = Type.Object({ folder: Type.String({ maxLength: 64 }), id: Type.String({ maxLength: 64 }) })

export const Mailbox = Type.Object({ name: Type.String(), address: Type.String() })
export type Mailbox = Static<typeof Mailbox>

/** A mail in a folder, as the list shows it. `from` and `to` are display strings as everywhere in the API; `sender` is taken apart. */
export const MailRow = Type.Object({
  id: Type.String(),
  folder: Type.String(),
  subject: Type.String(),
  from: Type.String(),
  to: Type.String(),
  sender: Mailbox,
  date: Time,
  seen: Type.Boolean(),
  flagged: Type.Boolean(),
  answered: Type.Boolean(),
  draft: Type.Boolean(),
  attachments: Type.Boolean(),
  size: Type.Integer(),
  intro: Type.String(),
  /** Id of the message in archive and tracking, where it came through Lifeboat. */
  messageId: Nullable(Type.String()),
})
export type MailRow = Static<typeof MailRow>

export const Attachment = Type.Object({ id: Type.String(), name: Type.String(), contentType: Type.String(), size: Type.Integer(), inline: Type.Boolean() })
export type Attachment = Static<typeof Attachment>

/** The mail that another one answers or forwards. `message`: its id in the archive, where it is found once it has left the mailbox. */
export const MailReference = Type.Object({
  folder: Type.String({ maxLength: 64 }), id: Type.String({ maxLength: 64 }), action: OneOf(["reply", "replyAll", "forward"]), message: Type.Optional(Type.String({ maxLength: 64 })),
})
export type MailReference = Static<typeof MailReference>

/** One mail opened. HTML is fetched from `…/html` into the safe frame; `text` is plain text, already without markup. */
export const MailView = Type.Intersect([MailRow, Type.Object({
  recipients: Type.Object({ to: Type.Array(Mailbox), cc: Type.Array(Mailbox), bcc: Type.Array(Mailbox), replyTo: Type.Array(Mailbox) }),
  html: Type.Boolean(),
  text: Type.String(),
  /** Pictures and styles that were left out because they would be loaded from elsewhere. */
  remoteContent: Type.Integer(),
  attachmentList: Type.Array(Attachment),
  /** What a draft refers to. */
  reference: Nullable(MailReference),
  headers: Type.Object({ messageId: Type.String(), inReplyTo: Type.String(), references: Type.Array(Type.String()) }),
})])
export type MailView = Static<typeof MailView>

/** PUT …/messages/:id: marks, and another folder to move it to. */
export const MailChange = Type.Object({ seen: Type.Optional(Type.Boolean()), flagged: Type.Optional(Type.Boolean()), folder: Type.Optional(Type.String({ maxLength: 64 })) }, { additionalProperties: false })
export type MailChange = Static<typeof MailChange>
/** Where a moved mail is now. */
export const MailMoved = Type.Object({ folder: Type.String(), id: Type.String() })
export type MailMoved = Static<typeof MailMoved>

export const MailListQuery = Type.Intersect([ListQuery, Type.Object({ q: Type.Optional(Type.String({ maxLength: 200 })), unseen: Type.Optional(Type.Boolean()) })])
export type MailListQuery = Static<typeof MailListQuery>

export const OutgoingAttachment = Type.Object({ name: Type.String({ maxLength: 255 }), contentType: Type.String({ maxLength: 200 }), content: Type.String({ description: "base64" }) })

/** POST /api/mail/send and drafts. `from` must be the caller's address or alias. */
export const Outgoing = Type.Object({
  from: Type.Optional(Type.String({ maxLength: 320 })),
  to: Type.Array(Type.String({ maxLength: 500 }), { maxItems: 1000 }),
  cc: Type.Optional(Type.Array(Type.String({ maxLength: 500 }), { maxItems: 1000 })),
  bcc: Type.Optional(Type.Array(Type.String({ maxLength: 500 }), { maxItems: 1000 })),
  subject: Type.Optional(Type.String({ maxLength: 2000 })),
  text: Type.Optional(Type.String({ maxLength: 5_000_000 })),
  html: Type.Optional(Type.String({ maxLength: 10_000_000 })),
  attachments: Type.Optional(Type.Array(OutgoingAttachment, { maxItems: 100 })),
  /** The mail this one answers or forwards; it is marked accordingly. `attach` keeps the original's attachments in a forwarded mail. */
  reference: Type.Optional(Type.Intersect([MailReference, Type.Object({ attach: Type.Optional(Type.Boolean()) })])),
  /** The draft that this becomes; it is removed once sent. */
  draft: Type.Optional(Type.Object({ folder: Type.String({ maxLength: 64 }), id: Type.String({ maxLength: 64 }) })),
})
export type Outgoing = Static<typeof Outgoing>
export const Sent = Type.Object({ id: Type.String(), refused: Type.Array(Type.Object({ address: Type.String(), reply: Type.String() })) })
export type Sent = Static<typeof Sent>
export const DraftSaved = Type.Object({ folder: Type.String(), id: Type.String() })

/** GET /api/mail/status: what the bar in the webmail says (F5). */
export const MailStatus = Type.Object({
  domain: Type.String(),
  mode: OneOf(["normal", "emergency", "recovering"]),
  since: Time,
  /** The mode was set by hand, whatever the primary does. */
  forced: Type.Boolean(),
  mailbox: Type.Boolean(),
  /** Mails of the caller that still wait for the primary. */
  waiting: Type.Integer(),
})
export type MailStatus = Static<typeof MailStatus>

/** Events of GET /api/mail/stream. */
export const mailStreamEvents = ["mailbox", "mode"] as const

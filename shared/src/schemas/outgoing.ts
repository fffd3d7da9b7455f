import { Type, type Static } from "typebox"
import { Nullable, OneOf, Time } from "./list.ts"
import { Mailbox, MailReference } from "./mail.ts"

/** A file brought along with the request. */
const AttachedContent = Type.Object({ name: Type.String({ maxLength: 255 }), contentType: Type.String({ maxLength: 200 }), content: Type.String({ description: "base64" }) })
/** A file uploaded before (`POST /api/mail/uploads`). `cid`: a picture in the HTML, which names it `cid:…`. */
const AttachedUpload = Type.Object({ upload: Type.String({ maxLength: 64 }), cid: Type.Optional(Type.String({ maxLength: 100, pattern: "^[\\w.@-]+$" })) })
/** A file of a mail in the mailbox, such as the draft's own or the forwarded mail's. */
const AttachedPart = Type.Object({ folder: Type.String({ maxLength: 64 }), id: Type.String({ maxLength: 64 }), attachment: Type.String({ maxLength: 64 }), cid: Type.Optional(Type.String({ maxLength: 100, pattern: "^[\\w.@-]+$" })) })
export const OutgoingAttachment = Type.Union([AttachedContent, AttachedUpload, AttachedPart])
export type OutgoingAttachment = Static<typeof OutgoingAttachment>

/** POST /api/mail/send and drafts. `from` must be the caller's address or alias. */
export const Outgoing = Type.Object({
  from: Type.Optional(Type.String({ maxLength: 320 })),
  to: Type.Array(Type.String({ maxLength: 500 }), { maxItems: 10_000 }),
  cc: Type.Optional(Type.Array(Type.String({ maxLength: 500 }), { maxItems: 10_000 })),
  bcc: Type.Optional(Type.Array(Type.String({ maxLength: 500 }), { maxItems: 10_000 })),
  subject: Type.Optional(Type.String({ maxLength: 2000 })),
  text: Type.Optional(Type.String({ maxLength: 5_000_000 })),
  html: Type.Optional(Type.String({ maxLength: 10_000_000 })),
  attachments: Type.Optional(Type.Array(OutgoingAttachment, { maxItems: 100 })),
  /** The mail this one answers or forwards; it is marked accordingly. `attach` keeps the original's attachments in a forwarded mail. */
  reference: Type.Optional(Type.Intersect([MailReference, Type.Object({ attach: Type.Optional(Type.Boolean()) })])),
  /** Puts the original below, as one block, untouched but for what sanitising takes out. */
  quote: Type.Optional(Type.Boolean()),
  /** How it is written; a draft keeps it. `plain`: no HTML goes out. */
  writeAs: Type.Optional(OneOf(["rich", "plain"])),
  /** IANA time zone of the writer, in which the quote's date is written; UTC where left out. */
  zone: Type.Optional(Type.String({ maxLength: 60 })),
  /** A name by chance that the page gives to a mail being written: saving or sending it again under the same name repeats the same thing. */
  letter: Type.Optional(Type.String({ pattern: "^[\\w-]{8,40}$" })),
  /** The draft that this becomes; it is removed once sent. */
  draft: Type.Optional(Type.Object({ folder: Type.String({ maxLength: 64 }), id: Type.String({ maxLength: 64 }) })),
})
export type Outgoing = Static<typeof Outgoing>

/** POST /api/mail/send: held back for so long, seconds, so that it can be taken back. */
export const OutgoingMail = Type.Intersect([Outgoing, Type.Object({ undoSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 60 })) })])
export type OutgoingMail = Static<typeof OutgoingMail>
/** `outbox`: where it waits until `due`; null once it is on its way. `repeated`: this letter was sent before, as it was then. */
export const Sent = Type.Object({ repeated: Type.Optional(Type.Boolean()), id: Type.String(), refused: Type.Array(Type.Object({ address: Type.String(), reply: Type.String() })), outbox: Nullable(Type.String()), due: Nullable(Time) })
export type Sent = Static<typeof Sent>
export const DraftSaved = Type.Object({ folder: Type.String(), id: Type.String() })

/** A mail in the outbox, not yet on its way. `letter`: the name that the page gave it. `failed`: it could not be sent; it is a draft again (`draft`), and this says why. */
export const OutboxItem = Type.Object({ id: Type.String(), letter: Type.Optional(Type.String()), subject: Type.String(), to: Type.String(), due: Time, failed: Nullable(Type.String()), draft: Nullable(Type.Object({ folder: Type.String(), id: Type.String() })) })
export type OutboxItem = Static<typeof OutboxItem>
/** DELETE /api/mail/outbox/:id: the draft that it is again. */
export const TakenBack = Type.Object({ folder: Type.String(), id: Type.String() })

/** POST /api/mail/uploads?name= with the file as body: kept for a week, for its owner's next mails. */
export const UploadQuery = Type.Object({ name: Type.String({ minLength: 1, maxLength: 255 }) })
export const Uploaded = Type.Object({ id: Type.String(), name: Type.String(), contentType: Type.String(), size: Type.Integer() })
export type Uploaded = Static<typeof Uploaded>

/** GET /api/mail/contacts?q=: colleagues first by name, then people the user had mail with. */
export const ContactQuery = Type.Object({ q: Type.String({ maxLength: 100 }), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, default: 8 })) })
export const Contact = Type.Intersect([Mailbox, Type.Object({ source: OneOf(["directory", "past"]) })])
export type Contact = Static<typeof Contact>

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
const FolderName = Type.String({ minLength: 1, maxLength: 100, pattern: "^[^/\\u0000-\\u001f]+$" })
/** POST …/folders; with `parent` below that folder. */
export const FolderCreate = Type.Object({ name: FolderName, parent: Type.Optional(Type.String({ maxLength: 64 })) })
/** PUT …/folders/:folder: another name, in the same place. */
export const FolderRename = Type.Object({ name: FolderName }, { additionalProperties: false })
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
  /** The conversation it belongs to; the same in every folder. */
  thread: Type.String(),
  /** Mails of its conversation in this folder, and how many of them are unread; 1 where mails are listed one by one. */
  count: Type.Integer(),
  unreadCount: Type.Integer(),
  /** Id of the message in archive and tracking, where it came through Lifeboat. */
  messageId: Nullable(Type.String()),
})
export type MailRow = Static<typeof MailRow>

/** What the page can show of a file without its being run: see `…/attachments/:id/preview`. */
export const previews = ["picture", "text", "pdf", "mail", "none"] as const

/** `inline`: shown within the HTML. What lay in a winmail.dat stands here as files of its own. */
export const Attachment = Type.Object({ id: Type.String(), name: Type.String(), contentType: Type.String(), size: Type.Integer(), inline: Type.Boolean(), preview: OneOf(previews) })
export type Attachment = Static<typeof Attachment>

/** The mail that another one answers or forwards. `message`: its id in the archive, where it is found once it has left the mailbox. */
export const MailReference = Type.Object({
  folder: Type.String({ maxLength: 64 }), id: Type.String({ maxLength: 64 }), action: OneOf(["reply", "replyAll", "forward"]), message: Type.Optional(Type.String({ maxLength: 64 })),
})
export type MailReference = Static<typeof MailReference>

/** What the sender's claims are worth. `domain`: the one that From names and DMARC asks about. */
export const Authentication = Type.Object({ result: OneOf(["pass", "fail", "unknown"]), domain: Type.String(), spf: Type.String(), dkim: Type.String(), dmarc: Type.String() })
export type Authentication = Static<typeof Authentication>

/** Where From deceives: the name shows another address; the domain resembles the own or a known one; it claims the own domain unproven; answers go elsewhere. */
export const senderWarnings = ["name-shows-address", "lookalike-domain", "own-domain-unproven", "reply-elsewhere"] as const

/** Another date of an event: one of a series that differs from it, or one more event of the same mail. `was`: which of the series. */
export const EventDate = Type.Object({ summary: Type.String(), was: Nullable(Time), start: Nullable(Time), end: Nullable(Time), allDay: Type.Boolean(), floating: Type.Boolean(), cancelled: Type.Boolean() })
export type EventDate = Static<typeof EventDate>

/** A calendar invitation (RFC 5546, iMIP). `answer`: what the user said here before. */
export const Invitation = Type.Object({
  /** `counter`: an attendee proposes another time; `decline-counter`: the organizer keeps the old one; `refresh`: an attendee asks for the event anew. */
  method: OneOf(["request", "cancel", "reply", "publish", "counter", "decline-counter", "refresh"]),
  uid: Type.String(),
  summary: Type.String(),
  start: Nullable(Time),
  end: Nullable(Time),
  allDay: Type.Boolean(),
  /** Its times are those of the clock wherever one is, written here as if they were UTC. */
  floating: Type.Boolean(),
  location: Type.String(),
  description: Type.String(),
  organizer: Mailbox,
  attendees: Type.Array(Type.Intersect([Mailbox, Type.Object({ answer: OneOf(["accepted", "declined", "tentative", "none"]) })])),
  recurring: Type.Boolean(),
  /** The rule in words is the page's business; this is the RRULE's text. */
  rule: Type.String(),
  answerable: Type.Boolean(),
  answer: Nullable(OneOf(["accepted", "declined", "tentative"])),
  /** It is about one date of a series. */
  oneOfSeries: Type.Optional(Type.Boolean()),
  /** What who answers or proposes says to it. */
  comment: Type.Optional(Type.String()),
  dates: Type.Optional(Type.Array(EventDate)),
})
export type Invitation = Static<typeof Invitation>
/** POST …/invitation. */
export const InvitationAnswer = Type.Object({ answer: OneOf(["accepted", "declined", "tentative"]), comment: Type.Optional(Type.String({ maxLength: 2000 })) }, { additionalProperties: false })

/** What reading a mail needs, wherever it lies: in the mailbox or in the archive. */
export const ReadableMail = Type.Object({
  sender: Mailbox,
  recipients: Type.Object({ to: Type.Array(Mailbox), cc: Type.Array(Mailbox), bcc: Type.Array(Mailbox), replyTo: Type.Array(Mailbox) }),
  html: Type.Boolean(),
  /** Plain text, already without markup. */
  text: Type.String(),
  /** Pictures and styles that were left out because they would be loaded from elsewhere. */
  remoteContent: Type.Integer(),
  /** The user wants pictures of this sender without being asked. */
  senderTrusted: Type.Boolean(),
  /** Its HTML brings no colours of its own that would be unreadable on dark ground. */
  darkReadable: Type.Boolean(),
  attachmentList: Type.Array(Attachment),
  /** Files that are not in `attachmentList` because there are too many. */
  moreAttachments: Type.Optional(Type.Integer()),
  /** It is signed as a whole (S/MIME), and the signature is not checked here. */
  signed: Type.Optional(Type.Boolean()),
  authentication: Nullable(Authentication),
  warnings: Type.Array(OneOf(senderWarnings)),
  invitation: Nullable(Invitation),
})
export type ReadableMail = Static<typeof ReadableMail>

/** Query of `…/html`: pictures from outside through our own proxy; light or dark ground; a page to print with its head, its times in the time zone `zone` (IANA). */
export const HtmlQuery = Type.Object({ pictures: Type.Optional(Type.Boolean()), dark: Type.Optional(Type.Boolean()), print: Type.Optional(Type.Boolean()), whole: Type.Optional(Type.Boolean()), zone: Type.Optional(Type.String({ maxLength: 60 })) })
export type HtmlQuery = Static<typeof HtmlQuery>

/**
 * What going on with a draft needs beside the rest. `to`, `cc`, `bcc`: as typed, half-written ones too. `html`: its own
 * HTML, sanitised, without the quote; null where it is written as plain text. `pictures`: what its `cid:` addresses
 * stand for (ids of attachments), to be named again when it is saved. Files of a forwarded mail are in the draft already.
 */
export const DraftView = Type.Object({
  from: Type.String(),
  to: Type.Array(Type.String()),
  cc: Type.Array(Type.String()),
  bcc: Type.Array(Type.String()),
  writeAs: OneOf(["rich", "plain"]),
  html: Nullable(Type.String()),
  text: Type.String(),
  quote: Type.Boolean(),
  pictures: Type.Array(Type.Object({ cid: Type.String(), attachment: Type.String() })),
})
export type DraftView = Static<typeof DraftView>

/** One mail opened. HTML is fetched from `…/html` into the safe frame; `text` is plain text, already without markup. */
export const MailView = Type.Intersect([MailRow, ReadableMail, Type.Object({
  /** What a draft refers to. */
  reference: Nullable(MailReference),
  /** Of drafts only. */
  writing: Nullable(DraftView),
  headers: Type.Object({ messageId: Type.String(), inReplyTo: Type.String(), references: Type.Array(Type.String()) }),
})])
export type MailView = Static<typeof MailView>

/** PUT …/messages/:id: marks, and another folder to move it to. */
export const MailChange = Type.Object({ seen: Type.Optional(Type.Boolean()), flagged: Type.Optional(Type.Boolean()), folder: Type.Optional(Type.String({ maxLength: 64 })) }, { additionalProperties: false })
export type MailChange = Static<typeof MailChange>
/** Where a moved mail is now. */
export const MailMoved = Type.Object({ folder: Type.String(), id: Type.String() })
export type MailMoved = Static<typeof MailMoved>

/** `offset` jumps to a place in the list, in place of `cursor`. `q`: as `search-query` reads it. */
export const MailListQuery = Type.Intersect([ListQuery, Type.Object({
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000 })),
  q: Type.Optional(Type.String({ maxLength: 200 })),
  unseen: Type.Optional(Type.Boolean()),
  /** One row for each conversation: its newest mail in this folder. */
  conversations: Type.Optional(Type.Boolean()),
  /** False: the caller knows how many rows there are, and the page need not wait for counting them. */
  count: Type.Optional(Type.Boolean()),
})])
export type MailListQuery = Static<typeof MailListQuery>
/**
 * `total`: rows in the whole list, or null where nobody asked to `count` them. Searches that would take too long to count say how many at least (`exact` false).
 * `goesOn`: the letters that follow the word being typed in every mail that has it; whoever types them finds the same.
 */
export const MailPage = Type.Object({ items: Type.Array(MailRow), next: Nullable(Type.String()), total: Nullable(Type.Integer()), exact: Type.Boolean(), goesOn: Type.Optional(Type.String()) })
export type MailPage = Static<typeof MailPage>

/** PUT …/messages: the same change to several mails of a folder at once; `trash`: as DELETE does with one. */
export const MailsChange = Type.Object({ ids: Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 500 }), change: Type.Optional(MailChange), trash: Type.Optional(Type.Boolean()) }, { additionalProperties: false })
export type MailsChange = Static<typeof MailsChange>
/** Where each moved mail is now; what was removed for good, or is not there any more, is left out. */
export const MailsMoved = Type.Object({ moved: Type.Array(Type.Object({ from: Type.String(), to: MailMoved })) })
export type MailsMoved = Static<typeof MailsMoved>

/** An outage as one person met it, in mails of their own: delayed by it, handed over to the primary since, deleted by them, and refused by the primary for good. */
export const MailOutage = Type.Object({ id: Type.String(), start: Time, end: Nullable(Time), mails: Type.Integer(), delivered: Type.Integer(), deleted: Type.Integer(), refused: Type.Integer() })
export type MailOutage = Static<typeof MailOutage>

/** GET /api/mail/status: what the bar in the webmail says (F5). */
export const MailStatus = Type.Object({
  domain: Type.String(),
  mode: OneOf(["normal", "emergency", "recovering"]),
  since: Time,
  /** The mode was set by hand, whatever the primary does. */
  forced: Type.Boolean(),
  /** The primary is known not to answer: in every emergency that was not begun by hand. */
  silent: Type.Boolean(),
  mailbox: Type.Boolean(),
  /** Covered by the Continuity Service: new mail of an outage comes to the standby mailbox. */
  covered: Type.Boolean(),
  /** Mails of the caller that still wait for the primary. */
  waiting: Type.Integer(),
  /** The outage that is going on or being recovered from; for a day after its end, the last one. */
  outage: Nullable(MailOutage),
})
export type MailStatus = Static<typeof MailStatus>

import type { Binary, ObjectId } from "mongodb"
import type { Activation, Coverage, Mode, ModeReason } from "@lifeboat/shared/continuity-mode"
import type { DeliveryState, Direction, Target, TrackingStatus } from "@lifeboat/shared/delivery-state"
import type { TlsPolicy } from "@lifeboat/shared/schemas/domain"
import type { ArchiveFilter } from "@lifeboat/shared/schemas/archive"
import type { MailJobCreate } from "@lifeboat/shared/schemas/mail-job"
import type { MailSettingsChange } from "@lifeboat/shared/schemas/mail-settings"
import type { Authentication } from "@lifeboat/shared/schemas/mail"
import type { Language, Role } from "@lifeboat/shared/schemas/session"
import type { TrackingEventName } from "@lifeboat/shared/tracking-events"

/** A server to connect to. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

/** Where mail to the outside goes, and with what it is signed in to; without `auth`: not at all. */
export interface Smarthost extends HostPort {
  readonly auth?: { readonly user: string; readonly password: string }
}

/** A hosted domain; `_id` is its name in canonical form (`shared/address`). */
export interface DomainDocument {
  _id: string
  primary: (HostPort & { readonly tls: TlsPolicy }) | null
  retentionDays: number
  relay: { addresses: string[]; smarthost: Smarthost | null }
  continuity: { enabled: boolean; activation: Activation; coverage: Coverage }
  mode: ModeState
  createdAt: Date
}

/** The mode of a domain. Only `continuity/` writes it, by compare-and-set on `version` (invariant 5). */
export interface ModeState {
  mode: Mode
  since: Date
  reason: ModeReason
  /** The reply or error of the primary that led here. */
  detail: string | null
  /** Address of who switched, or `automatic`. */
  by: string
  /** A forced mode stays until released. */
  forced: boolean
  version: number
  /** Probes that succeeded in a row while in emergency. */
  successes: number
  /** When the next probe is due; a node claims it by moving it on. Null: no probing. */
  nextProbeAt: Date | null
  /** Message failures with no success between; null when there is no run. */
  failureRun: { count: number; since: Date } | null
  /** The outage being gone through or drained; null in normal mode. */
  outageId: string | null
  /** What the mode machine remembers between signals; left out: nothing yet. */
  watch?: ModeWatch
}

/** Memory of the mode machine beside the mode itself. */
export interface ModeWatch {
  /** The next probe decides whether a failure is an outage. */
  confirming: boolean
  /** When a probe last succeeded, for not asking again at once. */
  upAt: Date | null
  /** Recipients deferred in a row with neither a delivery nor a probe succeeding between. */
  recipientRun: { count: number; since: Date } | null
  /** Successful probes in a row that this outage needs before it ends. */
  successesNeeded: number | null
}

/** A person of a hosted domain, or the operator; `_id` is the canonical address. */
export interface UserDocument {
  _id: string
  domain: string
  name: string
  /** Canonical addresses that reach the same person. */
  aliases: string[]
  /** `mailboxKey` of the address: unique, because WildDuck takes a.b@ and ab@ for one. */
  mailboxKey: string
  role: Role
  source: "local" | "ldap"
  /** argon2id, PHC string; null: cannot sign in. */
  passwordHash: string | null
  /** The same password in the form that WildDuck checks (PBKDF2-SHA256, PHC string). */
  mailboxHash: string | null
  /** Raised with every change of what WildDuck must know; provisioning compares it with `mailbox.version`. */
  version: number
  /** The account in WildDuck, once it exists. */
  mailbox: { id: string; version: number } | null
  /** Covered where the domain covers selected users only. */
  selected: boolean
  language: Language | null
  lastLoginAt: Date | null
  createdAt: Date
}

/** Target of a delivery; `removal` takes a copy out of the mailbox after its mail reached the primary. */
export type DeliveryTargetName = Target | "removal"

/** Which worker a delivery belongs to: `primary:<domain>`, `mailbox`, `outside` or `removal`. */
export type Hop = `primary:${string}` | "mailbox" | "outside" | "removal"

/** One recipient × next hop. Part of its message, so that acceptance is one insert (invariant 1). */
export interface Delivery {
  /** `<message id>.<n>`, n counts up within the message. */
  id: string
  hop: Hop
  target: DeliveryTargetName
  /** The address of RCPT TO, as it goes out again. */
  recipient: string
  /** The user whose mailbox it is about (canonical address); null where the recipient has none. */
  user: string | null
  /** Folder of a mailbox delivery. */
  folder: "INBOX" | "Sent" | null
  /** The delivery to the primary whose copy a mailbox delivery puts into the mailbox, and a removal takes away; null for all others. */
  copyOf: string | null
  state: DeliveryState
  /** queued, deferred: next attempt. active: end of the lease. held: time of arrival. Otherwise null. */
  due: Date | null
  attempts: number
  /** Who works on it; an outcome counts only with the same token (fencing). */
  lease: { token: string; until: Date } | null
  /** Last full SMTP reply, or the error in its place. */
  reply: string | null
  /** host:port of the last attempt. */
  server: string | null
  firstFailedAt: Date | null
  finishedAt: Date | null
  /** The outage that this delivery went through; the recovery report counts by it. */
  outageId: string | null
  /** Why it is held: for the drain, or for an administrator because the primary refused it for good. */
  heldFor: "drain" | "administrator" | null
  /** The job on many mails that asked for it, where one did: each mail once. */
  job?: string
}

/** A mail with its obligations; `_id` is the message id of reply, archive and tracking. */
export interface MessageDocument {
  _id: string
  receivedAt: Date
  expireAt: Date
  direction: Direction
  /** Hosted domains it concerns: for administrators' lists. */
  domains: string[]
  /** Users who see it in their archive (canonical addresses). */
  owners: string[]
  envelope: { mailFrom: string; rcptTo: string[]; smtpUtf8: boolean; eightBit: boolean }
  client: { address: string; name: string; helo: string; tls: boolean; user: string | null }
  /** From the header, decoded, for lists; parsing never decides about delivery. */
  summary: { subject: string; from: string; to: string; messageId: string | null; date: Date | null }
  /** Trace header put before the body on its way out (RFC 5321 §4.4), ending in CRLF. */
  trace: string
  /** Bytes as received. */
  size: number
  /** False once retention removed the body, or where it was never taken (rejected). */
  hasBody: boolean
  deliveries: Delivery[]
  /** Users who answered it in the webmail; left out: nobody. */
  answeredBy?: string[]
  /** What its sender's claims are worth; left out: not found out yet. */
  authentication?: Authentication
  /** Raised with every change of `deliveries`: changes are compare-and-set. */
  version: number
  status: TrackingStatus
  /** Went through the Continuity Service. */
  viaService: boolean
  /** When its last recipient was reached. */
  deliveredAt: Date | null
}

/** A body, stored once (invariant 4); `_id` is the message id. Large ones lie in GridFS under the same id. */
export interface BodyDocument {
  _id: string
  /** zstd frame; null: in GridFS. */
  zstd: Binary | null
  size: number
  expireAt: Date
}

/** One step of a mail's trail, append only. */
export interface EventDocument {
  _id: string
  time: Date
  event: TrackingEventName
  messageId: string
  deliveryId: string | null
  recipient: string | null
  server: string | null
  reply: string | null
  detail: string | null
  expireAt: Date
}

/** What a primary said about an address; `_id` is the canonical address. */
export interface CalloutDocument {
  _id: string
  domain: string
  verdict: "accepted" | "refused"
  reply: string
  checkedAt: Date
  /** Last time the primary accepted it, in a callout or a delivery (learned recipients, B3). */
  acceptedAt: Date | null
  expireAt: Date
}

/** One outage of a domain. */
export interface OutageDocument {
  _id: string
  domain: string
  start: Date
  end: Date | null
  reason: ModeReason
  detail: string | null
  /** The report's counts of recipients, written once the outage is over and nothing of it is open. */
  counts?: { accepted: number; delivered: number; deletedByUser: number; held: number; failed: number; missing: number }
}

/** A sign-in; `_id` is the SHA-256 of the token. */
export interface SessionDocument {
  _id: string
  address: string
  csrf: string
  createdAt: Date
  expireAt: Date
  /** The Outlook that this session belongs to, which then may read the archive and nothing else; left out: a person's own session. */
  addin?: { id: string; name: string; usedAt: Date }
  /** Its user was removed: it lets nobody in any more, also when the address is given to somebody again, and only tells its page why. */
  removed?: true
}

/** A code that connects an Outlook with an account, once; `_id` is its SHA-256. */
export interface AddinCodeDocument {
  _id: string
  address: string
  expireAt: Date
}

/** A link that sets a new password, once; `_id` is the SHA-256 of its token. */
export interface PasswordLinkDocument {
  _id: string
  address: string
  /** SHA-256 of the password's hash when the link was made: another password meanwhile makes it void. */
  before: string
  createdAt: Date
  expireAt: Date
}

/** A key that signs a domain's mail (RFC 6376); `_id` is the name of its TXT record. */
export interface DkimKeyDocument {
  _id: string
  domain: string
  selector: string
  /** PKCS #8, PEM. */
  privateKey: string
  /** SubjectPublicKeyInfo, DER in base64. */
  publicKey: string
  createdAt: Date
}

/** One administrative act. */
export interface AuditDocument {
  _id: string
  time: Date
  by: string
  domain: string | null
  act: string
  detail: string
}

/** What the observer knows of a mailbox copy; `_id` is the id of the mailbox delivery. */
export interface CopyDocument {
  _id: string
  messageId: string
  user: string
  /** `present`, in the trash, removed by its user, removed by us, or gone for another reason (retention, folder clean-up). */
  state: "present" | "trash" | "deleted" | "removed" | "gone"
  changedAt: Date
  expireAt: Date
}

/** How a user wants the webmail; `_id` is the address. What is left out is as usual. */
export interface MailSettingsDocument {
  _id: string
  settings: MailSettingsChange
}

/** A file uploaded for a mail being written; its bytes lie in `uploadParts`. */
export interface UploadDocument {
  _id: string
  user: string
  name: string
  contentType: string
  size: number
  createdAt: Date
  expireAt: Date
}

/** Bytes of an upload, in order of `n`. */
export interface UploadPartDocument {
  _id: string
  upload: string
  n: number
  data: Binary
  expireAt: Date
}

/** Where a mail lies in a mailbox: WildDuck's ids are unique in a folder only. */
export interface MailPlace {
  readonly folder: string
  readonly id: string
}

/**
 * A mail written in the webmail that waits for its time, or did; `_id` will be its message id, so that handing it over
 * twice makes one mail. Its bytes lie in `bodies` under a name of their own until then.
 */
export interface OutboxDocument {
  _id: string
  user: string
  /** The letter it was written as: sending it again answers this one. */
  letter: string | null
  /** `sending`, `taking-back`, `returning`: begun; finished by whoever finds it after `due`. `returning`: it failed, and becomes a draft again. */
  state: "waiting" | "sending" | "sent" | "taking-back" | "taken-back" | "returning" | "failed"
  /** When it goes out; while something is begun, until when nobody else takes it up. */
  due: Date
  /** Whoever works on it. */
  token: string | null
  attempts: number
  subject: string
  to: string
  mailFrom: string
  recipients: string[]
  smtpUtf8: boolean
  size: number
  client: MessageDocument["client"]
  createdAt: Date
  /** What it was written from (`Outgoing` as JSON), to make a draft of it again; null where that is too large: the finished mail becomes the draft. */
  outgoing: string | null
  draft: MailPlace | null
  /** Id of the archived message that it answers. */
  answered: string | null
  refused: { address: string; reply: string }[]
  /** When it was handed over; what is left to do then is tidying up. */
  sentAt: Date | null
  /** Why it failed for good. */
  failed: string | null
  /** The draft that it is again. */
  back: MailPlace | null
  expireAt: Date
}

/** An action on many mails (`shared/schemas/mail-job`), done part by part. */
export interface MailJobDocument {
  _id: string
  user: string
  /** WildDuck's id of the account. */
  account: string
  request: MailJobCreate
  target: string | null
  /** `collecting`: which mails it is about is not written down yet. */
  state: "collecting" | "running" | "done" | "stopped" | "failed"
  total: number
  done: number
  parts: number
  nextPart: number
  undoable: boolean
  /** Of the job whose moves it takes back. */
  undoOf: string | null
  due: Date
  token: string | null
  attempts: number
  createdAt: Date
  expireAt: Date
}

/** Mails of the archive that are delivered again, all that a filter found. `next`: how many of `ids` were tried; `failures`: by the error's code. */
export interface RedeliveryJobDocument {
  _id: string
  user: string
  filter: ArchiveFilter
  /** `collecting`: which mails it is about is not written down yet. */
  state: "collecting" | "running" | "done" | "stopped" | "failed"
  ids: string[]
  total: number
  next: number
  done: number
  failures: Record<string, number>
  due: Date
  token: string | null
  attempts: number
  createdAt: Date
  expireAt: Date
}

/** Some of a job's mails, all of one folder. `moved`: pairs of old and new id. */
export interface MailJobPartDocument {
  _id: string
  job: string
  n: number
  folder: string
  /** Where they are moved to; null: they are not. */
  target: string | null
  /** UIDs with WildDuck's `root` of each mail, which moving keeps. */
  mails: { uid: number; root: string }[]
  /** Mails in the target with a lower UID were there before this part began; null: it has not. */
  targetFrom: number | null
  moved: [number, number][]
  expireAt: Date
}

/** A mail of a standby mailbox as lists and searches find it (`mailbox/mail-index`); `_id` is WildDuck's. What is shown is read from WildDuck. */
export interface MailIndexDocument {
  _id: ObjectId
  folder: ObjectId
  thread: ObjectId
  /** Its place in lists: arrival, a number of its own, kept through moves. */
  place: number
  /** The newest of its conversation in this folder. */
  head: boolean
  /** Of a head: some mail of its conversation in this folder is unread. */
  unread: boolean
  unseen: boolean
  flagged: boolean
  /** Pairs of neighbouring words that the mail may have, as bits. */
  pairs: Binary
  /** As `mail-words` makes them. */
  words: string[]
}

/** A mail of the archive as searches find it (`archive/archive-indexer`); `_id` is the message id. It goes when its message goes. */
export interface ArchiveIndexDocument {
  _id: string
  owners: string[]
  domains: string[]
  /** As `mail-words` makes them. */
  words: string[]
  /** The words of its text in their order, for phrases. */
  text: string
  expireAt: Date
}

/** Small named facts of the installation: resume tokens, secrets. */
export interface StateDocument {
  _id: string
  value?: unknown
  /** A place in a change stream: who reads on from there (`store/change-reader.ts`). */
  reader?: string
}

/** What a user answered to an invitation; `_id` stands for the user, the event and the date of it. `sequence`: the version of the event that was answered. */
export interface InvitationAnswerDocument {
  _id: string
  user: string
  answer: "accepted" | "declined" | "tentative"
  sequence: number
  answeredAt: Date
  expireAt: Date
}

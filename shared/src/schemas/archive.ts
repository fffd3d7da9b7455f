import { Type, type Static } from "typebox"
import { deliveryStates, directions, targets, trackingStatuses } from "../delivery-state.ts"
import { trackingEvents } from "../tracking-events.ts"
import { ErrorReply, ListQuery, Nullable, OneOf, Time } from "./list.ts"
import { ReadableMail } from "./mail.ts"

/** What of the archive: what a person got, or what they wrote, whatever its direction; of internal mail each has one side. */
export const archiveParts = ["received", "sent"] as const

/** What of the archive is meant. `from`/`to` bound the time of arrival; administrators name `domain` or `user`. */
export const ArchiveFilter = Type.Object({
  q: Type.Optional(Type.String({ maxLength: 200 })),
  direction: Type.Optional(OneOf(directions)),
  part: Type.Optional(OneOf(archiveParts)),
  status: Type.Optional(OneOf(trackingStatuses)),
  /** Mails to the caller that an outage delayed. */
  outage: Type.Optional(Type.String({ maxLength: 64 })),
  from: Type.Optional(Type.String({ maxLength: 40 })),
  to: Type.Optional(Type.String({ maxLength: 40 })),
  domain: Type.Optional(Type.String({ maxLength: 253 })),
  user: Type.Optional(Type.String({ maxLength: 320 })),
})
export type ArchiveFilter = Static<typeof ArchiveFilter>

/** GET /api/archive. */
export const ArchiveQuery = Type.Intersect([ListQuery, ArchiveFilter])
export type ArchiveQuery = Static<typeof ArchiveQuery>

/** A mail as lists show it. `from` and `to` are as in the header, `date` is the time of arrival. */
export const MessageSummary = Type.Object({
  id: Type.String(),
  subject: Type.String(),
  from: Type.String(),
  to: Type.String(),
  date: Time,
  direction: OneOf(directions),
  size: Type.Integer(),
  status: OneOf(trackingStatuses),
  /** Whether it came through the Continuity Service (keeps the status delayed). */
  viaService: Type.Boolean(),
  /** When it finally reached its last recipient, where it did. */
  deliveredAt: Nullable(Time),
})
export type MessageSummary = Static<typeof MessageSummary>

/** GET /api/archive/:id: one mail to read. Its HTML is fetched from `…/html` into the safe frame; `date` is the time of arrival, `sent` what its Date field says. */
export const ArchiveView = Type.Intersect([MessageSummary, ReadableMail, Type.Object({
  envelope: Type.Object({ mailFrom: Type.String(), rcptTo: Type.Array(Type.String()) }),
  sent: Nullable(Time),
  /** Retention has not removed its text. */
  kept: Type.Boolean(),
})])
export type ArchiveView = Static<typeof ArchiveView>

/** One delivery of a mail as tracking shows it. */
export const DeliveryView = Type.Object({
  id: Type.String(),
  recipient: Type.String(),
  target: OneOf(targets),
  nextHop: Type.String(),
  state: OneOf(deliveryStates),
  attempts: Type.Integer(),
  nextAttemptAt: Nullable(Time),
  reply: Nullable(Type.String()),
  finishedAt: Nullable(Time),
})
export type DeliveryView = Static<typeof DeliveryView>

/** One step of a mail's trail. `server` is host:port, `reply` the full SMTP reply. */
export const TrackingEventView = Type.Object({
  id: Type.String(),
  time: Time,
  event: OneOf(trackingEvents),
  messageId: Type.String(),
  recipient: Nullable(Type.String()),
  server: Nullable(Type.String()),
  reply: Nullable(Type.String()),
  detail: Nullable(Type.String()),
})
export type TrackingEventView = Static<typeof TrackingEventView>

/** GET /api/tracking/:id. */
export const Trail = Type.Intersect([MessageSummary, Type.Object({
  envelope: Type.Object({ mailFrom: Type.String(), rcptTo: Type.Array(Type.String()) }),
  client: Type.Object({ address: Type.String(), helo: Type.String(), tls: Type.Boolean(), user: Nullable(Type.String()) }),
  deliveries: Type.Array(DeliveryView),
  events: Type.Array(TrackingEventView),
})])
export type Trail = Static<typeof Trail>

export const TrackingQuery = Type.Intersect([
  ListQuery,
  Type.Object({
    domain: Type.Optional(Type.String({ maxLength: 253 })),
    q: Type.Optional(Type.String({ maxLength: 200 })),
    status: Type.Optional(OneOf(trackingStatuses)),
  }),
])
export type TrackingQuery = Static<typeof TrackingQuery>

/** POST /api/archive/:id/redeliver: the deliveries made. */
export const Redelivered = Type.Object({ deliveries: Type.Array(Type.String()) })
export type Redelivered = Static<typeof Redelivered>

/** POST /api/archive/redeliver: several mails at once. */
export const RedeliverMany = Type.Object({ ids: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 200, uniqueItems: true }) }, { additionalProperties: false })
export type RedeliverMany = Static<typeof RedeliverMany>
/** What became of each, in the order asked for: its new deliveries, or why there are none. */
export const RedeliveredMany = Type.Object({
  items: Type.Array(Type.Object({ id: Type.String(), deliveries: Type.Array(Type.String()), error: Nullable(ErrorReply) })),
})
export type RedeliveredMany = Static<typeof RedeliveredMany>

/** GET /api/archive/count: how many a filter finds, one more than `mostFound` at most. `until`: what arrives from then on is not among them; as `to` of the filter it leaves that out. */
export const ArchiveFound = Type.Object({ total: Type.Integer(), sent: Type.Integer(), until: Time })
export type ArchiveFound = Static<typeof ArchiveFound>

/** POST /api/archive/jobs: all that a filter finds is delivered again, by the server. */
export const RedeliveryJobCreate = Type.Object({ filter: ArchiveFilter }, { additionalProperties: false })
export type RedeliveryJobCreate = Static<typeof RedeliveryJobCreate>

/** Its progress; it goes on by itself, also after a restart, and takes each mail once. `failures`: mails that could not be, by the error's code; of `total`, `done` and those are finished. */
export const RedeliveryJob = Type.Object({
  id: Type.String(),
  state: OneOf(["running", "done", "stopped", "failed"]),
  total: Type.Integer(),
  done: Type.Integer(),
  failures: Type.Array(Type.Object({ code: Type.String(), count: Type.Integer() })),
  createdAt: Time,
})
export type RedeliveryJob = Static<typeof RedeliveryJob>

/** An open delivery. `heldFor`: why it is held; `administrator` where the primary refused it for good after an outage (A10). */
export const QueueItem = Type.Object({
  id: Type.String(), messageId: Type.String(), subject: Type.String(), from: Type.String(), to: Type.String(), date: Time,
  recipient: Type.String(), nextHop: Type.String(), state: OneOf(deliveryStates), heldFor: Nullable(OneOf(["drain", "administrator"])),
  attempts: Type.Integer(), nextAttemptAt: Nullable(Time), reply: Nullable(Type.String()),
})
export type QueueItem = Static<typeof QueueItem>

/** GET …/queue: open deliveries grouped by state and next hop, and the oldest of them one by one. */
export const QueueView = Type.Object({
  groups: Type.Array(Type.Object({ state: OneOf(deliveryStates), nextHop: Type.String(), count: Type.Integer(), oldest: Nullable(Time) })),
  items: Type.Array(QueueItem),
  next: Nullable(Type.String()),
})
export type QueueView = Static<typeof QueueView>

/** POST …/queue/retry: how many deliveries are tried now. */
export const QueueRetried = Type.Object({ retried: Type.Integer() })

/** POST …/queue/held: try refused mail again, or give it up with a report to its sender; without `delivery` all of it. */
export const RefusedAction = Type.Object({ action: OneOf(["retry", "fail"]), delivery: Type.Optional(Type.String({ maxLength: 80 })) }, { additionalProperties: false })
export type RefusedAction = Static<typeof RefusedAction>
/** How many deliveries it was. */
export const RefusedDone = Type.Object({ count: Type.Integer() })
export type RefusedDone = Static<typeof RefusedDone>

/** A recovery report (C5), counted in recipients: accepted = delivered + deletedByUser + held + missing. */
export const OutageView = Type.Object({
  id: Type.String(),
  start: Time,
  end: Nullable(Time),
  reason: Type.String(),
  accepted: Type.Integer(),
  delivered: Type.Integer(),
  deletedByUser: Type.Integer(),
  held: Type.Integer(),
  failed: Type.Integer(),
  missing: Type.Integer(),
})
export type OutageView = Static<typeof OutageView>

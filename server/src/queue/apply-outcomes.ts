import type { Delivery, DomainDocument, MessageDocument } from "../store/documents.ts"
import type { Outcome } from "../delivery/delivery-target.ts"
import type { TrackingEvent } from "../tracking/tracker.ts"
import { copiesOf, copyBeside, hasCopy, removalOf } from "../routing/mailbox-copy.ts"
import { deliveredAtOf, statusOf } from "./message-status.ts"

/** What the rules need besides the mail itself. */
export interface OutcomeContext {
  readonly now: Date
  /** The lease under which the outcomes came about (fencing, see `counts`). */
  readonly token: string
  readonly domain: (name: string) => DomainDocument | undefined
  /** Whether the Continuity Service covers a user right now. */
  readonly covered: (user: string) => boolean
  /** Next attempt of a deferred delivery, or `expired`. */
  readonly nextAttempt: (delivery: Delivery, message: MessageDocument) => Date | "expired"
  /** After how long a mail that its primary keeps deferring goes to the mailbox as well, milliseconds. */
  readonly divertAfter: number
}

/** The parts of a message that a change of its deliveries touches. */
export type MessageChange = Pick<MessageDocument, "deliveries" | "status" | "viaService" | "deliveredAt">

/** A change with what has to be told about it. */
export interface Applied {
  readonly change: MessageChange
  readonly events: TrackingEvent[]
  /** Deliveries that failed or expired for good: their sender is owed a report (RFC 5321 §6.1). */
  readonly reportable: Delivery[]
}

/** The message fields that follow from its deliveries. */
export function withDeliveries(deliveries: Delivery[], viaService: boolean): MessageChange {
  return { deliveries, viaService, status: statusOf(deliveries, viaService), deliveredAt: deliveredAtOf(deliveries) }
}

/** Before what was not tried is taken up again, so that a target that cannot work is not asked without end. */
const untriedPause = 1_000

const closed = { due: null, lease: null, heldFor: null } as const

/**
 * Applies the outcomes of one attempt to a message. Pure; every rule of what follows from an outcome stands here:
 * delivered to the primary → the mailbox copy is taken away; deferred → next attempt, or back to the drain; refused by
 * the primary after an outage → held for the administrator (A10); refused otherwise → failed with a report.
 */
export function applyOutcomes(message: MessageDocument, outcomes: ReadonlyMap<string, Outcome>, context: OutcomeContext): Applied {
  const deliveries = message.deliveries.map((delivery) => ({ ...delivery }))
  const events: TrackingEvent[] = []
  const reportable: Delivery[] = []
  let viaService = message.viaService
  const nextId = () => `${message._id}.${deliveries.length}`
  for (const delivery of [...deliveries]) {
    const outcome = outcomes.get(delivery.id)
    if (!outcome || !counts(delivery, outcome, context.token)) continue
    const event = { messageId: message._id, deliveryId: delivery.id, recipient: delivery.recipient, server: outcome.server, reply: outcome.reply, expireAt: message.expireAt }
    delivery.reply = outcome.reply
    delivery.server = outcome.server
    delivery.lease = null
    if (outcome.kind === "deferred" && outcome.untried) {
      const back = delivery.heldFor === "drain"
      Object.assign(delivery, { state: back ? "held" : delivery.firstFailedAt ? "deferred" : "queued", due: back ? message.receivedAt : new Date(context.now.getTime() + untriedPause) })
      continue
    }
    delivery.attempts++
    if (outcome.kind === "delivered") {
      Object.assign(delivery, closed, { state: "delivered", finishedAt: context.now })
      // That a server took it stands in the delivery itself, and the trail reads it there.
      if (delivery.target === "removal") events.push({ ...event, event: "mailbox-removed" })
      else if (outcome.event) events.push({ ...event, event: outcome.event })
      for (const copy of needlessCopies(deliveries, delivery)) {
        // One that is being put in is taken away once that is over.
        if (copy.state === "active") continue
        // An attempt that failed, or whose end nobody heard of, may have put it in all the same.
        deliveries.push(removalOf(copy, nextId(), context.now))
        if (copy.state !== "delivered") Object.assign(copy, closed, { state: "cancelled", finishedAt: context.now })
      }
    } else if (outcome.kind === "cancelled") {
      Object.assign(delivery, closed, { state: "cancelled", finishedAt: context.now })
      events.push({ ...event, event: "cancelled" })
    } else if (outcome.kind === "failed") {
      if (delivery.target === "primary" && (delivery.outageId !== null || delivery.heldFor !== null)) {
        Object.assign(delivery, { state: "held", heldFor: "administrator", due: message.receivedAt })
        events.push({ ...event, event: "held" })
      } else if (delivery.target === "mailbox" || delivery.target === "removal") {
        defer(delivery, message, context)
        events.push({ ...event, event: "deferred" })
      } else {
        Object.assign(delivery, closed, { state: "failed", finishedAt: context.now })
        events.push({ ...event, event: "failed" })
        reportable.push(delivery)
      }
    } else {
      delivery.firstFailedAt ??= context.now
      events.push({ ...event, event: "deferred" })
      if (outcome.possiblyTwice) events.push({ ...event, event: "possibly-twice" })
      if (delivery.heldFor === "drain" && outcome.failure === "host") {
        Object.assign(delivery, { state: "held", due: message.receivedAt })
        continue
      }
      defer(delivery, message, context)
      if (delivery.state === "expired") {
        events.push({ ...event, event: "expired" })
        reportable.push(delivery)
      } else if (delivery.user !== null && mustDivert(delivery, deliveries, outcome.failure, context)) {
        viaService = true
        deliveries.push(copyBeside(delivery, nextId(), delivery.user, context.now))
        events.push({ ...event, event: "rescued" })
      }
    }
  }
  return { change: withDeliveries(deliveries, viaService), events, reportable }
}

/**
 * Fencing: an outcome counts under the lease it came about by. That a mail has arrived stays true without it, and counts
 * as long as nobody else works on that delivery: it would only arrive once more.
 */
export function counts(delivery: Delivery, outcome: Outcome, token: string): boolean {
  if (delivery.lease?.token === token) return true
  return outcome.kind === "delivered" && delivery.lease === null && delivery.finishedAt === null
}

function defer(delivery: Delivery, message: MessageDocument, context: OutcomeContext): void {
  delivery.firstFailedAt ??= context.now
  const next = delivery.target === "mailbox" || delivery.target === "removal" ? soon(delivery, context) : context.nextAttempt(delivery, message)
  if (next === "expired") Object.assign(delivery, closed, { state: "expired", finishedAt: context.now })
  else Object.assign(delivery, { state: "deferred", due: next, heldFor: null })
}

/** The mailbox is ours and comes back by itself: a mail in it is never given up, and tried again within seconds. */
function soon(delivery: Delivery, context: OutcomeContext): Date {
  return new Date(context.now.getTime() + Math.min(30_000, 500 * 2 ** Math.min(delivery.attempts, 6)))
}

/** A mail that its primary keeps deferring goes to the mailbox as well, whatever the mode (A5). */
function mustDivert(delivery: Delivery, all: readonly Delivery[], failure: string, context: OutcomeContext): boolean {
  if (delivery.target !== "primary" || delivery.user === null || failure === "host" || !delivery.firstFailedAt) return false
  if (context.now.getTime() - delivery.firstFailedAt.getTime() < context.divertAfter || !context.covered(delivery.user)) return false
  return !hasCopy(all, delivery)
}

/** The copies that are not needed any more now that `delivered` is: those of a mail that the primary has, or this one. */
function needlessCopies(all: readonly Delivery[], delivered: Delivery): Delivery[] {
  if (delivered.target === "primary") return copiesOf(all, delivered.id).filter((copy) => copy.state !== "cancelled")
  const primary = all.find((other) => other.id === delivered.copyOf)
  return delivered.target === "mailbox" && primary?.state === "delivered" ? [delivered] : []
}

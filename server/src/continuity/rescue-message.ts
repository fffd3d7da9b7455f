import type { Delivery, Hop, MessageDocument } from "../store/documents.ts"
import type { MessageChange } from "../queue/apply-outcomes.ts"
import { withDeliveries } from "../queue/apply-outcomes.ts"
import { copyBeside, hasCopy } from "../routing/mailbox-copy.ts"

/** What the rescue of one message needs to know. */
export interface RescueContext {
  readonly hop: Hop
  readonly outageId: string
  readonly now: Date
  /** The covered user whose mailbox a delivery may go to; null: not covered. */
  readonly coveredUser: (delivery: Delivery) => string | null
}

/** A rescued message: its change, and the recipients that got a mailbox delivery. */
export interface Rescued {
  readonly change: MessageChange
  readonly recipients: readonly { readonly deliveryId: string; readonly recipient: string }[]
}

/**
 * Gives every covered recipient with an open delivery to the primary a mailbox delivery, and holds the delivery to the
 * primary for the drain (A7). Everybody else's only takes the outage's name, for the recovery report. Pure and
 * idempotent; undefined when there is nothing to do. Deliveries at work are left until their attempt is over.
 */
export function rescueMessage(message: MessageDocument, context: RescueContext): Rescued | undefined {
  const deliveries = message.deliveries.map((delivery) => ({ ...delivery }))
  const recipients: { deliveryId: string; recipient: string }[] = []
  let changed = false
  let viaService = message.viaService
  for (const delivery of [...deliveries]) {
    if (delivery.hop !== context.hop || delivery.target !== "primary" || !waits(delivery, context.now)) continue
    const user = context.coveredUser(delivery)
    if (user === null) {
      if (delivery.outageId !== null) continue
      delivery.outageId = context.outageId
      changed = true
      continue
    }
    changed = true
    viaService = true
    Object.assign(delivery, { user, state: "held", heldFor: "drain", due: message.receivedAt, lease: null, outageId: delivery.outageId ?? context.outageId })
    if (hasCopy(deliveries, delivery)) continue
    const id = `${message._id}.${deliveries.length}`
    deliveries.push(copyBeside(delivery, id, user, context.now))
    recipients.push({ deliveryId: id, recipient: delivery.recipient })
  }
  return changed ? { change: withDeliveries(deliveries, viaService), recipients } : undefined
}

/** Queued, deferred, or left behind by a worker whose lease has ended. */
function waits(delivery: Delivery, now: Date): boolean {
  if (delivery.state === "queued" || delivery.state === "deferred") return true
  return delivery.state === "active" && delivery.due !== null && delivery.due <= now
}

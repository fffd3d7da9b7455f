import { canonicalAddress } from "@lifeboat/shared/address"
import { newDelivery } from "../routing/route.ts"
import type { MessageDocument } from "../store/documents.ts"
import { withDeliveries, type MessageChange } from "./apply-outcomes.ts"

/**
 * A message with new deliveries to some of its recipients: "deliver again" (C2). What goes to the primary takes the
 * normal way, so that in an emergency it waits there like any other mail. Pure. `recipients` are canonical addresses;
 * undefined: all of the envelope's. A `job` is noted in them. Returns undefined where nobody of them is in the envelope.
 */
export function redeliverMessage(message: MessageDocument, recipients: ReadonlySet<string> | undefined, now: Date, job?: string): { change: MessageChange; ids: string[] } | undefined {
  const deliveries = [...message.deliveries]
  const ids: string[] = []
  const asked = new Set<string>()
  for (const first of message.deliveries) {
    if (first.target === "mailbox" || first.target === "removal" || asked.has(first.recipient)) continue
    const canonical = canonicalAddress(first.recipient) ?? first.recipient
    if (recipients && !recipients.has(canonical) && !(first.user !== null && recipients.has(first.user))) continue
    asked.add(first.recipient)
    const id = `${message._id}.${deliveries.length}`
    deliveries.push({ ...newDelivery(id, first.target, first.hop, first.recipient, first.user, now), ...(job === undefined ? {} : { job }) })
    ids.push(id)
  }
  return ids.length === 0 ? undefined : { change: withDeliveries(deliveries, message.viaService), ids }
}

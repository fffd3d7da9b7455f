import type { DeliveryView, Trail, TrackingEventView } from "@lifeboat/shared/schemas/archive"
import { queuedAs, replyText } from "@lifeboat/shared/smtp-replies"
import { summaryView } from "../archive/search.ts"
import type { Database } from "../store/database.ts"
import type { Delivery, DomainDocument, EventDocument, MessageDocument } from "../store/documents.ts"

/** Steps shown of one mail; a mail retried for 90 days has fewer. */
const maxEvents = 2_000

/** Where a delivery goes, as a person reads it: the primary's host and port, `mailbox`, or the server it went to. */
export function nextHopOf(delivery: Pick<Delivery, "hop" | "server">, domainOf: (name: string) => DomainDocument | undefined): string {
  if (delivery.hop.startsWith("primary:")) {
    const primary = domainOf(delivery.hop.slice("primary:".length))?.primary
    return primary ? `${primary.host}:${primary.port}` : (serverOf(delivery) ?? "primary")
  }
  return delivery.hop === "outside" ? (serverOf(delivery) ?? "mx") : delivery.hop
}

/** The server of an attempt; null: none had a part in it. */
function serverOf({ server }: { readonly server: string | null }): string | null {
  return server === "none" ? null : server
}

function deliveryView(delivery: Delivery, target: DeliveryView["target"], nextHop: string): DeliveryView {
  const waits = delivery.state === "queued" || delivery.state === "deferred"
  return {
    id: delivery.id,
    recipient: delivery.recipient,
    target,
    nextHop,
    state: delivery.state,
    attempts: delivery.attempts,
    nextAttemptAt: waits ? (delivery.due?.toISOString() ?? null) : null,
    reply: delivery.reply,
    finishedAt: delivery.finishedAt?.toISOString() ?? null,
  }
}

function eventView(event: EventDocument): TrackingEventView {
  return {
    id: event._id,
    time: event.time.toISOString(),
    event: event.event,
    messageId: event.messageId,
    recipient: event.recipient,
    server: serverOf(event),
    reply: event.reply,
    detail: event.detail,
  }
}

/** The first step of every mail that was taken. It follows from the message itself, so that accepting writes no event. */
function acceptedView(message: MessageDocument): TrackingEventView[] {
  if (message.status === "rejected") return []
  return [{
    id: `${message._id}.accepted`, time: message.receivedAt.toISOString(), event: "accepted", messageId: message._id, recipient: null, server: null,
    reply: `250 ${replyText(queuedAs(message._id))}`, detail: null,
  }]
}

/** Where each recipient's mail was to go when it was taken; what came later (rescued, redelivered) has steps of its own. */
function routedViews(message: MessageDocument, domainOf: (name: string) => DomainDocument | undefined): TrackingEventView[] {
  const seen = new Set<string>()
  return message.deliveries.flatMap((delivery) => {
    if (delivery.target === "mailbox" || delivery.target === "removal" || seen.has(delivery.recipient)) return []
    seen.add(delivery.recipient)
    const server = delivery.hop === "outside" ? null : nextHopOf(delivery, domainOf)
    return [{ id: `${delivery.id}.routed`, time: message.receivedAt.toISOString(), event: "routed" as const, messageId: message._id, recipient: delivery.recipient, server, reply: null, detail: null }]
  })
}

/** That a server took a mail follows from its delivery, so that delivering writes no event. */
function deliveredViews(message: MessageDocument): TrackingEventView[] {
  return message.deliveries.flatMap((delivery) =>
    delivery.state === "delivered" && delivery.finishedAt && delivery.target !== "mailbox" && delivery.target !== "removal"
      ? [{
          id: `${delivery.id}.delivered`, time: delivery.finishedAt.toISOString(), event: "delivered" as const, messageId: message._id, recipient: delivery.recipient,
          server: delivery.server, reply: delivery.reply, detail: null,
        }]
      : [])
}

/** One mail with its whole trail, oldest step first. Removals of mailbox copies are steps, not deliveries. */
export async function readTrail(database: Database, message: MessageDocument, domainOf: (name: string) => DomainDocument | undefined): Promise<Trail> {
  const events = await database.events.find({ messageId: message._id }).sort({ time: 1, _id: 1 }).limit(maxEvents).toArray()
  const deliveries = message.deliveries.flatMap((delivery) =>
    delivery.target === "removal" ? [] : [deliveryView(delivery, delivery.target, nextHopOf(delivery, domainOf))])
  return {
    ...summaryView(message),
    envelope: { mailFrom: message.envelope.mailFrom, rcptTo: message.envelope.rcptTo },
    client: { address: message.client.address, helo: message.client.helo, tls: message.client.tls, user: message.client.user },
    deliveries,
    events: [...acceptedView(message), ...routedViews(message, domainOf), ...[...events.map(eventView), ...deliveredViews(message)].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))],
  }
}

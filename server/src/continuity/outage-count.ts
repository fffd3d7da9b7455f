import { domainOf } from "@lifeboat/shared/address"
import type { Delivery, Hop, MessageDocument } from "../store/documents.ts"

/** Recipients of an outage by what became of them; `missing` has to be 0. */
export interface OutageCounts {
  accepted: number
  delivered: number
  deletedByUser: number
  /** Still open, with those that wait for an administrator. */
  held: number
  failed: number
  missing: number
}

/** What counting needs of a message. */
export type CountedMessage = Pick<MessageDocument, "envelope" | "deliveries" | "hasBody">

export const nobody: Readonly<OutageCounts> = { accepted: 0, delivered: 0, deletedByUser: 0, held: 0, failed: 0, missing: 0 }

/**
 * Counts the recipients of one message in one outage. Accepted is counted from the envelope and not from the deliveries,
 * so that an obligation that vanished shows as missing; so does an open one without its body. Pure.
 */
export function countMessage(message: CountedMessage, domain: string, outageId: string, bodyExists: boolean): OutageCounts {
  const counts = { ...nobody }
  const hop: Hop = `primary:${domain}`
  const own = message.deliveries.filter((delivery) => delivery.hop === hop && delivery.target === "primary")
  const envelope = new Map<string, number>()
  for (const recipient of message.envelope.rcptTo) {
    if (domainOf(recipient.toLowerCase()) === domain || own.some((delivery) => delivery.recipient === recipient)) envelope.set(recipient, (envelope.get(recipient) ?? 0) + 1)
  }
  for (const recipient of new Set([...envelope.keys(), ...own.map((delivery) => delivery.recipient)])) {
    const mine = own.filter((delivery) => delivery.recipient === recipient)
    const ours = mine.filter((delivery) => delivery.outageId === outageId)
    const accepted = Math.max((envelope.get(recipient) ?? 0) - (mine.length - ours.length), ours.length)
    counts.accepted += accepted
    counts.missing += accepted - ours.length
    for (const delivery of ours) counts[fateOf(delivery, message.hasBody && bodyExists)]++
  }
  return counts
}

function fateOf(delivery: Delivery, bodyExists: boolean): keyof Omit<OutageCounts, "accepted"> {
  switch (delivery.state) {
    case "delivered":
      return "delivered"
    case "cancelled":
      return "deletedByUser"
    case "failed":
    case "expired":
      return "failed"
    default:
      return bodyExists ? "held" : "missing"
  }
}

/** The sum of two counts. */
export function addCounts(a: OutageCounts, b: OutageCounts): OutageCounts {
  return {
    accepted: a.accepted + b.accepted, delivered: a.delivered + b.delivered, deletedByUser: a.deletedByUser + b.deletedByUser,
    held: a.held + b.held, failed: a.failed + b.failed, missing: a.missing + b.missing,
  }
}

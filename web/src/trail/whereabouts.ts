import { canonicalAddress } from "@lifeboat/shared/address"
import type { DeliveryView, Trail } from "@lifeboat/shared/schemas/archive"
import type { TextKey } from "../text/index.ts"

/** Where a mail is for one of its recipients: a sentence (`text`, with `time` ISO 8601 where it names one), and what is behind it. */
export interface Whereabouts {
  readonly recipient: string
  readonly text: TextKey
  readonly time: string | null
  readonly tone: "done" | "waiting" | "failed"
  readonly reply: string | null
  readonly server: string
}

const order = (delivery: DeliveryView) => Number(delivery.id.split(".").at(-1))

/** Where a mail is now, recipient by recipient, as its newest delivery to each says. `own`: addresses of who looks. */
export function whereabouts(trail: Pick<Trail, "deliveries">, own: readonly string[]): Whereabouts[] {
  const mine = new Set(own.map((address) => canonicalAddress(address) ?? address))
  const newest = new Map<string, DeliveryView>()
  for (const delivery of trail.deliveries.toSorted((a, b) => order(a) - order(b))) if (delivery.target !== "mailbox") newest.set(delivery.recipient, delivery)
  const readable = new Set(trail.deliveries.filter((delivery) => delivery.target === "mailbox" && delivery.state === "delivered").map((delivery) => delivery.recipient))
  return [...newest.values()].map((delivery) => ({
    recipient: delivery.recipient,
    ...sentence(delivery, mine.has(canonicalAddress(delivery.recipient) ?? delivery.recipient), readable.has(delivery.recipient)),
    reply: delivery.reply,
    server: delivery.nextHop,
  }))
}

function sentence(delivery: DeliveryView, own: boolean, readable: boolean): Pick<Whereabouts, "text" | "time" | "tone"> {
  switch (delivery.state) {
    case "queued":
    case "active":
      return { text: "trail.onItsWay", time: null, tone: "waiting" }
    case "deferred":
      return { text: "trail.triesAgain", time: delivery.nextAttemptAt, tone: "waiting" }
    case "held":
      if (delivery.reply?.startsWith("5")) return { text: "trail.refused", time: null, tone: "failed" }
      return { text: readable ? "trail.waitsAndReadable" : "trail.waitsHere", time: null, tone: "waiting" }
    case "delivered":
      return { text: own && delivery.target === "primary" ? "trail.atOwnServer" : "trail.atServer", time: delivery.finishedAt, tone: "done" }
    case "failed":
      return { text: "trail.failed", time: delivery.finishedAt, tone: "failed" }
    case "cancelled":
      return { text: "trail.deleted", time: delivery.finishedAt, tone: "done" }
    case "expired":
      return { text: "trail.expired", time: delivery.finishedAt, tone: "failed" }
  }
}

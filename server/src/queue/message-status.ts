import type { TrackingStatus } from "@lifeboat/shared/delivery-state"
import type { Delivery } from "../store/documents.ts"

/** Deliveries that a recipient's fate depends on: not the copy in Sent, not removals, not the mailbox copy beside a primary. */
export function decisiveDeliveries(deliveries: readonly Delivery[]): Delivery[] {
  return deliveries.filter((delivery) => delivery.target !== "removal" && delivery.target !== "mailbox")
}

/** Status of a mail for lists (contract), from its deliveries. Mail through the service keeps `delayed` (C4). */
export function statusOf(deliveries: readonly Delivery[], viaService: boolean): TrackingStatus {
  const decisive = decisiveDeliveries(deliveries)
  const some = (state: Delivery["state"]) => decisive.some((delivery) => delivery.state === state)
  if (decisive.length === 0) return deliveries.some((delivery) => delivery.state !== "delivered") ? "queued" : "delivered"
  if (decisive.some((delivery) => delivery.state === "held" && delivery.heldFor === "administrator")) return "held"
  if (decisive.some((delivery) => delivery.state === "held" || delivery.state === "queued" || delivery.state === "active" || delivery.state === "deferred")) {
    return viaService ? "delayed" : "queued"
  }
  if (some("failed")) return "failed"
  if (some("expired")) return "expired"
  if (decisive.every((delivery) => delivery.state === "cancelled")) return "cancelled"
  return viaService ? "delayed" : "delivered"
}

/** When the last recipient was reached; null while anything is open or nothing was delivered. */
export function deliveredAtOf(deliveries: readonly Delivery[]): Date | null {
  let last: Date | null = null
  for (const delivery of decisiveDeliveries(deliveries)) {
    if (delivery.finishedAt === null) return null
    if (delivery.state === "delivered" && (last === null || delivery.finishedAt > last)) last = delivery.finishedAt
  }
  return last
}

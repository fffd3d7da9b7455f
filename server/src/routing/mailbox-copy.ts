import type { Delivery } from "../store/documents.ts"
import { newDelivery } from "./route.ts"

/** The delivery that puts a copy into the mailbox of `user` while `primary` waits; due at once. */
export function copyBeside(primary: Delivery, id: string, user: string, due: Date): Delivery {
  return { ...newDelivery(id, "mailbox", "mailbox", primary.recipient, user, due, "INBOX"), copyOf: primary.id, outageId: primary.outageId }
}

/** The delivery that takes such a copy away again; due at once. */
export function removalOf(copy: Delivery, id: string, due: Date): Delivery {
  return { ...newDelivery(id, "removal", "removal", copy.recipient, copy.user, due), copyOf: copy.copyOf, outageId: copy.outageId }
}

/** The copies that one delivery to a primary has, or had, in a mailbox. */
export function copiesOf(all: readonly Delivery[], primaryId: string | null): Delivery[] {
  return primaryId === null ? [] : all.filter((other) => other.target === "mailbox" && other.copyOf === primaryId)
}

/**
 * Whether the mailbox holds this mail already, or gets it: as this delivery's own copy, or as that of another delivery to
 * the same recipient that still waits ("deliver again" during an outage), which takes its copy away only when it is done.
 */
export function hasCopy(all: readonly Delivery[], primary: Delivery): boolean {
  const waits = new Set(all.filter((other) => other.target === "primary" && other.recipient === primary.recipient && other.finishedAt === null).map((other) => other.id))
  return all.some((other) => other.target === "mailbox" && other.copyOf !== null && (other.copyOf === primary.id || waits.has(other.copyOf)) && other.state !== "cancelled" && other.state !== "failed")
}

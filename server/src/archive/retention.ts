import type { Filter } from "mongodb"
import { openStates } from "@lifeboat/shared/delivery-state"
import type { Logger } from "../logger.ts"
import { withDeliveries, type MessageChange } from "../queue/apply-outcomes.ts"
import type { Queue } from "../queue/queue.ts"
import type { Database } from "../store/database.ts"
import type { Delivery, MessageDocument } from "../store/documents.ts"
import type { Bodies } from "./bodies.ts"

const interval = 3_600_000
const batch = 200

/** How long a message outlives its last day of delivery, so that every delivery can come to its final state first. */
export const graceMs = 2 * 86_400_000

/** A message whose time is over: what is still open has expired. Pure; undefined when nothing is open. */
export function expireMessage(message: MessageDocument, now: Date): MessageChange | undefined {
  if (!message.deliveries.some(isOpen)) return undefined
  const deliveries = message.deliveries.map((delivery) =>
    isOpen(delivery) ? { ...delivery, state: "expired" as const, due: null, lease: null, heldFor: null, finishedAt: now } : delivery,
  )
  return withDeliveries(deliveries, message.viaService)
}

function isOpen(delivery: Delivery): boolean {
  return (openStates as readonly string[]).includes(delivery.state)
}

/**
 * Brings what is still open at the end of its retention to the state `expired` (invariant 3) before TTL removes the
 * message, and removes large bodies nobody points to. Hourly; any node may do it.
 */
export class Retention {
  readonly #deps: { database: Database; bodies: Bodies; queue: Queue; log: Logger; report: (message: MessageDocument, failed: Delivery[]) => Promise<void> }
  #timer: NodeJS.Timeout | undefined

  constructor(deps: { database: Database; bodies: Bodies; queue: Queue; log: Logger; report: (message: MessageDocument, failed: Delivery[]) => Promise<void> }) {
    this.#deps = deps
  }

  start(): void {
    const sweep = () => void this.sweep().catch((error: unknown) => this.#deps.log.warn({ error: String(error) }, "retention is tried again in an hour"))
    this.#timer = setInterval(sweep, interval)
    this.#timer.unref()
    sweep()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** One round. Returns the number of messages with expired deliveries. */
  async sweep(): Promise<number> {
    const { database, bodies, queue, report, log } = this.#deps
    let expired = 0
    // One that cannot be reported for now must not keep the others from their reports.
    const putOff: string[] = []
    for (;;) {
      const now = database.now()
      const over = { _id: { $nin: putOff }, expireAt: { $lte: new Date(now.getTime() + graceMs) }, "deliveries.state": { $in: [...openStates] } } as Filter<MessageDocument>
      const messages = await database.messages.find(over, { limit: batch }).toArray()
      if (messages.length === 0) break
      for (const message of messages) {
        const failed = message.deliveries.filter((delivery) => isOpen(delivery) && delivery.target !== "removal" && delivery.target !== "mailbox")
        try {
          if (failed.length > 0) await report(message, failed)
        } catch (error) {
          log.warn({ messageId: message._id, error: String(error) }, "the end of a mail could not be reported; it is tried again in an hour")
          putOff.push(message._id)
          continue
        }
        if (await queue.change(message._id, (current) => expireMessage(current, now))) expired++
      }
    }
    await bodies.sweepLarge(new Date(database.now().getTime() - 86_400_000))
    return expired
  }
}

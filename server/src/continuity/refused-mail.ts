import { ApiError } from "@lifeboat/shared/api-errors"
import type { Filter } from "mongodb"
import { withDeliveries, type MessageChange } from "../queue/apply-outcomes.ts"
import type { Database } from "../store/database.ts"
import type { Delivery, Hop, MessageDocument } from "../store/documents.ts"
import type { TrackingEvent } from "../tracking/tracker.ts"

export interface RefusedMailParts {
  readonly database: Database
  readonly queue: { change(messageId: string, decide: (message: MessageDocument) => MessageChange | undefined): Promise<boolean> }
  readonly tracker: { track(event: TrackingEvent): void }
  /** Accepts the report to the sender; durable when it resolves, the same for the same deliveries. */
  readonly report: (message: MessageDocument, failed: Delivery[]) => Promise<void>
}

/** Which of a domain's mails: one delivery, or all that wait for the administrator. */
export type RefusedMailChoice = { readonly deliveryId: string } | "all"

/** Mail that the primary refused after an outage, which an administrator decides about (A10). */
export class RefusedMail {
  readonly #parts: RefusedMailParts

  constructor(parts: RefusedMailParts) {
    this.#parts = parts
  }

  /** Tries refused mail again at once. Returns how many deliveries; throws ApiError `not-found` for a single one that does not wait. */
  async release(domain: string, choice: RefusedMailChoice): Promise<number> {
    return this.#each(domain, choice, async (message, wanted) => {
      const released: Delivery[] = []
      await this.#parts.queue.change(message._id, (current) => {
        released.length = 0
        const deliveries = current.deliveries.map((delivery) => {
          if (!wanted(delivery)) return delivery
          const again: Delivery = { ...delivery, state: "queued", heldFor: null, due: this.#parts.database.now() }
          released.push(again)
          return again
        })
        return released.length === 0 ? undefined : withDeliveries(deliveries, current.viaService)
      })
      this.#track("released", message, released)
      return released.length
    })
  }

  /** Gives refused mail up and reports it to its senders, the report first. Returns how many deliveries; throws ApiError `not-found`. */
  async fail(domain: string, choice: RefusedMailChoice): Promise<number> {
    return this.#each(domain, choice, async (message, wanted) => {
      const given = (delivery: Delivery): Delivery => ({ ...delivery, state: "failed", heldFor: null, due: null, finishedAt: this.#parts.database.now() })
      const planned = message.deliveries.filter(wanted).map(given)
      if (planned.length === 0) return 0
      await this.#parts.report(message, planned)
      const reported = new Set(planned.map((delivery) => delivery.id))
      let failed: Delivery[] = []
      await this.#parts.queue.change(message._id, (current) => {
        failed = current.deliveries.filter((delivery) => wanted(delivery) && reported.has(delivery.id)).map(given)
        if (failed.length === 0) return undefined
        return withDeliveries(current.deliveries.map((delivery) => failed.find((other) => other.id === delivery.id) ?? delivery), current.viaService)
      })
      this.#track("failed", message, failed)
      return failed.length
    })
  }

  async #each(domain: string, choice: RefusedMailChoice, act: (message: MessageDocument, wanted: (delivery: Delivery) => boolean) => Promise<number>): Promise<number> {
    const hop: Hop = `primary:${domain}`
    const only = choice === "all" ? undefined : choice.deliveryId
    const wanted = (delivery: Delivery) => delivery.hop === hop && delivery.state === "held" && delivery.heldFor === "administrator" && (only === undefined || delivery.id === only)
    const match = { deliveries: { $elemMatch: { hop, state: "held", heldFor: "administrator", ...(only === undefined ? {} : { id: only }) } } } as Filter<MessageDocument>
    const { messages } = this.#parts.database
    const cursor = only === undefined ? messages.find(match, { hint: "work", batchSize: 100 }) : messages.find({ _id: only.slice(0, only.lastIndexOf(".")), ...match })
    let count = 0
    try {
      for await (const message of cursor) count += await act(message, wanted)
    } finally {
      await cursor.close()
    }
    if (only !== undefined && count === 0) throw new ApiError("not-found")
    return count
  }

  #track(event: "released" | "failed", message: MessageDocument, deliveries: readonly Delivery[]): void {
    for (const { id, recipient, server, reply } of deliveries) {
      this.#parts.tracker.track({ event, messageId: message._id, deliveryId: id, recipient, server, reply, expireAt: message.expireAt })
    }
  }
}

import { randomUUID } from "node:crypto"
import type { TrackingEventName } from "@lifeboat/shared/tracking-events"
import type { Logger } from "../logger.ts"
import type { Database } from "../store/database.ts"
import type { EventDocument } from "../store/documents.ts"

/** One step of a mail's trail, as the stages report it. */
export interface TrackingEvent {
  readonly event: TrackingEventName
  readonly messageId: string
  readonly deliveryId?: string | null
  readonly recipient?: string | null
  /** host:port */
  readonly server?: string | null
  /** The full SMTP reply. */
  readonly reply?: string | null
  readonly detail?: string | null
  /** When the mail itself is removed; its trail goes with it. */
  readonly expireAt: Date
}

const flushInterval = 100
const batchSize = 1_000
const maxPending = 50_000

/**
 * The only writer of tracking events. Events are a record for people: no mail depends on them, so they are written in
 * batches behind the mail's way and never hold it up. What became of a mail is in its deliveries.
 */
export class Tracker {
  readonly #database: Database
  readonly #log: Logger
  #pending: EventDocument[] = []
  #dropped = 0
  #timer: NodeJS.Timeout | undefined
  #flushing: Promise<void> | undefined

  constructor(database: Database, log: Logger) {
    this.#database = database
    this.#log = log
  }

  /** Appends one event. Never throws, never waits. */
  track(event: TrackingEvent): void {
    if (this.#pending.length >= maxPending) {
      this.#dropped++
      return
    }
    this.#pending.push({
      _id: randomUUID(),
      time: this.#database.now(),
      event: event.event,
      messageId: event.messageId,
      deliveryId: event.deliveryId ?? null,
      recipient: event.recipient ?? null,
      server: event.server ?? null,
      reply: event.reply ?? null,
      detail: event.detail ?? null,
      expireAt: event.expireAt,
    })
    this.#timer ??= setTimeout(() => void this.flush(), flushInterval)
  }

  /** Writes what is pending; resolves when it is written or has failed for now. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#flushing ??= this.#write().finally(() => {
      this.#flushing = undefined
    })
    await this.#flushing
  }

  async #write(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending.slice(0, batchSize)
      try {
        await this.#database.events.insertMany(batch, { ordered: false, writeConcern: { w: 1 } })
      } catch (error) {
        if (!isDuplicate(error)) {
          this.#timer ??= setTimeout(() => void this.flush(), 1_000)
          return
        }
      }
      this.#pending = this.#pending.slice(batch.length)
    }
    if (this.#dropped > 0) {
      this.#log.warn({ dropped: this.#dropped }, "tracking events were left out while the database was away")
      this.#dropped = 0
    }
  }
}

function isDuplicate(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === 11000
}

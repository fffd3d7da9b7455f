import type { Filter } from "mongodb"
import { canonicalAddress, withoutPlus } from "@lifeboat/shared/address"
import { isCovered } from "../identity/covered.ts"
import type { Logger } from "../logger.ts"
import type { MessageChange } from "../queue/apply-outcomes.ts"
import type { Database } from "../store/database.ts"
import type { Delivery, DomainDocument, Hop, MessageDocument } from "../store/documents.ts"
import type { DomainCache } from "../store/domain-cache.ts"
import type { TrackingEvent } from "../tracking/tracker.ts"
import type { ContinuitySettings } from "./continuity-settings.ts"
import { rescueMessage, type Rescued } from "./rescue-message.ts"

export interface RescueParts {
  readonly database: Database
  readonly domains: DomainCache
  readonly queue: {
    changeMany(messages: readonly MessageDocument[], decide: (message: MessageDocument) => MessageChange | undefined): Promise<string[]>
  }
  readonly tracker: { track(event: TrackingEvent): void }
  readonly settings: ContinuitySettings
  readonly log: Logger
}

const batchSize = 200
/** A sweep may use this share of the time; a long backlog of uncovered mail makes sweeps rarer. */
const shareOfTime = 1 / 20

/**
 * Brings open mail for a primary that is down into the mailboxes: at the switch, and again and again while the domain is
 * in emergency, for what was on its way at the switch. Everything it knows it finds in the messages, so it goes on after
 * a crash where it stopped, and any number of nodes may run it.
 */
export class Rescue {
  readonly #parts: RescueParts
  readonly #sweeps = new Map<string, { running: Promise<void> | undefined; full: boolean; dueAt: number; fullAt: number }>()
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(parts: RescueParts) {
    this.#parts = parts
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), Math.max(20, this.#parts.settings.sweepEvery / 4))
    this.#timer.unref()
    this.#tick()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await Promise.allSettled([...this.#sweeps.values()].map((sweep) => sweep.running))
  }

  /** Sweeps a domain at once, all of its open mail: the switch to emergency, or a change of who is covered. */
  kick(domain: string): void {
    const sweep = this.#sweep(domain)
    sweep.full = true
    sweep.dueAt = 0
    this.#tick()
  }

  /**
   * One sweep over a domain in emergency; `full` also looks at mail that an earlier one left where it was. Returns the
   * number of messages rescued or marked. Throws when the database is away; what was done stays done.
   */
  async sweep(name: string, full: boolean): Promise<number> {
    const domain = this.#parts.domains.get(name)
    if (domain?.mode.mode !== "emergency" || domain.mode.outageId === null) return 0
    const hop: Hop = `primary:${name}`
    const seen = full ? {} : { outageId: null }
    const waiting: Filter<MessageDocument> = { deliveries: { $elemMatch: { hop, state: { $in: ["queued", "deferred"] }, ...seen } } }
    const leftBehind: Filter<MessageDocument> = { deliveries: { $elemMatch: { hop, state: "active", due: { $lte: this.#parts.database.now() } } } }
    let changed = 0
    for (const filter of [waiting, leftBehind]) {
      let batch: MessageDocument[] = []
      const cursor = this.#parts.database.messages.find(filter, { hint: "work", batchSize })
      try {
        for await (const message of cursor) {
          batch.push(message)
          if (batch.length < batchSize) continue
          changed += await this.#rescue(domain, hop, batch)
          batch = []
          if (this.#stopped || !this.#stillInEmergency(domain)) return changed
        }
      } finally {
        await cursor.close()
      }
      changed += await this.#rescue(domain, hop, batch)
    }
    return changed
  }

  async #rescue(domain: DomainDocument, hop: Hop, messages: readonly MessageDocument[]): Promise<number> {
    const { database, queue, tracker } = this.#parts
    const outageId = domain.mode.outageId
    if (messages.length === 0 || outageId === null || !this.#stillInEmergency(domain)) return 0
    const coveredUser = await this.#coveredUsers(domain, hop, messages)
    const rescued = new Map<string, { message: MessageDocument; recipients: Rescued["recipients"] }>()
    const changed = await queue.changeMany(messages, (message) => {
      const before = rescued.get(message._id)
      if (before?.recipients.every(({ deliveryId }) => message.deliveries.some((delivery) => delivery.id === deliveryId && delivery.target === "mailbox"))) return undefined
      const result = rescueMessage(message, { hop, outageId, now: database.now(), coveredUser })
      if (result) rescued.set(message._id, { message, recipients: result.recipients })
      else rescued.delete(message._id)
      return result?.change
    })
    for (const { message, recipients } of rescued.values()) {
      for (const { deliveryId, recipient } of recipients) {
        tracker.track({ event: "rescued", messageId: message._id, deliveryId, recipient, detail: domain.mode.detail, expireAt: message.expireAt })
      }
    }
    return changed.length
  }

  /** Who of a batch is covered. Recipients that had no user when they were accepted are looked up by their address. */
  async #coveredUsers(domain: DomainDocument, hop: Hop, messages: readonly MessageDocument[]): Promise<(delivery: Delivery) => string | null> {
    const wanted = messages.flatMap((message) => message.deliveries).filter((delivery) => delivery.hop === hop)
    const keys = new Set(wanted.flatMap(keysOf))
    const users = await this.#parts.database.users
      .find({ $or: [{ _id: { $in: [...keys] } }, { aliases: { $in: [...keys] }, "aliases.0": { $exists: true } }] }, { projection: { aliases: 1, selected: 1 } })
      .toArray()
    const covered = new Map<string, string>()
    for (const user of users) {
      if (!isCovered(domain, user)) continue
      for (const alias of user.aliases) covered.set(alias, user._id)
    }
    for (const user of users) if (isCovered(domain, user)) covered.set(user._id, user._id)
    return (delivery) => keysOf(delivery).map((key) => covered.get(key)).find((user) => user !== undefined) ?? null
  }

  #stillInEmergency(domain: DomainDocument): boolean {
    const { mode } = this.#parts.domains.get(domain._id) ?? domain
    return mode.mode === "emergency" && mode.outageId === domain.mode.outageId
  }

  #sweep(domain: string) {
    const known = this.#sweeps.get(domain)
    if (known) return known
    const sweep = { running: undefined, full: true, dueAt: 0, fullAt: 0 }
    this.#sweeps.set(domain, sweep)
    return sweep
  }

  #tick(): void {
    const { domains, settings, log } = this.#parts
    const now = performance.now()
    for (const domain of domains.all()) {
      if (domain.mode.mode !== "emergency") {
        this.#sweeps.delete(domain._id)
        continue
      }
      const sweep = this.#sweep(domain._id)
      if (this.#stopped || sweep.running || now < sweep.dueAt) continue
      const full = sweep.full || now >= sweep.fullAt
      sweep.full = false
      sweep.dueAt = now
      sweep.running = this.sweep(domain._id, full)
        .then(() => {
          if (full) sweep.fullAt = performance.now() + settings.fullSweepEvery
        })
        .catch((error: unknown) => {
          sweep.full ||= full
          log.warn({ domain: domain._id, error: String(error) }, "the rescue goes on in a moment")
        })
        .finally(() => {
          sweep.running = undefined
          const ended = performance.now()
          if (sweep.full && sweep.dueAt === 0) this.#tick()
          else sweep.dueAt = ended + Math.max(settings.sweepEvery, (ended - now) / shareOfTime)
        })
    }
  }
}

/** The keys under which the user of a delivery may be known, the surest first. */
function keysOf(delivery: Delivery): string[] {
  if (delivery.user !== null) return [delivery.user]
  const canonical = canonicalAddress(delivery.recipient)
  return canonical === undefined ? [] : [canonical, withoutPlus(canonical)]
}

import { EventEmitter } from "node:events"
import { randomUUID } from "node:crypto"
import type { AnyBulkWriteOperation, Filter } from "mongodb"
import type { DeliveryState } from "@lifeboat/shared/delivery-state"
import type { Claim, Outcome } from "../delivery/delivery-target.ts"
import type { Database } from "../store/database.ts"
import { answerWithin } from "../store/deadline.ts"
import type { Delivery, Hop, MessageDocument } from "../store/documents.ts"
import { applyOutcomes, counts, type Applied, type MessageChange, type OutcomeContext } from "./apply-outcomes.ts"

/** How long a claim is its worker's own without a sign of life. */
export const leaseMs = 60_000

const dueStates = ["active", "deferred", "queued"] as const satisfies readonly DeliveryState[]
const changeAttempts = 20
/** Each step of a claim; far below the lease. ms */
const claimPatience = 15_000

/** An attempt that is over and has to be written down. */
export interface Attempted {
  readonly claim: Claim
  readonly outcomes: ReadonlyMap<string, Outcome>
}

/**
 * The queue is a view of the messages: every delivery that is due, or held, waits in its message. Work is claimed by
 * lease and given back by outcome; any number of nodes may do so, and a lease that ends is another node's to take.
 */
export class Queue {
  readonly #database: Database
  readonly #events = new EventEmitter()
  /** Claims whose answer never came: what they may have taken is given back before the next one, not only when the lease ends. */
  #unheard: { readonly hop: Hop; readonly token: string; readonly ids: readonly string[] }[] = []
  /** Names this installation's node: its own leases are given back at start. */
  readonly #node: string

  constructor(database: Database, node: string) {
    this.#database = database
    this.#node = node
    this.#events.setMaxListeners(0)
  }

  /** Tells the worker of a hop that there is work. */
  nudge(hop: Hop): void {
    this.#events.emit(hop)
  }

  /** Calls `listener` when there may be work for a hop. Returns how to stop. */
  onNudge(hop: Hop, listener: () => void): () => void {
    this.#events.on(hop, listener)
    return () => this.#events.off(hop, listener)
  }

  /** Gives back the leases for a hop that an earlier life of this node left behind. Returns how many messages had one. */
  async releaseOwnLeases(hop: Hop): Promise<number> {
    const mine = { hop, state: "active", "lease.token": { $gt: `${this.#node}/`, $lt: `${this.#node}0` } }
    const result = await this.#database.messages.updateMany(
      { deliveries: { $elemMatch: mine } } as Filter<MessageDocument>,
      { $set: { "deliveries.$[d].due": this.#database.now(), "deliveries.$[d].lease": null }, $inc: { version: 1 } },
      { hint: "work", arrayFilters: [{ "d.hop": hop, "d.state": "active", "d.lease.token": { $gt: `${this.#node}/`, $lt: `${this.#node}0` } }] },
    )
    return result.modifiedCount
  }

  /**
   * Takes up to `limit` messages with work for a hop, oldest first, without those in `except`. With `held`, the ones
   * held for the drain. Each claim holds all deliveries of its message for that hop that were free.
   */
  async claim(hop: Hop, limit: number, options: { held?: boolean; except?: ReadonlySet<string> } = {}): Promise<Claim[]> {
    await this.#giveBackUnheard(hop)
    const now = this.#database.now()
    const states: readonly DeliveryState[] = options.held ? ["held"] : dueStates
    const match = options.held ? { hop, state: "held", heldFor: "drain" } : { hop, state: { $in: states }, due: { $lte: now } }
    const except = options.except ?? new Set()
    const waiting = this.#database.messages.find({ deliveries: { $elemMatch: match } } as Filter<MessageDocument>, { projection: { _id: 1 }, hint: "work", limit: limit + except.size })
    const candidates = await answerWithin(claimPatience, waiting.toArray())
    const ids = candidates.map((candidate) => candidate._id).filter((id) => !except.has(id)).slice(0, limit)
    if (ids.length === 0) return []
    const token = `${this.#node}/${randomUUID()}`
    const until = new Date(now.getTime() + leaseMs)
    const free = options.held ? { "d.hop": hop, "d.state": "held", "d.heldFor": "drain" } : { "d.hop": hop, "d.state": { $in: states }, "d.due": { $lte: now } }
    let messages: MessageDocument[]
    try {
      const taken = this.#database.messages.updateMany(
        { _id: { $in: ids }, deliveries: { $elemMatch: match } } as Filter<MessageDocument>,
        { $set: { "deliveries.$[d].state": "active", "deliveries.$[d].due": until, "deliveries.$[d].lease": { token, until } }, $inc: { version: 1 } },
        { arrayFilters: [free] },
      )
      await answerWithin(claimPatience, taken)
      messages = await answerWithin(claimPatience, this.#database.messages.find({ _id: { $in: ids } }, { sort: { _id: 1 } }).toArray())
    } catch (error) {
      this.#unheard.push({ hop, token, ids })
      throw error
    }
    return messages
      .map((message) => ({ message, token, deliveries: message.deliveries.filter((delivery) => delivery.lease?.token === token) }))
      .filter((claim) => claim.deliveries.length > 0)
  }

  async #giveBackUnheard(hop: Hop): Promise<void> {
    for (const claim of this.#unheard.filter((other) => other.hop === hop)) {
      const given = this.#database.messages.updateMany(
        { _id: { $in: [...claim.ids] }, "deliveries.lease.token": claim.token },
        { $set: { "deliveries.$[d].due": this.#database.now(), "deliveries.$[d].lease": null }, $inc: { version: 1 } },
        { arrayFilters: [{ "d.lease.token": claim.token }] },
      )
      await answerWithin(claimPatience, given)
      this.#unheard = this.#unheard.filter((other) => other !== claim)
    }
  }

  /** Prolongs the leases of claims that are still being worked on. */
  async renew(claims: readonly Claim[]): Promise<void> {
    const tokens = [...new Set(claims.map((claim) => claim.token))]
    const until = new Date(this.#database.now().getTime() + leaseMs)
    await this.#database.messages.updateMany(
      { _id: { $in: claims.map((claim) => claim.message._id) } },
      { $set: { "deliveries.$[d].due": until, "deliveries.$[d].lease.until": until }, $inc: { version: 1 } },
      { arrayFilters: [{ "d.lease.token": { $in: tokens } }] },
    )
  }

  /**
   * Writes down what became of claims, durable before it resolves. `context` gives the rules everything but the lease.
   * Returns what has to be told; throws when the database is away: then the claims stay leased and it is called again.
   */
  async record(attempts: readonly Attempted[], context: Omit<OutcomeContext, "token">): Promise<Applied[]> {
    const planned = attempts.map(({ claim, outcomes }) => ({ claim, outcomes, applied: applyOutcomes(claim.message, outcomes, { ...context, token: claim.token }) }))
    const operations: AnyBulkWriteOperation<MessageDocument>[] = planned.map(({ claim, applied }) => ({
      updateOne: { filter: { _id: claim.message._id, version: claim.message.version }, update: { $set: applied.change, $inc: { version: 1 } } },
    }))
    const result = await this.#database.messages.bulkWrite(operations, { ordered: false })
    if (result.matchedCount === planned.length) {
      this.#nudgeFor(planned.map(({ applied }) => applied))
      return planned.map(({ applied }) => applied)
    }
    const all: Applied[] = []
    for (const { claim, outcomes, applied } of planned) {
      const current = await this.#database.messages.findOne({ _id: claim.message._id })
      const stillCounts = current?.deliveries.some((delivery) => {
        const outcome = outcomes.get(delivery.id)
        return outcome !== undefined && counts(delivery, outcome, claim.token)
      })
      if (!stillCounts) {
        all.push(applied)
        continue
      }
      let again: Applied | undefined
      await this.change(claim.message._id, (message) => {
        again = applyOutcomes(message, outcomes, { ...context, token: claim.token })
        return again.change
      })
      if (again) all.push(again)
    }
    this.#nudgeFor(all)
    return all
  }

  /**
   * Changes one message by compare-and-set: `decide` is given the message as it is now and may be called again when
   * somebody else was quicker. Returns whether anything was changed.
   */
  async change(messageId: string, decide: (message: MessageDocument) => MessageChange | undefined): Promise<boolean> {
    for (let attempt = 0; attempt < changeAttempts; attempt++) {
      const message = await this.#database.messages.findOne({ _id: messageId })
      if (!message) return false
      const change = decide(message)
      if (!change) return false
      const result = await this.#database.messages.updateOne({ _id: messageId, version: message.version }, { $set: change, $inc: { version: 1 } })
      if (result.matchedCount === 1) {
        this.#nudgeOpen(change.deliveries)
        return true
      }
    }
    throw new Error(`message ${messageId} changed too often`)
  }

  /**
   * Changes many messages, given as they were read: those that changed meanwhile are read and decided again. Returns
   * the ids of those changed.
   */
  async changeMany(messages: readonly MessageDocument[], decide: (message: MessageDocument) => MessageChange | undefined): Promise<string[]> {
    const planned: { message: MessageDocument; change: MessageChange }[] = []
    for (const message of messages) {
      const change = decide(message)
      if (change) planned.push({ message, change })
    }
    if (planned.length === 0) return []
    const result = await this.#database.messages.bulkWrite(
      planned.map(({ message, change }) => ({ updateOne: { filter: { _id: message._id, version: message.version }, update: { $set: change, $inc: { version: 1 } } } })),
      { ordered: false },
    )
    const changed = planned.map(({ message }) => message._id)
    if (result.matchedCount !== planned.length) for (const { message } of planned) await this.change(message._id, decide)
    for (const { change } of planned) this.#nudgeOpen(change.deliveries)
    return changed
  }

  /** Makes every deferred delivery of a hop due now. Returns the number of messages. */
  async retryNow(hop: Hop): Promise<number> {
    const now = this.#database.now()
    const result = await this.#database.messages.updateMany(
      { deliveries: { $elemMatch: { hop, state: "deferred", due: { $gt: now } } } },
      { $set: { "deliveries.$[d].due": now }, $inc: { version: 1 } },
      { arrayFilters: [{ "d.hop": hop, "d.state": "deferred" }] },
    )
    if (result.modifiedCount > 0) this.nudge(hop)
    return result.modifiedCount
  }

  /** Messages with open deliveries of a hop, in the given states. */
  async count(hop: Hop, states: readonly DeliveryState[] = ["queued", "active", "deferred", "held"]): Promise<number> {
    return this.#database.messages.countDocuments({ deliveries: { $elemMatch: { hop, state: { $in: [...states] } } } }, { hint: "work" })
  }

  #nudgeFor(applied: readonly Applied[]): void {
    const hops = new Set<Hop>()
    for (const { change } of applied) for (const delivery of change.deliveries) if (delivery.state === "queued") hops.add(delivery.hop)
    for (const hop of hops) this.nudge(hop)
  }

  #nudgeOpen(deliveries: readonly Delivery[]): void {
    for (const hop of new Set(deliveries.filter((delivery) => delivery.state === "queued").map((delivery) => delivery.hop))) this.nudge(hop)
  }
}

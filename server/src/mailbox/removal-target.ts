import type { Claim, DeliveryTarget, Outcome } from "../delivery/delivery-target.ts"
import type { Logger } from "../logger.ts"
import { copiesOf } from "../routing/mailbox-copy.ts"
import type { Database } from "../store/database.ts"
import type { Delivery, MessageDocument } from "../store/documents.ts"
import { writeCopyMark } from "./copy-mark.ts"
import { TaskSlots } from "./task-slots.ts"
import type { WildDuckApi } from "./wildduck-api.ts"
import { WildDuckError } from "./wildduck-error.ts"
import { WildDuckStore } from "./wildduck-store.ts"

export interface RemovalTargetOptions {
  readonly database: Database
  readonly api: WildDuckApi
  readonly log: Logger
  /** Removals at the same time. */
  readonly parallel?: number
}

const server = "mailbox"
const day = 86_400_000
const maxRounds = 3

/**
 * Takes the copy of a mail out of the mailbox once its primary has it, wherever its user has put it. The record of the
 * copy says `removed` before anything is deleted, so that nobody takes it for a deletion by its user. May be repeated.
 */
export class RemovalTarget implements DeliveryTarget {
  readonly #options: RemovalTargetOptions
  readonly #store: WildDuckStore
  readonly #slots: TaskSlots

  constructor(options: RemovalTargetOptions) {
    this.#options = options
    this.#store = new WildDuckStore(options.database)
    this.#slots = new TaskSlots(options.parallel ?? 4)
  }

  async deliver(claim: Claim, signal: AbortSignal): Promise<ReadonlyMap<string, Outcome>> {
    const outcomes = claim.deliveries.map(async (delivery): Promise<[string, Outcome]> => {
      return [delivery.id, await this.#slots.run(async () => (signal.aborted ? deferred("stopping", true) : this.#remove(claim.message, delivery)))]
    })
    return new Map(await Promise.all(outcomes))
  }

  async #remove(message: MessageDocument, delivery: Delivery): Promise<Outcome> {
    try {
      const user = delivery.user === null ? null : await this.#options.database.users.findOne({ _id: delivery.user }, { projection: { mailbox: 1 } })
      const copies = copiesOf(message.deliveries, delivery.copyOf)
      await Promise.all(copies.map(async (copy) => this.#note(message, copy)))
      const account = user?.mailbox?.id
      if (account === undefined || copies.length === 0) return removed("there is no copy in a mailbox")
      const marks = copies.map((copy) => writeCopyMark({ message: message._id, delivery: copy.id }))
      for (let round = 0; round < maxRounds; round++) {
        const [rows, folders] = await Promise.all([this.#store.copies([{ account, marks }]), this.#store.folders([account])])
        // Those of a deleted folder are invisible already; WildDuck clears them away.
        const visible = rows.filter((row) => folders.has(row.mailbox.toHexString()))
        if (visible.length === 0) return removed(round === 0 ? "its user had removed the copy" : "the copy is out of the mailbox")
        for (const row of visible) await this.#options.api.delete(account, row.mailbox.toHexString(), row.uid)
      }
      return deferred("mailbox store: its user is moving the copy")
    } catch (error) {
      if (!(error instanceof WildDuckError)) this.#options.log.warn({ deliveryId: delivery.id, error: String(error) }, "a copy could not be taken out of its mailbox for the moment")
      return deferred(error instanceof WildDuckError ? `mailbox store: ${error.message}` : "mailbox store: temporary problem")
    }
  }

  async #note(message: MessageDocument, copy: Delivery): Promise<void> {
    const { copies, now } = this.#options.database
    const insert = { messageId: message._id, user: copy.user ?? "", expireAt: new Date(message.expireAt.getTime() + 2 * day) }
    await copies.updateOne({ _id: copy.id }, { $set: { state: "removed", changedAt: now() }, $setOnInsert: insert }, { upsert: true })
  }
}

function removed(reply: string): Outcome {
  return { kind: "delivered", reply, server, event: "mailbox-removed" }
}

function deferred(reply: string, untried = false): Outcome {
  return { kind: "deferred", failure: "host", reply, server, ...(untried ? { untried } : {}) }
}

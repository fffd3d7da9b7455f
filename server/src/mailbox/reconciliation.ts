import { setTimeout as sleep } from "node:timers/promises"
import type { Filter } from "mongodb"
import type { Logger } from "../logger.ts"
import type { Database } from "../store/database.ts"
import type { UserDocument } from "../store/documents.ts"
import { LeaderLoop } from "../store/leader-loop.ts"
import type { Provisioning } from "./provisioning.ts"
import { WildDuckError } from "./wildduck-error.ts"

export interface ReconciliationOptions {
  readonly database: Database
  readonly provisioning: Provisioning
  readonly log: Logger
  /** Time between two rounds, milliseconds. */
  readonly interval?: number
  /** Accounts made or changed a second, at most. */
  readonly perSecond?: number
}

const pageSize = 200
const leaseDuration = 30_000

/**
 * Makes the accounts of all covered users ahead of any outage, so that its beginning makes none, and brings those up to
 * date whose change did not reach WildDuck at once. Slowly, on one node at a time; what is left to do is asked of the
 * database each time, so that it goes on where it was after any interruption.
 */
export class Reconciliation {
  readonly #options: ReconciliationOptions
  readonly #loop: LeaderLoop

  constructor(options: ReconciliationOptions) {
    const { database, log, interval = 15_000 } = options
    this.#options = options
    this.#loop = new LeaderLoop({
      database,
      lease: "reconciliation",
      leaseDuration,
      turn: async (lease, signal) => {
        await this.round(async () => lease.take(), signal)
        return interval
      },
      failed: (error) => log.warn({ error: String(error) }, "mailboxes are made ready a little later"),
      rest: interval,
    })
  }

  start(): void {
    this.#loop.start()
  }

  async stop(): Promise<void> {
    await this.#loop.stop()
  }

  /** Begins the next round now: after coverage changed, or many users were imported. */
  nudge(): void {
    this.#loop.nudge()
  }

  /**
   * One round over everybody; returns how many accounts it made or changed. A user whose account cannot be made is
   * passed over until the next round; while WildDuck is away the round ends.
   */
  async round(renew: () => Promise<boolean> = async () => true, signal: AbortSignal = new AbortController().signal): Promise<number> {
    const pause = 1_000 / (this.#options.perSecond ?? 20)
    let done = 0
    let after = ""
    let renewAt = Date.now() + leaseDuration / 3
    for (;;) {
      const users = await this.#options.database.users.find({ ...(await this.#todo()), _id: { $gt: after } }, { sort: { _id: 1 }, limit: pageSize }).toArray()
      for (const user of users) {
        if (signal.aborted) return done
        if (Date.now() >= renewAt) {
          if (!(await renew())) return done
          renewAt = Date.now() + leaseDuration / 3
        }
        const started = Date.now()
        if ((await this.#ensure(user)) === "away") return done
        done++
        await sleep(Math.max(0, pause - (Date.now() - started)), undefined, { signal }).catch(() => undefined)
      }
      const last = users.at(-1)
      if (!last || users.length < pageSize) return done
      after = last._id
    }
  }

  async #ensure(user: UserDocument): Promise<"done" | "failed" | "away"> {
    try {
      await this.#options.provisioning.ensureMailbox(user)
      return "done"
    } catch (error) {
      const away = error instanceof WildDuckError && error.failure === "temporary" && error.status === 0 && error.code !== undefined
      this.#options.log.warn({ user: user._id, error: String(error) }, "a mailbox is not ready")
      return away ? "away" : "failed"
    }
  }

  /** Users with an account that is out of date, and covered users without one (`identity/covered` says who is). */
  async #todo(): Promise<Filter<UserDocument>> {
    const domains = await this.#options.database.domains.find({ "continuity.enabled": true }, { projection: { "continuity.coverage": 1 } }).toArray()
    const whole = domains.flatMap((domain) => (domain.continuity.coverage === "all" ? [domain._id] : []))
    const selected = domains.flatMap((domain) => (domain.continuity.coverage === "selected" ? [domain._id] : []))
    return {
      $or: [
        { mailbox: { $ne: null }, $expr: { $lt: ["$mailbox.version", "$version"] } },
        { mailbox: null, domain: { $in: whole } },
        { mailbox: null, domain: { $in: selected }, selected: true },
      ],
    }
  }
}

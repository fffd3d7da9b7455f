import type { Filter } from "mongodb"
import type { Logger } from "../logger.ts"
import type { Database } from "../store/database.ts"
import type { Hop, MessageDocument } from "../store/documents.ts"
import type { DomainCache } from "../store/domain-cache.ts"
import type { ContinuitySettings } from "./continuity-settings.ts"

export interface DrainParts {
  readonly database: Database
  readonly domains: DomainCache
  readonly settings: ContinuitySettings
  readonly log: Logger
  /** Whether mail of a domain is held for the drain, each time it was looked at. */
  readonly holds: (domain: string, held: boolean) => void
  /** A recovering domain has nothing left of its outage. */
  readonly drained: (domain: string) => Promise<void>
}

/** What of an outage still waits for a primary. */
export interface Remaining {
  readonly held: boolean
  /** Deliveries of the outage that are at work, or were not tried since. */
  readonly underWay: boolean
}

/** Looks whether mail is held for the drain, and when a recovering domain is through with it. The workers do the draining. */
export class Drain {
  readonly #parts: DrainParts
  readonly #looks = new Map<string, { running: Promise<void> | undefined; dueAt: number }>()
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(parts: DrainParts) {
    this.#parts = parts
  }

  start(): void {
    this.#timer = setInterval(() => this.tick(), Math.max(20, this.#parts.settings.sweepEvery / 4))
    this.#timer.unref()
    this.tick()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await Promise.allSettled([...this.#looks.values()].map((look) => look.running))
  }

  /** Looks at a domain with the next tick: its mode changed. */
  soon(domain: string): void {
    const look = this.#looks.get(domain)
    if (look) look.dueAt = 0
    this.tick()
  }

  /** Looks at every domain whose turn it is. */
  tick(): void {
    const now = performance.now()
    for (const domain of this.#parts.domains.all()) {
      const look = this.#looks.get(domain._id) ?? { running: undefined, dueAt: 0 }
      this.#looks.set(domain._id, look)
      if (this.#stopped || look.running || now < look.dueAt || domain.mode.mode === "emergency") continue
      const { settings, log } = this.#parts
      const fresh = domain.mode.mode === "recovering" || this.#parts.database.now().getTime() - domain.mode.since.getTime() < settings.settleFor
      look.dueAt = now + (fresh ? settings.sweepEvery : settings.heldCheckEvery)
      look.running = this.#look(domain._id, domain.mode.mode === "recovering")
        .then((held) => {
          if (held) look.dueAt = Math.min(look.dueAt, now + settings.sweepEvery)
        })
        .catch((error: unknown) => log.warn({ domain: domain._id, error: String(error) }, "held mail could not be looked at"))
        .finally(() => {
          look.running = undefined
        })
    }
  }

  async #look(domain: string, recovering: boolean): Promise<boolean> {
    const remaining = await remainingOf(this.#parts.database, domain, recovering)
    this.#parts.holds(domain, remaining.held)
    if (recovering && isDrained(remaining)) await this.#parts.drained(domain)
    return remaining.held
  }
}

/**
 * Whether a recovery is over. Mail that the primary defers one by one is retried in normal operation, and mail it refused
 * waits for the administrator: neither keeps the domain recovering.
 */
export function isDrained(remaining: Remaining): boolean {
  return !remaining.held && !remaining.underWay
}

/** Looks up what of its outage a domain still has; without `underWay` only at what is held. */
export async function remainingOf(database: Database, domain: string, underWay: boolean): Promise<Remaining> {
  const hop: Hop = `primary:${domain}`
  const any = async (match: Record<string, unknown>) => {
    const filter = { deliveries: { $elemMatch: { hop, ...match } } } as Filter<MessageDocument>
    return (await database.messages.findOne(filter, { projection: { _id: 1 }, hint: "work" })) !== null
  }
  // Held is looked at before and after: a delivery that goes to work, or comes back, between the looks is seen by one of them.
  const held = await any({ state: "held", heldFor: "drain" })
  if (held || !underWay) return { held, underWay: false }
  if (await any({ state: { $in: ["active", "queued"] }, outageId: { $ne: null } })) return { held, underWay: true }
  return { held: await any({ state: "held", heldFor: "drain" }), underWay: false }
}

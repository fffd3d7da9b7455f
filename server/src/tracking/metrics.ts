import { Counter, Gauge, Registry, collectDefaultMetrics } from "prom-client"
import { openStates } from "@lifeboat/shared/delivery-state"
import type { Claim, Outcome } from "../delivery/delivery-target.ts"
import type { Logger } from "../logger.ts"
import type { Database } from "../store/database.ts"
import type { DomainDocument } from "../store/documents.ts"

/** Open deliveries are counted at most this often, whoever asks, milliseconds. */
const countEveryMs = 15_000
const countTimeout = 5_000
/** Domains shown one by one; the others only in the sums. */
const domainsShown = 200

type OpenState = (typeof openStates)[number]
const modes = ["normal", "emergency", "recovering"] as const

export interface MetricsOptions {
  readonly database: Database
  readonly domains: { all(): DomainDocument[] }
  /** Messages this node is delivering now. */
  readonly inProgress: () => number
  readonly log: Logger
}

/** What monitoring sees of a node (H3), beside the process's own metrics. Labels are from closed lists, domains are bounded. */
export class Metrics {
  readonly registry = new Registry()
  readonly #database: Database
  readonly #options: MetricsOptions
  readonly #accepted: Counter
  readonly #attempts: Counter<"hop" | "outcome">
  #open: ReadonlyMap<string, number> = new Map()
  #countedAt = -Infinity

  constructor(options: MetricsOptions) {
    this.#database = options.database
    this.#options = options
    const registers = [this.registry]
    collectDefaultMetrics({ register: this.registry })
    this.#accepted = new Counter({ name: "lifeboat_mails_accepted_total", help: "Mails this node has accepted", registers })
    this.#attempts = new Counter({ name: "lifeboat_attempts_total", help: "Delivery attempts of this node, one a recipient, by kind of hop and outcome", labelNames: ["hop", "outcome"], registers })
    new Gauge({ name: "lifeboat_deliveries_in_progress", help: "Messages this node is delivering", registers, collect() { this.set(options.inProgress()) } })
    const openDeliveries = async () => this.#openDeliveries()
    new Gauge({
      name: "lifeboat_deliveries_open", help: "Deliveries of the whole installation that are not over, by state", labelNames: ["state"], registers,
      async collect() {
        const open = await openDeliveries()
        for (const state of openStates) this.set({ state }, open.get(state) ?? 0)
      },
    })
    new Gauge({
      name: "lifeboat_domains", help: "Hosted domains by mode", labelNames: ["mode"], registers,
      collect() {
        for (const mode of modes) this.set({ mode }, options.domains.all().filter((domain) => domain.mode.mode === mode).length)
      },
    })
    new Gauge({
      name: "lifeboat_domain_mode", help: `Mode of each domain: 1 for the one it is in. Of more than ${domainsShown} domains, those not in normal mode first`, labelNames: ["domain", "mode"], registers,
      collect() {
        this.reset()
        for (const { _id: domain, mode } of shownDomains(options.domains.all())) for (const each of modes) this.set({ domain, mode: each }, mode.mode === each ? 1 : 0)
      },
    })
  }

  accepted(): void {
    this.#accepted.inc()
  }

  /** Counts what was tried; of a primary's hop only its kind is told. */
  attempted({ claim, outcomes }: { readonly claim: Pick<Claim, "deliveries">; readonly outcomes: ReadonlyMap<string, Outcome> }): void {
    for (const { id, hop } of claim.deliveries) {
      const outcome = outcomes.get(id)
      if (!outcome || (outcome.kind === "deferred" && outcome.untried)) continue
      this.#attempts.inc({ hop: hop.split(":")[0] ?? "", outcome: outcome.kind })
    }
  }

  /** Counts as of lately; those before where the database does not answer. */
  async #openDeliveries(): Promise<ReadonlyMap<string, number>> {
    if (performance.now() - this.#countedAt < countEveryMs) return this.#open
    this.#countedAt = performance.now()
    try {
      this.#open = await this.#count()
    } catch (error) {
      this.#options.log.warn({ error: String(error) }, "open deliveries were not counted")
    }
    return this.#open
  }

  async #count(): Promise<ReadonlyMap<OpenState, number>> {
    const hops = ["mailbox", "outside", "removal", ...this.#options.domains.all().map((domain) => `primary:${domain._id}`)]
    const states = [...openStates]
    const rows = await this.#database.messages
      .aggregate<{ _id: OpenState; count: number }>(
        [
          { $match: { deliveries: { $elemMatch: { hop: { $in: hops }, state: { $in: states } } } } },
          { $project: { states: "$deliveries.state" } },
          { $unwind: "$states" },
          { $match: { states: { $in: states } } },
          { $group: { _id: "$states", count: { $sum: 1 } } },
        ],
        { hint: "work", maxTimeMS: countTimeout },
      )
      .toArray()
    return new Map(rows.map((row) => [row._id, row.count]))
  }
}

/** The domains whose mode is shown, those in trouble first. */
export function shownDomains<T extends Pick<DomainDocument, "_id" | "mode">>(domains: readonly T[], limit = domainsShown): T[] {
  const normal = (domain: T) => (domain.mode.mode === "normal" ? 1 : 0)
  return domains.toSorted((a, b) => normal(a) - normal(b) || (a._id < b._id ? -1 : 1)).slice(0, limit)
}

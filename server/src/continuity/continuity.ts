import { ApiError } from "@lifeboat/shared/api-errors"
import type { OutageView } from "@lifeboat/shared/schemas/archive"
import type { Config } from "../config.ts"
import type { Logger } from "../logger.ts"
import type { MessageChange } from "../queue/apply-outcomes.ts"
import type { Database } from "../store/database.ts"
import type { Delivery, DomainDocument, Hop, MessageDocument, ModeState } from "../store/documents.ts"
import type { DomainCache } from "../store/domain-cache.ts"
import type { TrackingEvent } from "../tracking/tracker.ts"
import { continuitySettings, type ContinuitySettings, type ThresholdName } from "./continuity-settings.ts"
import { Drain } from "./drain.ts"
import { Monitor, type ModeChanged, type Probe } from "./monitor.ts"
import { beginOutage, endOutage, reconcileOutages } from "./outages.ts"
import { PrimaryGate } from "./primary-gate.ts"
import { RefusedMail, type RefusedMailChoice } from "./refused-mail.ts"
import { Reports } from "./report.ts"
import { Rescue } from "./rescue.ts"
import type { Signal, SignalSink } from "./signals.ts"

/** What the queue must be able to do for the continuity service. */
export interface ContinuityQueue {
  change(messageId: string, decide: (message: MessageDocument) => MessageChange | undefined): Promise<boolean>
  changeMany(messages: readonly MessageDocument[], decide: (message: MessageDocument) => MessageChange | undefined): Promise<string[]>
  retryNow(hop: Hop): Promise<number>
}

export interface ContinuityParts {
  readonly config: Pick<Config, "scaled" | "scaledTimeout">
  readonly database: Database
  readonly domains: DomainCache
  readonly queue: ContinuityQueue
  readonly tracker: { track(event: TrackingEvent): void }
  readonly probe: Probe
  /** Accepts the report to the sender of deliveries that are given up; durable when it resolves. */
  readonly report: (message: MessageDocument, failed: Delivery[]) => Promise<void>
  readonly log: Logger
  readonly thresholds?: Partial<Record<ThresholdName, number>>
  readonly random?: () => number
}

/**
 * The continuity service of this node: signals and probes move the modes, and the modes move the mail, into the
 * mailboxes and back. All state lies in the database; any number of nodes may run it.
 */
export class Continuity implements SignalSink {
  /** All thresholds as this node uses them. */
  readonly settings: ContinuitySettings
  readonly #parts: ContinuityParts
  readonly #monitor: Monitor
  readonly #rescue: Rescue
  readonly #drain: Drain
  readonly #refused: RefusedMail
  readonly #reports: Reports
  readonly #gates = new Map<string, PrimaryGate>()
  readonly #work = new Set<Promise<unknown>>()
  #unfollow: (() => void) | undefined
  #reconciling: NodeJS.Timeout | undefined

  constructor(parts: ContinuityParts) {
    const settings = continuitySettings(parts.config, parts.thresholds)
    this.settings = settings
    this.#parts = parts
    this.#monitor = new Monitor({ ...parts, settings, changed: (change) => this.#changed(change) })
    this.#rescue = new Rescue({ ...parts, settings })
    this.#drain = new Drain({
      ...parts,
      settings,
      holds: (domain, held) => this.#gates.get(domain)?.holds(held),
      drained: async (domain) => void (await this.#monitor.apply(domain, { type: "drained" })),
    })
    this.#refused = new RefusedMail(parts)
    this.#reports = new Reports(parts.database)
  }

  /** Begins to probe, to rescue and to drain. The domain cache has to be running. */
  start(): void {
    this.#unfollow = this.#parts.domains.onChange((name, domain) => this.#follow(name, domain))
    for (const domain of this.#parts.domains.all()) this.#follow(domain._id, domain)
    this.#monitor.start()
    this.#rescue.start()
    this.#drain.start()
    const reconcile = () => this.#do("outages", reconcileOutages(this.#parts.database))
    reconcile()
    this.#reconciling = setInterval(reconcile, 60_000)
    this.#reconciling.unref()
  }

  /** Ends what is under way at the next safe point; another node, or the next start, goes on with it. */
  async stop(): Promise<void> {
    this.#unfollow?.()
    clearInterval(this.#reconciling)
    await Promise.all([this.#monitor.stop(), this.#rescue.stop(), this.#drain.stop()])
    await Promise.allSettled([...this.#work])
    for (const gate of this.#gates.values()) gate.close()
  }

  signal(signal: Signal): void {
    this.#monitor.signal(signal)
  }

  /** The gate of the worker for a domain's primary: always the same one for the same domain. */
  gateFor(domain: string): PrimaryGate {
    const known = this.#gates.get(domain)
    if (known) return known
    const gate = new PrimaryGate(this.settings, () => this.#retry(domain))
    this.#gates.set(domain, gate)
    this.#lead(gate, this.#parts.domains.get(domain))
    this.#drain.soon(domain)
    return gate
  }

  /**
   * Forces a mode, or releases the forced one (null). Returns the state after it. Throws ApiError `not-found`,
   * `service-disabled` or `no-primary` (an emergency nobody could ever leave).
   */
  async force(domain: string, mode: "emergency" | "normal" | null, by: string): Promise<ModeState> {
    if (mode === "emergency") {
      const document = await this.#parts.database.domains.findOne({ _id: domain })
      if (!document) throw new ApiError("not-found")
      if (!document.continuity.enabled) throw new ApiError("service-disabled")
      if (!document.primary) throw new ApiError("no-primary")
    }
    const applied = await this.#monitor.apply(domain, { type: "forced", mode, by })
    if (!applied) throw new ApiError("not-found")
    return applied.state
  }

  /** Takes in new settings of a domain at once: service, activation, primary, or who is covered. */
  async settingsChanged(domain: string, by: string): Promise<void> {
    await this.#parts.domains.refresh(domain)
    await this.#monitor.apply(domain, { type: "settings", by, primaryChanged: false })
    if (this.#parts.domains.get(domain)?.mode.mode === "emergency") this.#rescue.kick(domain)
  }

  /** The recovery report of one outage; undefined: there is no such outage of this domain. */
  outageReport(domain: string, outageId: string): Promise<OutageView | undefined> {
    return this.#reports.outage(domain, outageId)
  }

  /** Reports of a domain's outages, newest first, at most 250; `before`: only those that began earlier. */
  outages(domain: string, limit?: number, before?: Date): Promise<OutageView[]> {
    return this.#reports.outages(domain, limit, before)
  }

  /** Tries mail again that the primary refused after an outage. Returns the number of deliveries. */
  async releaseRefused(domain: string, choice: RefusedMailChoice): Promise<number> {
    return this.#refused.release(domain, choice)
  }

  /** Gives such mail up, with a report to its senders. Returns the number of deliveries. */
  async failRefused(domain: string, choice: RefusedMailChoice): Promise<number> {
    return this.#refused.fail(domain, choice)
  }

  #follow(name: string, domain: DomainDocument | undefined): void {
    const gate = this.#gates.get(name)
    if (!gate) return
    const before = gate.mode
    this.#lead(gate, domain)
    if (gate.mode !== before) this.#drain.soon(name)
  }

  #lead(gate: PrimaryGate, domain: DomainDocument | undefined): void {
    gate.follow(domain?.mode.mode ?? "normal", (domain?.primary ?? null) !== null, domain?.mode.watch?.confirming ?? false)
  }

  /** What follows from a change this node made. All of it is found again by somebody else if this node dies here. */
  #changed({ domain, after, effects }: ModeChanged): void {
    const { database } = this.#parts
    for (const effect of effects) {
      switch (effect.kind) {
        case "outage-started":
          this.#do("outage", beginOutage(database, domain, after))
          break
        case "outage-ended":
          this.#do("outage", endOutage(database, effect.outageId, after.since))
          break
        case "rescue":
          this.#rescue.kick(domain)
          break
        case "release":
          this.#gates.get(domain)?.resume()
          this.#drain.soon(domain)
          this.#retry(domain)
          break
        case "probe":
          break
      }
    }
  }

  #retry(domain: string): void {
    this.#do("retry", this.#parts.queue.retryNow(`primary:${domain}`))
  }

  #do(what: string, work: Promise<unknown>): void {
    const watched = work.catch((error: unknown) => this.#parts.log.warn({ error: String(error) }, `${what} is put off for a moment`))
    this.#work.add(watched)
    void watched.finally(() => this.#work.delete(watched))
  }
}

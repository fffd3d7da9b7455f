import type { Claim, DeliveryTarget, Outcome } from "../delivery/delivery-target.ts"
import type { Logger } from "../logger.ts"
import type { DomainCache } from "../store/domain-cache.ts"
import type { Hop } from "../store/documents.ts"
import { openGate, type HopGate } from "./hop-gate.ts"
import type { Attempted, Queue } from "./queue.ts"
import { Worker } from "./worker.ts"

/** Where each kind of work goes. */
export interface WorkerTargets {
  readonly primary: DeliveryTarget & { preload(claims: readonly Claim[]): Promise<void> }
  readonly outside: DeliveryTarget & { preload(claims: readonly Claim[]): Promise<void> }
  /** Undefined on nodes without the mailbox store. */
  readonly mailbox: DeliveryTarget | undefined
  readonly removal: DeliveryTarget | undefined
}

export interface WorkersOptions {
  readonly domains: DomainCache
  readonly queue: Queue
  readonly targets: WorkerTargets
  readonly gateFor: (domain: string) => HopGate
  /** What users deleted in the mailbox, asked before a mail leaves for a primary (A9). */
  readonly decideReleases: (claims: readonly Claim[]) => Promise<ReadonlyMap<string, Outcome>>
  /** Sets how many connections to a domain's primary may be open. */
  readonly connections: (domain: string, connections: number) => void
  /** Hears every outcome of a domain's primary. */
  readonly learned: (domain: string, outcome: Outcome, messageId: string) => void
  readonly settle: (attempts: readonly Attempted[]) => Promise<void>
  readonly log: Logger
}

const outsideConcurrency = 20
const mailboxConcurrency = 4
const pollPerDomain = 5

/** One worker for each hop: one a primary, made and ended as domains come and go, and those for mailbox, removals and the outside. */
export class Workers {
  readonly #options: WorkersOptions
  readonly #primaries = new Map<string, Worker>()
  readonly #others: Worker[] = []
  #unfollow: (() => void) | undefined

  constructor(options: WorkersOptions) {
    this.#options = options
  }

  start(): void {
    const { domains, targets } = this.#options
    this.#unfollow = domains.onChange((name, document) => {
      if (document) this.#addPrimary(name)
      else void this.#removePrimary(name)
    })
    for (const domain of domains.all()) this.#addPrimary(domain._id)
    this.#add("outside", targets.outside, openGate(outsideConcurrency), (claims) => targets.outside.preload(claims))
    if (targets.mailbox) this.#add("mailbox", targets.mailbox, openGate(mailboxConcurrency))
    if (targets.removal) this.#add("removal", targets.removal, openGate(mailboxConcurrency))
  }

  async stop(): Promise<void> {
    this.#unfollow?.()
    await Promise.all([...this.#primaries.values(), ...this.#others].map((worker) => worker.stop()))
  }

  /** Claims in progress on this node. */
  get inProgress(): number {
    return [...this.#primaries.values(), ...this.#others].reduce((sum, worker) => sum + worker.inProgress, 0)
  }

  #add(hop: Hop, target: DeliveryTarget, gate: HopGate, prepare?: (claims: readonly Claim[]) => Promise<void>): void {
    const { queue, settle, log } = this.#options
    const worker = new Worker({ hop, queue, gate, target, settle, log, ...(prepare ? { prepare } : {}) })
    this.#others.push(worker)
    worker.start()
  }

  #addPrimary(domain: string): void {
    if (this.#primaries.has(domain)) return
    const { queue, settle, log, targets, gateFor, learned, decideReleases, domains, connections } = this.#options
    const gate = gateFor(domain)
    const widen = () => connections(domain, Math.max(1, gate.allowance().concurrency))
    gate.onChange(widen)
    widen()
    const worker = new Worker({
      hop: `primary:${domain}`,
      queue,
      target: targets.primary,
      gate: {
        allowance: () => gate.allowance(),
        onChange: (listener) => gate.onChange(listener),
        learned: (outcome, messageId) => {
          gate.learned(outcome, messageId)
          learned(domain, outcome, messageId)
        },
      },
      decide: decideReleases,
      prepare: (claims) => targets.primary.preload(claims),
      settle,
      log,
      pollInterval: Math.max(1_000, domains.all().length * pollPerDomain),
    })
    this.#primaries.set(domain, worker)
    worker.start()
  }

  async #removePrimary(domain: string): Promise<void> {
    const worker = this.#primaries.get(domain)
    this.#primaries.delete(domain)
    await worker?.stop()
  }
}

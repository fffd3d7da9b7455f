import type { Claim, DeliveryTarget, Outcome } from "../delivery/delivery-target.ts"
import type { Logger } from "../logger.ts"
import { answerWithin } from "../store/deadline.ts"
import type { Hop } from "../store/documents.ts"
import type { HopGate } from "./hop-gate.ts"
import { leaseMs, type Attempted, type Queue } from "./queue.ts"

/** What a worker needs; `settle` writes outcomes down and tells who has to know. */
export interface WorkerOptions {
  readonly hop: Hop
  readonly queue: Queue
  readonly gate: HopGate
  readonly target: DeliveryTarget
  /** Outcomes decided without an attempt: what its user deleted meanwhile (A9). Never rejects. */
  readonly decide?: (claims: readonly Claim[]) => Promise<ReadonlyMap<string, Outcome>>
  /** Loads what the target needs for a batch in one query. */
  readonly prepare?: (claims: readonly Claim[]) => Promise<void>
  readonly settle: (attempts: readonly Attempted[]) => Promise<void>
  readonly log: Logger
  /** How often it looks for work nobody nudged about, milliseconds. */
  readonly pollInterval?: number
}

const batchSize = 200
/** Claims in progress for each connection: one batch is claimed and one written down while another is delivered. */
const claimsPerConnection = 30
const renewInterval = leaseMs / 3
const settleRetry = 500
/** One write that is never answered must not stop a hop for good; writing outcomes down again changes nothing. ms */
const settlePatience = 30_000
/** Reading what a batch needs. ms */
const preparePatience = 15_000
/** How long the decision about what users deleted may take, milliseconds. */
const decidePatience = 15_000
/**
 * While an outcome has not been written down for this long, nothing more is begun: the database may be away, and all that
 * arrives meanwhile would arrive again if this node died too. ms
 */
const unwrittenMost = 300

/**
 * Works on one hop: claims what the gate lets through, hands it to the target, has the outcomes written down in
 * batches. A claim is given up only when its outcome is durable; while the database is away, outcomes are kept.
 */
export class Worker {
  readonly #options: WorkerOptions
  readonly #inProgress = new Map<string, Claim>()
  /** When the leases of what is in progress end, monotonic ms: a node that was frozen must not go on with another's work. */
  readonly #leaseEnds = new Map<string, number>()
  /** Claimed and not begun, oldest first. */
  #waiting: { readonly claim: Claim; readonly decided: ReadonlyMap<string, Outcome> }[] = []
  #delivering = 0
  readonly #attempted: (Attempted & { readonly endedAt: number })[] = []
  readonly #stopping = new AbortController()
  #claiming = false
  #again = false
  #settling: Promise<void> | undefined
  #timers: NodeJS.Timeout[] = []
  #unsubscribe: (() => void)[] = []

  constructor(options: WorkerOptions) {
    this.#options = options
  }

  start(): void {
    const { queue, hop, gate, pollInterval = 1_000 } = this.#options
    const wake = () => {
      this.#begin()
      void this.#claim()
    }
    this.#unsubscribe = [queue.onNudge(hop, wake), gate.onChange(wake)]
    this.#timers = [setInterval(wake, pollInterval), setInterval(() => void this.#renew(), renewInterval)]
    wake()
  }

  /** Takes no more work, waits up to `deadline` ms for what is in progress, then cuts it off. Nothing is lost by that. */
  async stop(deadline = 10_000): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    for (const timer of this.#timers) clearInterval(timer)
    this.#stopping.abort()
    this.#begin()
    const until = Date.now() + deadline
    while ((this.#inProgress.size > 0 || this.#settling) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20))
  }

  get inProgress(): number {
    return this.#inProgress.size
  }

  async #claim(): Promise<void> {
    if (this.#claiming) {
      this.#again = true
      return
    }
    this.#claiming = true
    try {
      do {
        this.#again = false
        const taken = await this.#claimOnce()
        if (taken > 0) this.#again = true
      } while (this.#again && !this.#stopping.signal.aborted)
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#options.log.warn({ hop: this.#options.hop, error: String(error) }, "no work could be claimed for the moment")
    } finally {
      this.#claiming = false
    }
  }

  async #claimOnce(): Promise<number> {
    const { queue, hop, gate, prepare, decide } = this.#options
    const allowance = gate.allowance()
    if (this.#stopping.signal.aborted || allowance.claim === "nothing") return 0
    const most = claimsAtOnce(allowance.concurrency)
    const room = Math.min(batchSize, most - this.#inProgress.size)
    if (room < Math.max(1, Math.min(batchSize, most) / 2)) return 0
    const except = new Set(this.#inProgress.keys())
    const claimedAt = performance.now()
    const drains = allowance.claim === "due-and-held"
    // In a drain neither the held nor the new mail waits for the other: each has half of the room, or what the other leaves.
    let claims = await queue.claim(hop, drains ? Math.ceil(room / 2) : room, { except })
    if (drains && claims.length < room) {
      const held = queue.claim(hop, room - claims.length, { held: true, except: new Set([...except, ...claims.map((claim) => claim.message._id)]) })
      // What is claimed already must be worked on, or its lease would have to end first.
      claims = [...claims, ...(await (claims.length === 0 ? held : held.catch(() => [])))]
    }
    if (claims.length === 0) return 0
    for (const claim of claims) {
      this.#inProgress.set(claim.message._id, claim)
      this.#leaseEnds.set(claim.message._id, claimedAt + leaseMs)
    }
    const none: ReadonlyMap<string, Outcome> = new Map()
    // Without an answer everything goes out: in doubt, deliver.
    const decided = decide ? await answerWithin(decidePatience, decide(claims)).catch(() => none) : none
    const rest: Claim[] = []
    for (const claim of claims) {
      const over = claim.deliveries.filter((delivery) => decided.has(delivery.id))
      if (over.length === claim.deliveries.length) this.#done(claim, decided)
      else rest.push(over.length === 0 ? claim : { ...claim, deliveries: claim.deliveries.filter((delivery) => !decided.has(delivery.id)) })
    }
    if (prepare) await answerWithin(preparePatience, prepare(rest)).catch(() => undefined)
    this.#waiting.push(...rest.map((claim) => ({ claim, decided })))
    this.#begin()
    return claims.length
  }

  /** Begins as many deliveries as the gate allows side by side. Where it allows none any more, or this node stops, their target ends them all at once. */
  #begin(): void {
    const { claim, concurrency } = this.#options.gate.allowance()
    const most = claim === "nothing" || this.#stopping.signal.aborted ? Infinity : Math.max(1, concurrency)
    while (this.#waiting.length > 0 && this.#delivering < most && (most === Infinity || !this.#behind)) {
      const next = this.#waiting.shift()
      if (!next) return
      this.#delivering++
      void this.#deliver(next.claim, next.decided).finally(() => {
        this.#delivering--
        this.#begin()
      })
    }
  }

  get #behind(): boolean {
    const [oldest] = this.#attempted
    return oldest !== undefined && performance.now() - oldest.endedAt > unwrittenMost
  }

  async #deliver(claim: Claim, decided: ReadonlyMap<string, Outcome>): Promise<void> {
    let outcomes: ReadonlyMap<string, Outcome>
    if (performance.now() > (this.#leaseEnds.get(claim.message._id) ?? 0)) return this.#forget(claim)
    try {
      outcomes = await this.#options.target.deliver(claim, this.#stopping.signal)
    } catch (error) {
      this.#options.log.error({ hop: this.#options.hop, messageId: claim.message._id, error: String(error) }, "a delivery ended in an unexpected error and is tried again")
      const outcome: Outcome = { kind: "deferred", failure: "message", reply: "unexpected error", server: "" }
      outcomes = new Map(claim.deliveries.map((delivery) => [delivery.id, outcome]))
    }
    for (const outcome of outcomes.values()) this.#options.gate.learned(outcome, claim.message._id)
    const own = claim.message.deliveries.filter((delivery) => decided.has(delivery.id) && delivery.lease?.token === claim.token)
    this.#done(claim, own.length === 0 ? outcomes : new Map([...decided].filter(([id]) => own.some((delivery) => delivery.id === id)).concat([...outcomes])))
  }

  #done(claim: Claim, outcomes: ReadonlyMap<string, Outcome>): void {
    this.#attempted.push({ claim, outcomes, endedAt: performance.now() })
    this.#settling ??= this.#settle()
  }

  async #settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#attempted.length > 0) {
      const batch = this.#attempted.slice(0, batchSize)
      try {
        await answerWithin(settlePatience, this.#options.settle(batch))
      } catch (error) {
        this.#options.log.warn({ hop: this.#options.hop, error: String(error) }, "outcomes could not be written down for the moment")
        await new Promise((resolve) => setTimeout(resolve, settleRetry))
        continue
      }
      this.#attempted.splice(0, batch.length)
      for (const { claim } of batch) this.#forget(claim)
      this.#begin()
      void this.#claim()
    }
    // In the same breath as the last look: what comes now begins anew.
    this.#settling = undefined
  }

  #forget(claim: Claim): void {
    this.#inProgress.delete(claim.message._id)
    this.#leaseEnds.delete(claim.message._id)
  }

  async #renew(): Promise<void> {
    const now = performance.now()
    const alive = [...this.#inProgress.values()].filter((claim) => now < (this.#leaseEnds.get(claim.message._id) ?? 0))
    if (alive.length === 0) return
    try {
      await this.#options.queue.renew(alive)
      for (const claim of alive) if (this.#inProgress.has(claim.message._id)) this.#leaseEnds.set(claim.message._id, now + leaseMs)
    } catch (error) {
      this.#options.log.warn({ hop: this.#options.hop, error: String(error) }, "leases could not be prolonged for the moment")
    }
  }
}

/** How many claims a worker holds: one for a canary, otherwise enough to keep every connection busy. */
function claimsAtOnce(concurrency: number): number {
  return concurrency <= 1 ? concurrency : Math.min(3 * batchSize, concurrency * claimsPerConnection)
}

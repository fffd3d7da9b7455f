import type { SmtpReply } from "@lifeboat/shared/smtp-replies"

/** Times and rates a client has to keep, ms and bytes a second. */
export interface Pace {
  /** Longest wait for a command or the next piece of DATA (RFC 5321 §4.5.3.2). */
  readonly idle: number
  /** The same while connections run short. */
  readonly idleUnderStress: number
  /** Slowest rate of DATA, averaged over all of it beyond `dataGrace`. */
  readonly dataRate: number
  readonly dataGrace: number
  /** How long stopping waits for transactions under way. */
  readonly stopping: number
}

export const defaultPace: Pace = { idle: 300_000, idleUnderStress: 10_000, dataRate: 500, dataGrace: 60_000, stopping: 10_000 }

/** What a session is doing towards its client; times are monotonic ms. */
export interface Waiting {
  readonly since: number | undefined
  readonly data: { readonly since: number; readonly bytes: number } | undefined
}

/** Whether a client is too slow to be kept. `stress`: connections run short. */
export function isTooSlow(waiting: Waiting, now: number, stress: boolean, pace: Pace): boolean {
  if (waiting.since === undefined) return false
  if (now - waiting.since > (stress ? pace.idleUnderStress : pace.idle)) return true
  if (!waiting.data) return false
  const spent = now - waiting.data.since - (stress ? Math.min(pace.dataGrace, pace.idleUnderStress) : pace.dataGrace)
  return spent > 0 && waiting.data.bytes < (spent / 1_000) * pace.dataRate
}

const mistakesAllowed = 20
const refusalsAllowed = 100
const failedSignInsAllowed = 4

/** Counts what a session does wrong; an accepted mail clears the count. */
export class Misbehaviour {
  #mistakes = 0
  #refusals = 0
  #failedSignIns = 0

  /** Takes a reply that was given; whether the session has to end. */
  tooMuch(reply: SmtpReply): boolean {
    if (reply.code < 500) return false
    if (reply.code === 535) return ++this.#failedSignIns >= failedSignInsAllowed
    if (reply.code === 550 || reply.code === 553) return ++this.#refusals > refusalsAllowed
    return ++this.#mistakes > mistakesAllowed
  }

  clear(): void {
    this.#mistakes = 0
    this.#refusals = 0
  }
}

/** Counts open connections, in all and by address. Loopback and trusted addresses count only in all. */
export class ConnectionCount {
  readonly #limits: { readonly connections: number; readonly connectionsPerAddress: number }
  readonly #byAddress = new Map<string, number>()
  #all = 0

  constructor(limits: { readonly connections: number; readonly connectionsPerAddress: number }) {
    this.#limits = limits
  }

  get all(): number {
    return this.#all
  }

  /** More than half of the connections are in use. */
  get stress(): boolean {
    return this.#all * 2 > this.#limits.connections
  }

  get full(): boolean {
    return this.#all >= this.#limits.connections
  }

  /** Whether this address has as many connections as it may have. */
  exhausted(address: string, trusted: boolean): boolean {
    return !trusted && !isLoopback(address) && (this.#byAddress.get(address) ?? 0) >= this.#limits.connectionsPerAddress
  }

  add(address: string): void {
    this.#all++
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1)
  }

  remove(address: string): void {
    this.#all--
    const left = (this.#byAddress.get(address) ?? 1) - 1
    if (left > 0) this.#byAddress.set(address, left)
    else this.#byAddress.delete(address)
  }
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1"
}

import type { Mode } from "@lifeboat/shared/continuity-mode"
import type { Outcome } from "../delivery/delivery-target.ts"
import type { Allowance, HopGate } from "../queue/hop-gate.ts"
import type { ContinuitySettings } from "./continuity-settings.ts"
import { canary, nextRamp, type Ramp, type RampNews } from "./ramp.ts"

const nothing: Allowance = { claim: "nothing", concurrency: 0 }

/**
 * Lets mail through to one domain's primary. In emergency nothing; else what is due, and while anything is held for the
 * drain that too. After a failure of the host it pauses, longer each time, and begins again with one canary; a drain
 * begins with one as well. Everything is answered from memory.
 */
export class PrimaryGate implements HopGate {
  readonly #settings: ContinuitySettings
  readonly #onReopened: () => void
  readonly #listeners = new Set<() => void>()
  #mode: Mode = "normal"
  #hasPrimary = true
  #confirming = false
  #held = false
  #ramp: Ramp
  #pause = 0
  #timer: NodeJS.Timeout | undefined
  #waitsForSuccess = false
  #busyInARow = 0
  #allowance: Allowance

  /** `onReopened` is called with the first success after a pause: what was deferred meanwhile may be tried again. */
  constructor(settings: ContinuitySettings, onReopened: () => void) {
    this.#settings = settings
    this.#onReopened = onReopened
    this.#ramp = { width: settings.connections, done: 0 }
    this.#allowance = { claim: "due", concurrency: settings.connections }
  }

  /** The mode it follows. */
  get mode(): Mode {
    return this.#mode
  }

  allowance(): Allowance {
    return this.#allowance
  }

  learned(outcome: Outcome): void {
    const news = newsOf(outcome)
    if (news === undefined) return
    if (news === "success") {
      this.#busyInARow = 0
      if (this.#waitsForSuccess) this.#reopened()
    } else if (this.#timer) return
    const busyRun = news === "busy" && outcome.reply.startsWith("421") && ++this.#busyInARow >= this.#settings.busyRepliesInARow
    if (news === "host-failure" || busyRun) this.#stop()
    else this.#ramp = nextRamp(this.#ramp, news, this.#settings.connections)
    this.#update()
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Follows the domain: its mode, whether it has a primary, and whether a failure of it is being confirmed. After a
   * failure no canary runs until that is decided, so that no mail is stuck in an attempt when its rescue begins.
   */
  follow(mode: Mode, hasPrimary: boolean, confirming: boolean): void {
    if (mode === this.#mode && hasPrimary === this.#hasPrimary && confirming === this.#confirming) return
    if (mode === "recovering" && this.#mode !== "recovering") this.resume()
    if (mode === "emergency") this.#held = true
    this.#mode = mode
    this.#hasPrimary = hasPrimary
    this.#confirming = confirming
    this.#update()
  }

  /** Whether mail is held for the drain; a drain that begins does so with the canary. */
  holds(held: boolean): void {
    if (held === this.#held) return
    this.#held = held
    if (held && this.#mode === "normal") this.#ramp = canary
    this.#update()
  }

  /** Ends a pause now and begins with the canary: the primary is known to answer again, or is another one. */
  resume(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#pause = 0
    this.#busyInARow = 0
    this.#ramp = canary
    this.#update()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#listeners.clear()
  }

  #stop(): void {
    this.#ramp = canary
    this.#waitsForSuccess = true
    this.#busyInARow = 0
    this.#pause = this.#pause === 0 ? this.#settings.pauseFirst : Math.min(this.#settings.pauseLongest, this.#pause * 2)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#update()
    }, this.#pause)
    this.#timer.unref()
  }

  #reopened(): void {
    this.#waitsForSuccess = false
    this.#pause = 0
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#onReopened()
  }

  #update(): void {
    const next = this.#next()
    if (next.claim === this.#allowance.claim && next.concurrency === this.#allowance.concurrency) return
    this.#allowance = next
    for (const listener of this.#listeners) listener()
  }

  #next(): Allowance {
    if (!this.#hasPrimary || this.#mode === "emergency" || this.#timer || (this.#confirming && this.#waitsForSuccess)) return nothing
    const drains = this.#mode === "recovering" || this.#held
    return { claim: drains ? "due-and-held" : "due", concurrency: this.#ramp.width }
  }
}

/** What an outcome says about the host; undefined: nothing. A refusal of one recipient is not the host's word. */
function newsOf(outcome: Outcome): RampNews | undefined {
  if (outcome.kind === "delivered") return "success"
  if (outcome.kind !== "deferred" || outcome.untried || outcome.server === "none") return undefined
  if (outcome.failure === "message" || outcome.reply.startsWith("421")) return "busy"
  return outcome.failure === "host" ? "host-failure" : undefined
}

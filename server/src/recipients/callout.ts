import type { SignalSink } from "../continuity/signals.ts"
import type { FailureClass } from "../delivery/delivery-target.ts"
import type { DomainDocument } from "../store/documents.ts"
import type { CalloutCache } from "./callout-cache.ts"

/** What a primary says about an address, as `delivery/probe` finds out. */
export type CalloutAnswer =
  | { readonly verdict: "accepted" | "refused"; readonly reply: string }
  | { readonly verdict: "temporary"; readonly reply: string; readonly failure: FailureClass }

/** Asks one primary about one address, within its own time-outs. */
export type AskPrimary = (primary: NonNullable<DomainDocument["primary"]>, address: string) => Promise<CalloutAnswer>

export interface CalloutDependencies {
  readonly ask: AskPrimary
  readonly cache: CalloutCache
  readonly signals: SignalSink
  readonly now: () => Date
  /** How long a primary in trouble is left alone, ms. */
  readonly restMs: number
}

/** Callouts under way to one primary, and to all. More than these are not asked. */
const atOnceOne = 20
const atOnceAll = 200

/**
 * Callout verification (B1): asks the primary whether it takes an address. The same question asked at the same time
 * is put once; a primary that failed as a host is left alone for a while, and questions are bounded in number.
 */
export class Callouts {
  readonly #dependencies: CalloutDependencies
  readonly #running = new Map<string, Promise<CalloutAnswer>>()
  readonly #underWay = new Map<string, number>()
  readonly #restUntil = new Map<string, number>()

  constructor(dependencies: CalloutDependencies) {
    this.#dependencies = dependencies
  }

  /** Never rejects: what cannot be found out is `temporary`. Answers go into the cache. */
  ask(domain: DomainDocument, canonical: string, address: string): Promise<CalloutAnswer> {
    const { primary } = domain
    if (!primary) return Promise.resolve({ verdict: "temporary", reply: "no primary is set", failure: "recipient" })
    const host = `${primary.host}:${primary.port}`
    const key = `${host} ${canonical}`
    const running = this.#running.get(key)
    if (running) return running
    const notNow = this.#notNow(host)
    if (notNow !== undefined) return Promise.resolve({ verdict: "temporary", reply: notNow, failure: "recipient" })
    this.#underWay.set(host, (this.#underWay.get(host) ?? 0) + 1)
    const asked = this.#ask(domain._id, primary, host, canonical, address).finally(() => {
      this.#running.delete(key)
      const left = (this.#underWay.get(host) ?? 1) - 1
      if (left > 0) this.#underWay.set(host, left)
      else this.#underWay.delete(host)
    })
    this.#running.set(key, asked)
    return asked
  }

  #notNow(host: string): string | undefined {
    const until = this.#restUntil.get(host)
    if (until !== undefined) {
      if (until > performance.now()) return "the mail server failed a moment ago and is not asked again yet"
      this.#restUntil.delete(host)
    }
    if (this.#running.size >= atOnceAll || (this.#underWay.get(host) ?? 0) >= atOnceOne) return "too many questions to the mail server are under way"
    return undefined
  }

  async #ask(domain: string, primary: NonNullable<DomainDocument["primary"]>, host: string, canonical: string, address: string): Promise<CalloutAnswer> {
    const { ask, cache, now, restMs, signals } = this.#dependencies
    let answer: CalloutAnswer
    try {
      answer = await ask(primary, address)
    } catch (error) {
      return { verdict: "temporary", reply: String(error), failure: "recipient" }
    }
    if (answer.verdict !== "temporary") cache.put(canonical, answer.verdict, answer.reply, now())
    else if (answer.failure === "host") {
      this.#restUntil.set(host, performance.now() + restMs)
      signals.signal({ kind: "failure", domain, failure: "host", reply: answer.reply })
    }
    return answer
  }
}

import type { ProbeResult } from "../delivery/probe.ts"
import type { Logger } from "../logger.ts"
import { answerWithin } from "../store/deadline.ts"
import type { Database } from "../store/database.ts"
import type { DomainDocument, ModeState } from "../store/documents.ts"
import type { DomainCache } from "../store/domain-cache.ts"
import { createMessageId } from "../archive/message-id.ts"
import type { ContinuitySettings } from "./continuity-settings.ts"
import { transition, type Effect, type ModeContext, type ModeEvent, type ProbeVerdict } from "./mode-machine.ts"
import { ProbeAddresses } from "./probe-addresses.ts"
import { probeVerdict } from "./probe-verdict.ts"
import type { Signal, SignalSink } from "./signals.ts"

/** Asks a primary on a fresh connection whether it would take mail; `timeout` is for each reply. Never rejects. */
export type Probe = (primary: NonNullable<DomainDocument["primary"]>, options: { recipient: string | undefined; timeout: number }, signal: AbortSignal) => Promise<ProbeResult>

/** A change of a domain's state that this node has made. */
export interface ModeChanged {
  readonly domain: string
  readonly before: ModeState
  readonly after: ModeState
  readonly effects: readonly Effect[]
}

export interface MonitorParts {
  readonly database: Database
  readonly domains: DomainCache
  readonly probe: Probe
  readonly settings: ContinuitySettings
  readonly log: Logger
  /** Carries out what follows from a change. */
  readonly changed: (change: ModeChanged) => void
  readonly random?: () => number
}

const casAttempts = 20
const waitingSignals = 50
const rememberedMails = 1_000
/** Addresses that a primary took before and defers now, so many that it is the primary. */
const witnesses = 2
/** How long the database may take to read or to write a mode, milliseconds: a call that hangs must not end the probing. */
const readPatience = 4_000
const writePatience = 8_000
/** Before a probe that could not be claimed, because the database was away, is tried again. */
const claimRetry = 1_000
/** A probe as a whole may take so many of its time-outs; then the primary is too slow to be up. */
const timeoutsPerProbe = 2

/**
 * Turns signals and probes into mode changes. The state lies in the domain; every change is one compare-and-set on its
 * version (invariant 5), and a probe is claimed by moving `nextProbeAt` on, so any number of nodes agree.
 */
export class Monitor implements SignalSink {
  readonly #parts: MonitorParts
  readonly #addresses: ProbeAddresses
  readonly #stopping = new AbortController()
  readonly #probes = new Set<Promise<void>>()
  readonly #claiming = new Set<string>()
  readonly #chains = new Map<string, { waiting: number; tail: Promise<unknown> }>()
  readonly #failedMails = new Map<string, Set<string>>()
  readonly #primaries = new Map<string, string>()
  #timer: NodeJS.Timeout | undefined
  #unfollow: (() => void) | undefined

  constructor(parts: MonitorParts) {
    this.#parts = parts
    this.#addresses = new ProbeAddresses(parts.database)
  }

  start(): void {
    for (const domain of this.#parts.domains.all()) this.#primaries.set(domain._id, primaryKey(domain))
    this.#unfollow = this.#parts.domains.onChange((name, domain) => this.#follow(name, domain))
    this.#timer = setInterval(() => this.#tick(), Math.max(20, this.#parts.settings.tick))
    this.#timer.unref()
    this.#tick()
  }

  /** Ends probes under way and waits for them. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#unfollow?.()
    this.#stopping.abort()
    await Promise.allSettled([...this.#probes, ...[...this.#chains.values()].map((chain) => chain.tail)])
  }

  signal(signal: Signal): void {
    const domain = this.#parts.domains.get(signal.domain)
    if (!domain || this.#stopping.signal.aborted) return
    if (signal.kind === "success") {
      if (!domain.mode.failureRun && !domain.mode.watch?.recipientRun) return
      this.#failedMails.delete(signal.domain)
      this.#offer(domain, { type: "success" })
      return
    }
    const again = signal.failure === "message" && signal.messageId !== undefined && this.#countedBefore(signal.domain, signal.messageId)
    this.#offer(domain, { type: "failure", failure: signal.failure, reply: signal.reply, again })
  }

  /**
   * Brings an event to a domain: reads, decides, writes by compare-and-set, again when another node was quicker. Returns
   * the state after it and whether it changed; undefined when there is no such domain. Throws when the database is away.
   */
  async apply(name: string, event: ModeEvent): Promise<{ state: ModeState; changed: boolean } | undefined> {
    const { database, domains } = this.#parts
    for (let attempt = 0; attempt < casAttempts; attempt++) {
      const domain = await answerWithin(readPatience, database.domains.findOne({ _id: name }))
      if (!domain) return undefined
      const { state, effects } = transition(domain.mode, event, this.#context(domain))
      if (state === domain.mode) {
        if ((domains.get(name)?.mode.version ?? 0) < state.version) await domains.refresh(name)
        return { state, changed: false }
      }
      const result = await answerWithin(writePatience, database.domains.updateOne({ _id: name, "mode.version": domain.mode.version }, { $set: { mode: state } }))
      if (result.matchedCount === 0) continue
      await domains.refresh(name).catch(() => undefined)
      if (state.mode !== domain.mode.mode) this.#failedMails.delete(name)
      this.#tell({ domain: name, before: domain.mode, after: state, effects })
      return { state, changed: true }
    }
    throw new Error(`the mode of ${name} changed too often`)
  }

  #tell(change: ModeChanged): void {
    const { after, before, domain } = change
    if (after.mode !== before.mode || after.forced !== before.forced) {
      this.#parts.log.info({ domain, mode: after.mode, before: before.mode, reason: after.reason, detail: after.detail, by: after.by, forced: after.forced }, "mode changed")
    }
    this.#parts.changed(change)
    if (change.effects.some((effect) => effect.kind === "probe")) this.#tick()
  }

  /** Events that change nothing as far as this node knows cost nothing; the others wait for their turn, domain by domain. */
  #offer(domain: DomainDocument, event: ModeEvent): void {
    if (transition(domain.mode, event, this.#context(domain)).state === domain.mode) return
    const chain = this.#chains.get(domain._id) ?? { waiting: 0, tail: Promise.resolve() }
    if (chain.waiting >= waitingSignals) return
    chain.waiting++
    this.#chains.set(domain._id, chain)
    chain.tail = chain.tail
      .then(() => {
        const current = this.#parts.domains.get(domain._id)
        const stillNews = current && transition(current.mode, event, this.#context(current)).state !== current.mode
        return stillNews && !this.#stopping.signal.aborted ? this.apply(domain._id, event) : undefined
      })
      .catch((error: unknown) => this.#parts.log.warn({ domain: domain._id, error: String(error) }, "a signal could not be written down"))
      .finally(() => {
        if (--chain.waiting === 0) this.#chains.delete(domain._id)
      })
  }

  #follow(name: string, domain: DomainDocument | undefined): void {
    if (!domain) {
      this.#primaries.delete(name)
      return
    }
    const key = primaryKey(domain)
    const before = this.#primaries.get(name)
    this.#primaries.set(name, key)
    if (before !== undefined && before !== key) this.#offer(domain, { type: "settings", by: "automatic", primaryChanged: true })
    else this.#tickDomain(domain, this.#parts.database.now().getTime())
  }

  #tick(): void {
    const now = this.#parts.database.now().getTime()
    for (const domain of this.#parts.domains.all()) this.#tickDomain(domain, now)
  }

  #tickDomain(domain: DomainDocument, now: number): void {
    if (this.#stopping.signal.aborted) return
    const { idleProbeEvery, probeTimeout } = this.#parts.settings
    const due = domain.mode.nextProbeAt?.getTime()
    if (due === undefined || domain.mode.forced || domain.primary === null || !domain.continuity.enabled) {
      if (!this.#chains.has(domain._id)) this.#offer(domain, { type: "settings", by: "automatic", primaryChanged: false })
      return
    }
    // A clock that jumped must not put off a probe for long.
    const farOff = due > now + 2 * idleProbeEvery + 2 * timeoutsPerProbe * probeTimeout
    if ((due > now && !farOff) || this.#claiming.has(domain._id)) return
    if (this.#probes.size >= this.#parts.settings.probesAtOnce && !domain.mode.watch?.confirming) return
    this.#claiming.add(domain._id)
    const probe = this.#runProbe(domain, new Date(due)).catch((error: unknown) => this.#parts.log.warn({ domain: domain._id, error: String(error) }, "a probe could not be done"))
    this.#probes.add(probe)
    void probe.finally(() => this.#probes.delete(probe))
  }

  async #runProbe(domain: DomainDocument, seen: Date): Promise<void> {
    const { database, settings } = this.#parts
    const timeout = domain.mode.watch?.confirming ? settings.confirmTimeout : settings.probeTimeout
    const deadline = timeoutsPerProbe * timeout
    const until = new Date(database.now().getTime() + deadline + timeout / 10)
    let claim: { changed: boolean } | undefined
    try {
      claim = await this.apply(domain._id, { type: "claim", seen, until })
      this.#claiming.delete(domain._id)
    } catch (error) {
      setTimeout(() => this.#claiming.delete(domain._id), claimRetry).unref()
      throw error
    }
    if (!claim?.changed || domain.primary === null) return
    const verdict = await this.#ask(domain, domain.primary, timeout, deadline)
    if (verdict && !this.#stopping.signal.aborted) await this.apply(domain._id, { type: "probe", claimed: until, verdict })
  }

  /** The probe itself. Where the primary defers its address, others that it took before in probes bear witness. */
  async #ask(domain: DomainDocument, primary: NonNullable<DomainDocument["primary"]>, timeout: number, deadline: number): Promise<ProbeVerdict | undefined> {
    const late = AbortSignal.timeout(Math.ceil(deadline))
    const signal = AbortSignal.any([this.#stopping.signal, late])
    const once = async (recipient: string | undefined): Promise<ProbeVerdict | undefined> => {
      const result = await this.#parts.probe(primary, { recipient, timeout }, signal)
      this.#parts.log.debug({ domain: domain._id, recipient, ...result }, "probe")
      if (result.ok && recipient !== undefined) this.#addresses.passed(domain._id, recipient)
      if (!result.ok && late.aborted) return { up: false, failure: "host", reason: "primary-silent", reply: `no answer within ${Math.round(deadline / 1000)} s` }
      return probeVerdict(result)
    }
    const recipient = await this.#addresses.next(domain)
    const verdict = await once(recipient)
    if (recipient === undefined || !isDeferredRecipient(verdict)) return verdict
    const known = this.#addresses.thatPassed(domain._id)
    const others = known.filter((address) => address !== recipient).slice(0, known.includes(recipient) ? witnesses - 1 : witnesses)
    if (known.length < witnesses) return verdict
    for (const other of others) {
      const second = await once(other)
      if (!isDeferredRecipient(second)) return second ?? verdict
    }
    // Neither greylisting nor full mailboxes: all were taken before, and all are deferred now.
    return { ...verdict, failure: "message" }
  }

  #countedBefore(domain: string, messageId: string): boolean {
    const mails = this.#failedMails.get(domain) ?? new Set()
    this.#failedMails.set(domain, mails)
    if (mails.has(messageId)) return true
    if (mails.size < rememberedMails) mails.add(messageId)
    return false
  }

  #context(domain: DomainDocument): ModeContext {
    const { settings, database, random } = this.#parts
    const now = database.now()
    return {
      enabled: domain.continuity.enabled, activation: domain.continuity.activation, hasPrimary: domain.primary !== null, thresholds: settings, now,
      random: random ?? Math.random, outageId: () => createMessageId(now),
    }
  }
}

function isDeferredRecipient(verdict: ProbeVerdict | undefined): verdict is Extract<ProbeVerdict, { up: false }> {
  return verdict !== undefined && !verdict.up && verdict.failure === "recipient"
}

function primaryKey(domain: DomainDocument): string {
  return domain.primary ? `${domain.primary.host} ${domain.primary.port} ${domain.primary.tls}` : ""
}

import type { AnyBulkWriteOperation } from "mongodb"
import { domainOf } from "@lifeboat/shared/address"
import type { Logger } from "../logger.ts"
import { answerWithin } from "../store/deadline.ts"
import type { Database } from "../store/database.ts"
import type { CalloutDocument } from "../store/documents.ts"
import { RecentMap } from "./recent-map.ts"

const minute = 60_000
const day = 86_400_000
/** How long what the primary said counts before it is asked again, ms. */
const acceptedFor = day
const refusedFor = 10 * minute
/** A user that the panel knows is perhaps just being set up at the primary. */
const refusedForKnown = minute / 2
const learnedFor = 90 * day
/** An acceptance that is written down is not written again for this long. */
const noteAgain = 60 * minute

const cached = 50_000
const pendingAtMost = 10_000
/** How long nothing is asked about an address again that nothing is known about; another node may learn of it meanwhile. ms. */
const unknownFor = 2_000
const lookupTimeout = 2_000

/** Whether the primary need not be asked again. `known`: the directory has the address. */
export function isFresh(callout: Pick<CalloutDocument, "verdict" | "checkedAt">, known: boolean, now: Date): boolean {
  const age = now.getTime() - callout.checkedAt.getTime()
  const limit = callout.verdict === "accepted" ? acceptedFor : known ? refusedForKnown : refusedFor
  return age < limit
}

/** A learned recipient (B3): the primary accepted it in the last 90 days, and has not refused it since. */
export function isLearned(callout: Pick<CalloutDocument, "verdict" | "acceptedAt"> | undefined, now: Date): boolean {
  return callout?.verdict === "accepted" && callout.acceptedAt !== null && now.getTime() - callout.acceptedAt.getTime() < learnedFor
}

/** What primaries said about addresses: in memory in front, written to the database in batches. */
export class CalloutCache {
  readonly #database: Database
  readonly #log: Logger
  readonly #recent = new RecentMap<CalloutDocument>(cached)
  /** Addresses nothing is known about, each until it is looked for again (monotonic ms). */
  readonly #unknown = new RecentMap<number>(cached)
  readonly #pending = new Map<string, CalloutDocument>()
  readonly #timer: NodeJS.Timeout
  #flushing: Promise<void> = Promise.resolve()

  constructor(database: Database, log: Logger, flushEvery = 1_000) {
    this.#database = database
    this.#log = log
    this.#timer = setInterval(() => void this.flush(), flushEvery)
    this.#timer.unref()
  }

  /** What is known about a canonical address. Rejects when the database does not answer. */
  async get(canonical: string): Promise<CalloutDocument | undefined> {
    const recent = this.#recent.get(canonical)
    if (recent) return recent
    if ((this.#unknown.get(canonical) ?? 0) > performance.now()) return undefined
    const found = await answerWithin(lookupTimeout, this.#database.callouts.findOne({ _id: canonical }))
    if (found) this.#recent.set(canonical, found)
    else this.#unknown.set(canonical, performance.now() + unknownFor)
    return found ?? undefined
  }

  /** Keeps what the primary said just now. */
  put(canonical: string, verdict: CalloutDocument["verdict"], reply: string, now: Date): void {
    const acceptedAt = verdict === "accepted" ? now : (this.#recent.get(canonical)?.acceptedAt ?? null)
    const expireAt = new Date(verdict === "accepted" ? now.getTime() + learnedFor : now.getTime() + day)
    const callout: CalloutDocument = { _id: canonical, domain: domainOf(canonical), verdict, reply, checkedAt: now, acceptedAt, expireAt }
    this.#recent.set(canonical, callout)
    if (this.#pending.size < pendingAtMost || this.#pending.has(canonical)) this.#pending.set(canonical, callout)
  }

  /** A delivery to the primary succeeded: as good as a callout. Called for each one; cheap. */
  noteAccepted(canonical: string, reply: string, now: Date): void {
    const recent = this.#recent.get(canonical)
    if (recent?.verdict === "accepted" && now.getTime() - recent.checkedAt.getTime() < noteAgain) return
    this.put(canonical, "accepted", reply, now)
  }

  /** Forgets what is in memory about a domain's addresses: its primary was changed. */
  async forgetDomain(domain: string): Promise<void> {
    this.#recent.clear()
    for (const [canonical, callout] of this.#pending) if (callout.domain === domain) this.#pending.delete(canonical)
    await this.#database.callouts.deleteMany({ domain, verdict: "refused" })
    await this.#database.callouts.updateMany({ domain }, { $set: { checkedAt: new Date(0) } })
  }

  /** Writes what has gathered; what fails is tried again the next time. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write())
    return this.#flushing
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  async #write(): Promise<void> {
    if (this.#pending.size === 0) return
    const batch = [...this.#pending.values()].slice(0, 1_000)
    for (const callout of batch) this.#pending.delete(callout._id)
    const operations = batch.map(({ _id, acceptedAt, expireAt, ...rest }): AnyBulkWriteOperation<CalloutDocument> => ({
      updateOne: {
        filter: { _id },
        update: acceptedAt && rest.verdict === "accepted" ? { $set: { ...rest, acceptedAt, expireAt } } : { $set: rest, $setOnInsert: { acceptedAt: null }, $max: { expireAt } },
        upsert: true,
      },
    }))
    try {
      await this.#database.callouts.bulkWrite(operations, { ordered: false })
    } catch (error) {
      this.#log.warn({ error: String(error) }, "answers of callouts were not written, they will be")
      for (const callout of batch) if (!this.#pending.has(callout._id) && this.#pending.size < pendingAtMost) this.#pending.set(callout._id, callout)
    }
  }
}

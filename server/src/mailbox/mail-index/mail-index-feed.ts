import { setTimeout as sleep } from "node:timers/promises"
import { MongoServerError, ObjectId, type Document, type ResumeToken } from "mongodb"
import type { Logger } from "../../logger.ts"
import type { Database } from "../../store/database.ts"
import { Lease } from "../../store/lease.ts"
import { batchSize, ChangeBatches, idleWait, lostHistory } from "../change-batches.ts"
import { WildDuckStore } from "../wildduck-store.ts"
import { settleHeads } from "./conversation-heads.ts"
import { refreshEntries } from "./mail-entries.ts"
import { compareMailIndex } from "./mail-index-comparison.ts"
import { readIndexState, writeIndexState } from "./mail-index-state.ts"

export interface MailIndexFeedOptions {
  readonly database: Database
  readonly log: Logger
  /** Time between two comparisons, milliseconds. */
  readonly compareEvery?: number
  /** How long another node waits for this one, milliseconds. */
  readonly leaseDuration?: number
}

const tokenId = "mail-index-resume-token"
const retryDelay = 1_000
/** How often it says that it is up to date, and where it is, milliseconds. */
const heartbeat = 5_000
const progressEvery = 10_000

/** Ids alone: what a change means is read from the mail itself. */
const pipeline: Document[] = [
  {
    $match: {
      $or: [
        { operationType: { $in: ["insert", "delete", "replace"] } },
        { operationType: "update", "updateDescription.updatedFields.unseen": { $exists: true } },
        { operationType: "update", "updateDescription.updatedFields.flagged": { $exists: true } },
      ],
    },
  },
  { $project: { documentKey: 1 } },
]

/**
 * Feeds the mail index (`mail-entries`) from WildDuck's mails: one change stream, resumed where it was left, on one node
 * at a time. A comparison at first start, after a lost history and every hour finds what the stream did not show; it goes
 * on beside the stream, and where it was after a restart.
 */
export class MailIndexFeed {
  readonly #options: MailIndexFeedOptions
  readonly #store: WildDuckStore
  readonly #lease: Lease
  readonly #leaseDuration: number
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined
  #watching = false
  /** Entries have one writer at a time. */
  #writing: Promise<unknown> = Promise.resolve()

  constructor(options: MailIndexFeedOptions) {
    this.#options = options
    this.#store = new WildDuckStore(options.database)
    this.#leaseDuration = options.leaseDuration ?? 15_000
    this.#lease = new Lease(options.database, "mail-index-lease", this.#leaseDuration)
  }

  start(): void {
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  /** Whether this node is the one that feeds, and does. */
  get watching(): boolean {
    return this.#watching
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    const { database, log } = this.#options
    while (!signal.aborted) {
      try {
        if ((await this.#lease.take()) && (await this.#store.prepare())) await this.#watch()
      } catch (error) {
        if (error instanceof MongoServerError && lostHistory.has(error.code)) {
          log.warn({ error: error.message }, "changes of the mailboxes were missed; the mail index is compared")
          await forget(database).catch(() => undefined)
        } else if (!signal.aborted) {
          log.warn({ error: String(error) }, "the mail index is not fed for the moment")
        }
      }
      this.#watching = false
      await sleep(Math.min(retryDelay, this.#leaseDuration / 3), undefined, { signal }).catch(() => undefined)
    }
    await this.#lease.release().catch(() => undefined)
  }

  /** Feeds until it is stopped, another node takes over, or something fails. */
  async #watch(): Promise<void> {
    const { database } = this.#options
    const ending = new AbortController()
    const signal = AbortSignal.any([this.#stopping.signal, ending.signal])
    const resumeAfter = (await database.state.findOne({ _id: tokenId }))?.value as ResumeToken | undefined
    // Without a place to go on from nothing is known of what happened meanwhile.
    if (resumeAfter === undefined) await forget(database)
    const stream = this.#store.messages.watch<Document, Document>(pipeline, { batchSize, maxAwaitTimeMS: idleWait, ...(resumeAfter ? { resumeAfter } : {}) })
    const close = () => void stream.close().catch(() => undefined)
    signal.addEventListener("abort", close, { once: true })
    const renewal = setInterval(() => void this.#lease.take().then((held) => held || ending.abort(), () => undefined), this.#leaseDuration / 3)
    let comparing: Promise<void> = Promise.resolve()
    let failure: unknown
    try {
      // The stream has begun when its first question is answered: what changes during the comparison is not missed.
      const changes = new ChangeBatches(stream)
      let batch = await changes.next()
      comparing = this.#compareAgainAndAgain(signal).catch((error: unknown) => {
        if (signal.aborted) return
        failure = error
        ending.abort()
      })
      let savedAt = 0
      while (!signal.aborted && !stream.closed) {
        this.#watching = true
        const ids = batch.changes.flatMap((change): ObjectId[] => (change["documentKey"]?._id instanceof ObjectId ? [change["documentKey"]._id] : []))
        await this.#write(() => refreshEntries(database, distinct(ids)))
        if (batch.token !== undefined && (batch.changes.length > 0 || Date.now() - savedAt > heartbeat)) {
          // A batch that is full has more behind it: the index is behind, and says so by its silence.
          const heard = batch.changes.length < batchSize ? [writeIndexState(database, { heard: database.now() })] : []
          await Promise.all([database.state.updateOne({ _id: tokenId }, { $set: { value: batch.token } }, { upsert: true }), ...heard])
          savedAt = Date.now()
        }
        batch = await changes.next()
      }
    } finally {
      clearInterval(renewal)
      ending.abort()
      await stream.close().catch(() => undefined)
      await comparing
    }
    if (failure !== undefined) throw failure
  }

  async #compareAgainAndAgain(signal: AbortSignal): Promise<void> {
    const { database, log, compareEvery = 3_600_000 } = this.#options
    for (;;) {
      const state = await readIndexState(database)
      const started = performance.now()
      let reported = started
      const changed = await compareMailIndex(database, state?.position ?? null, {
        refresh: (ids) => this.#write(() => refreshEntries(database, ids)),
        settle: (conversations) => this.#write(() => settleHeads(database.mailIndex, conversations, [])),
        reached: async (position, done, differing) => {
          await writeIndexState(database, { position })
          if (performance.now() - reported < progressEvery) return
          reported = performance.now()
          log.info({ done, differing }, "comparing the mail index with the mailboxes")
        },
        signal,
      })
      await writeIndexState(database, { complete: true, position: null, heard: database.now() })
      if (changed > 0) log.info({ changed, seconds: Math.round((performance.now() - started) / 1_000) }, "the mail index was compared with the mailboxes")
      await sleep(compareEvery, undefined, { signal })
    }
  }

  async #write<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#writing.then(work)
    this.#writing = turn.catch(() => undefined)
    return turn
  }
}

/** The index has a gap now: everything is compared from the beginning. */
async function forget(database: Database): Promise<void> {
  await writeIndexState(database, { complete: false, position: null, heard: database.now() })
  await database.state.deleteOne({ _id: tokenId })
}

function distinct(ids: readonly ObjectId[]): ObjectId[] {
  return [...new Map(ids.map((id) => [id.toHexString(), id])).values()]
}

import { setTimeout as sleep } from "node:timers/promises"
import { MongoServerError, ObjectId, type Document, type ResumeToken } from "mongodb"
import type { Logger } from "../logger.ts"
import type { Database } from "../store/database.ts"
import { Lease } from "../store/lease.ts"
import type { TrackingEvent } from "../tracking/tracker.ts"
import { ChangeBatches, batchSize, idleWait, lostHistory } from "./change-batches.ts"
import { CopyBook, type Sighting } from "./copy-book.ts"
import { readCopyMark } from "./copy-mark.ts"
import { observedPipeline, readChange, type ObservedChange } from "./observer-events.ts"
import { SurplusCopies } from "./surplus-copies.ts"
import type { WildDuckApi } from "./wildduck-api.ts"
import { WildDuckError } from "./wildduck-error.ts"
import { WildDuckStore } from "./wildduck-store.ts"

export interface ObserverOptions {
  readonly database: Database
  readonly api: WildDuckApi
  readonly track: (event: TrackingEvent) => void
  readonly log: Logger
  /** Time between two full comparisons, milliseconds. */
  readonly compareEvery?: number
  /** How long another node waits for this one, milliseconds. */
  readonly leaseDuration?: number
}

const tokenId = "observer-resume-token"
const retryDelay = 1_000

/**
 * Watches what users do in their mailboxes: one change stream over WildDuck's database, resumed where it was left, on
 * one node at a time. What a change means is read from the database afterwards, so that replaying does no harm. A full
 * comparison at start, every hour and after a lost history finds what the stream did not show. No mail depends on it
 * being in time: a release looks for itself (`copy-evidence`).
 */
export class Observer {
  readonly #options: ObserverOptions
  readonly #store: WildDuckStore
  readonly #book: CopyBook
  readonly #surplus: SurplusCopies
  readonly #lease: Lease
  readonly #leaseDuration: number
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined
  #watching = false
  #compareAt = 0

  constructor(options: ObserverOptions) {
    this.#options = options
    this.#store = new WildDuckStore(options.database)
    this.#book = new CopyBook(options.database, options.track)
    this.#surplus = new SurplusCopies(options.database, options.api)
    this.#leaseDuration = options.leaseDuration ?? 15_000
    this.#lease = new Lease(options.database, "observer", this.#leaseDuration)
  }

  start(): void {
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  /** Whether this node is the one that watches, and does. */
  get watching(): boolean {
    return this.#watching
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        if ((await this.#lease.take()) && (await this.#store.prepare())) await this.#watch()
      } catch (error) {
        if (error instanceof MongoServerError && lostHistory.has(error.code)) {
          this.#options.log.warn({ error: error.message }, "changes in the mailboxes were missed and are found by comparing")
          await this.#options.database.state.deleteOne({ _id: tokenId }).catch(() => undefined)
        } else if (!signal.aborted) {
          this.#options.log.warn({ error: String(error) }, "the mailboxes cannot be watched for the moment")
        }
      }
      this.#watching = false
      await sleep(Math.min(retryDelay, this.#leaseDuration / 3), undefined, { signal }).catch(() => undefined)
    }
    await this.#lease.release().catch(() => undefined)
  }

  /** Watches until it is stopped, another node takes over, or something fails. */
  async #watch(): Promise<void> {
    const { database } = this.#options
    const { signal } = this.#stopping
    const resumeAfter = (await database.state.findOne({ _id: tokenId }))?.value as ResumeToken | undefined
    const stream = database.wildduck.watch<Document, Document>(observedPipeline, {
      fullDocumentBeforeChange: "whenAvailable",
      batchSize,
      maxAwaitTimeMS: idleWait,
      ...(resumeAfter ? { resumeAfter } : {}),
    })
    const close = () => void stream.close().catch(() => undefined)
    signal.addEventListener("abort", close, { once: true })
    const renewal = setInterval(() => {
      void this.#lease.take().then(
        (held) => held || close(),
        () => undefined,
      )
    }, this.#leaseDuration / 3)
    try {
      // The stream has begun when its first question is answered: what changes during the comparison is not missed.
      const changes = new ChangeBatches(stream)
      let batch = await changes.next()
      let savedAt = 0
      this.#compareAt = 0
      while (!signal.aborted && !stream.closed) {
        await this.#compareWhenDue()
        this.#watching = true
        await this.#handle(batch.changes)
        if (batch.token !== undefined && (batch.changes.length > 0 || Date.now() - savedAt > 10_000)) {
          await database.state.updateOne({ _id: tokenId }, { $set: { value: batch.token } }, { upsert: true })
          savedAt = Date.now()
        }
        batch = await changes.next()
      }
    } finally {
      clearInterval(renewal)
      signal.removeEventListener("abort", close)
      await stream.close().catch(() => undefined)
    }
  }

  async #compareWhenDue(): Promise<void> {
    if (Date.now() < this.#compareAt) return
    await this.#book.compareAll(this.#stopping.signal)
    this.#compareAt = Date.now() + (this.#options.compareEvery ?? 3_600_000)
  }

  async #handle(documents: readonly Document[]): Promise<void> {
    const changes = documents.flatMap((document) => readChange(document) ?? [])
    if (changes.length === 0) return
    if (changes.some(({ kind }) => kind === "left-unknown")) this.#compareAt = 0
    await this.#removeSurplus(changes)
    const inFolders = await this.#copiesIn(changes.flatMap((change) => (change.kind === "folder" ? [change.folder] : [])))
    await this.#book.settle([...changes.flatMap((change) => sightingOf(change) ?? []), ...inFolders])
  }

  /** A surplus mail is a blemish: while WildDuck is away it stays, and nothing waits for it. */
  async #removeSurplus(changes: readonly ObservedChange[]): Promise<void> {
    const arrivals = changes.flatMap((change) => (change.kind === "arrived" ? [change] : []))
    if (arrivals.length === 0) return
    const folders = await this.#store.folders([...new Set(arrivals.map(({ account }) => account))])
    const uploads = arrivals.flatMap(({ account, custom, uploaded }) => {
      const mark = uploaded ? readCopyMark(custom) : undefined
      return mark ? [{ account, mark }] : []
    })
    try {
      await this.#surplus.settleUploads(uploads)
      for (const { account, folder, msgid } of arrivals) {
        if (msgid !== "" && folders.get(folder)?.specialUse === "\\Sent") await this.#surplus.settleSent(account, ObjectId.createFromHexString(folder), msgid)
      }
    } catch (error) {
      if (!(error instanceof WildDuckError)) throw error
      this.#options.log.warn({ error: error.message }, "a surplus mail stays in a mailbox")
    }
  }

  async #copiesIn(folders: readonly string[]): Promise<Sighting[]> {
    if (folders.length === 0) return []
    const mailbox = { $in: folders.map((folder) => ObjectId.createFromHexString(folder)) }
    const rows = await this.#store.messages.find({ mailbox, "meta.custom": { $gt: "" } }, { projection: { user: 1, "meta.custom": 1 }, maxTimeMS: 10_000 }).toArray()
    return rows.flatMap((row): Sighting[] => {
      const mark = readCopyMark(row.meta?.custom)
      return mark ? [{ ...mark, account: row.user.toHexString() }] : []
    })
  }
}

function sightingOf(change: ObservedChange): Sighting | undefined {
  if (change.kind !== "arrived" && change.kind !== "left") return undefined
  const mark = readCopyMark(change.custom)
  if (!mark) return undefined
  const { account } = change
  return change.kind === "left" ? { ...mark, account, removed: change.removed } : { ...mark, account, ...(change.uploaded ? {} : { arrived: change.folder }) }
}

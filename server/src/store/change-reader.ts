import { randomUUID } from "node:crypto"
import { MongoServerError, type ChangeStream, type ChangeStreamOptions, type Document, type ResumeToken } from "mongodb"
import type { Logger } from "../logger.ts"
import { batchSize, ChangeBatches, idleWait } from "./change-batches.ts"
import type { Database } from "./database.ts"
import { LeaderLoop } from "./leader-loop.ts"
import type { Lease } from "./lease.ts"

/** What a {@link ChangeReader} reads, and what becomes of it. */
export interface ChangeReading {
  readonly database: Database
  readonly log: Logger
  /** Name of the lease, in `state`. */
  readonly lease: string
  /** Name of the place that was reached, in `state`. */
  readonly place: string
  /** How long another node waits for this one, milliseconds. */
  readonly leaseDuration?: number | undefined
  readonly open: (options: ChangeStreamOptions) => ChangeStream<Document, Document>
  /** Asked before each beginning; false: there is nothing to read yet. */
  readonly ready: () => Promise<boolean>
  /** There is no place to go on from, at the very first or after a lost history: what happened until now is not in the stream. */
  readonly gap?: () => Promise<void>
  /** Goes on beside the stream, from its beginning to its end. When it fails, all begins again where it was. */
  readonly beside?: (signal: AbortSignal) => Promise<void>
  /** Handles changes, none after a quiet moment; once more with the same ones after a failure, so it must do no harm twice. */
  readonly handle: (changes: readonly Document[], signal: AbortSignal) => Promise<void>
  /** The place after what was handled is stored, at the latest every 5 s. `all`: nothing is known to be behind it. */
  readonly reached?: (all: boolean) => Promise<void>
  /** What the log says when changes were lost, and when reading fails for the moment. */
  readonly says: { readonly lost: string; readonly failed: string }
}

/** The stream cannot go on from where it was. */
const lostHistory: ReadonlySet<unknown> = new Set([286, 280, 260, 222, 136, 10_334])
const retryDelay = 1_000
/** A quiet stream moves on as well: its place is stored this often, milliseconds. */
const quietSave = 5_000

/**
 * Reads a change stream in batches on one node at a time, from the place where the last one was. The place is stored
 * after what it stands for, and only by the node that reads: one that was replaced without noticing puts nothing back,
 * and ends. After any failure, a stream that ends by itself, and a database that was away it begins again.
 */
export class ChangeReader {
  readonly #reading: ChangeReading
  readonly #leaseDuration: number
  readonly #loop: LeaderLoop
  #watching = false

  constructor(reading: ChangeReading) {
    this.#reading = reading
    this.#leaseDuration = reading.leaseDuration ?? 15_000
    const rest = Math.min(retryDelay, this.#leaseDuration / 3)
    this.#loop = new LeaderLoop({
      database: reading.database,
      lease: reading.lease,
      leaseDuration: this.#leaseDuration,
      turn: async (lease, signal) => {
        if (await reading.ready()) await this.#read(lease, signal).finally(() => (this.#watching = false))
        return rest
      },
      failed: (error) => this.#failed(error),
      rest,
    })
  }

  start(): void {
    this.#loop.start()
  }

  async stop(): Promise<void> {
    await this.#loop.stop()
  }

  /** Whether this node is the one that reads, and does. */
  get watching(): boolean {
    return this.#watching
  }

  async #failed(error: unknown): Promise<void> {
    const { database, place, log, says } = this.#reading
    if (!(error instanceof MongoServerError && lostHistory.has(error.code))) return log.warn({ error: String(error) }, says.failed)
    log.warn({ error: error.message }, says.lost)
    await database.state.deleteOne({ _id: place }).catch(() => undefined)
  }

  /** Reads until it is stopped, another node takes over, the stream ends, or something fails. */
  async #read(lease: Lease, stopping: AbortSignal): Promise<void> {
    const { gap, open, beside, handle, reached } = this.#reading
    const ending = new AbortController()
    const signal = AbortSignal.any([stopping, ending.signal])
    const reader = randomUUID()
    const resumeAfter = await this.#takePlace(reader)
    if (resumeAfter === undefined) await gap?.()
    const stream = open({ batchSize, maxAwaitTimeMS: idleWait, ...(resumeAfter ? { resumeAfter } : {}) })
    signal.addEventListener("abort", () => void stream.close().catch(() => undefined), { once: true })
    const renewal = setInterval(() => void lease.take().then((held) => held || ending.abort(), () => undefined), this.#leaseDuration / 3)
    let alongside: Promise<void> = Promise.resolve()
    let failure: unknown
    try {
      // The stream has begun when its first question is answered: what changes from here on is not missed.
      const changes = new ChangeBatches(stream)
      let batch = await changes.next()
      alongside = (beside?.(signal) ?? alongside).catch((error: unknown) => {
        if (signal.aborted) return
        failure = error
        ending.abort()
      })
      let savedAt = 0
      while (!signal.aborted) {
        await handle(batch.changes, signal)
        this.#watching = true
        if (batch.token !== undefined && (batch.changes.length > 0 || Date.now() - savedAt > quietSave)) {
          if (!(await this.#storePlace(reader, batch.token))) break
          await reached?.(batch.changes.length < batchSize)
          savedAt = Date.now()
        }
        // The last changes of a stream that ended come with its end.
        if (stream.closed) break
        batch = await changes.next()
      }
    } catch (error) {
      // Closing the stream fails its last question; why it was closed is what matters.
      if (failure === undefined) throw error
    } finally {
      clearInterval(renewal)
      ending.abort()
      await stream.close().catch(() => undefined)
      await alongside
    }
    if (failure !== undefined) throw failure
  }

  async #takePlace(reader: string): Promise<ResumeToken | undefined> {
    const { database, place } = this.#reading
    return (await database.state.findOneAndUpdate({ _id: place }, { $set: { reader } }, { upsert: true }))?.value
  }

  /** False: another node reads now. */
  async #storePlace(reader: string, value: ResumeToken): Promise<boolean> {
    const { database, place } = this.#reading
    return (await database.state.updateOne({ _id: place, reader }, { $set: { value } })).matchedCount > 0
  }
}

import type { ChangeStream } from "mongodb"
import { summaryProjection, type SummaryRow } from "../archive/search.ts"
import type { Logger } from "../logger.ts"
import type { Database } from "../store/database.ts"

/** Changes of one mail within this time are told once. */
const gatherMs = 200
const reopenMs = 1_000
const maxGathered = 5_000

export type LiveListener = (rows: readonly SummaryRow[]) => void

/**
 * Tells listeners about every mail that is new or changed, within a fraction of a second, on every node: one change
 * stream on `messages`, open only while somebody listens. Listeners filter for their caller.
 */
export class LiveTracking {
  readonly #database: Database
  readonly #log: Logger
  readonly #listeners = new Set<LiveListener>()
  readonly #gathered = new Map<string, SummaryRow>()
  #stream: ChangeStream | undefined
  #flush: NodeJS.Timeout | undefined
  #reopen: NodeJS.Timeout | undefined

  constructor(database: Database, log: Logger) {
    this.#database = database
    this.#log = log
  }

  /** Calls `listener` with changed mails. Returns how to stop. */
  listen(listener: LiveListener): () => void {
    this.#listeners.add(listener)
    if (!this.#stream) this.#open()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) void this.close()
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#flush)
    clearTimeout(this.#reopen)
    this.#flush = this.#reopen = undefined
    this.#gathered.clear()
    const stream = this.#stream
    this.#stream = undefined
    await stream?.close().catch(() => undefined)
  }

  #open(): void {
    const fields = Object.fromEntries(Object.keys(summaryProjection).map((name) => [`fullDocument.${name}`, 1]))
    const stream = this.#database.messages.watch<SummaryRow>(
      [{ $match: { operationType: { $in: ["insert", "update", "replace"] } } }, { $project: { operationType: 1, documentKey: 1, ns: 1, ...fields } }],
      { fullDocument: "updateLookup", batchSize: 200 },
    )
    this.#stream = stream
    stream.on("change", (change) => {
      const row: unknown = "fullDocument" in change ? change.fullDocument : undefined
      if (isSummaryRow(row)) this.#gather(row)
    })
    stream.on("error", (error) => {
      if (this.#stream !== stream) return
      this.#log.warn({ error: String(error) }, "live tracking is interrupted")
      void stream.close().catch(() => undefined)
      this.#stream = undefined
      this.#reopen = setTimeout(() => {
        if (this.#listeners.size > 0 && !this.#stream) this.#open()
      }, reopenMs)
      this.#reopen.unref()
    })
  }

  #gather(row: SummaryRow): void {
    this.#gathered.set(row._id, row)
    if (this.#gathered.size >= maxGathered) return this.#tell()
    this.#flush ??= setTimeout(() => this.#tell(), gatherMs)
  }

  #tell(): void {
    clearTimeout(this.#flush)
    this.#flush = undefined
    const rows = [...this.#gathered.values()]
    this.#gathered.clear()
    for (const listener of this.#listeners) {
      try {
        listener(rows)
      } catch (error) {
        this.#log.warn({ error: String(error) }, "a listener of live tracking failed")
      }
    }
  }
}

function isSummaryRow(value: unknown): value is SummaryRow {
  return typeof value === "object" && value !== null && "_id" in value && "summary" in value && "owners" in value
}

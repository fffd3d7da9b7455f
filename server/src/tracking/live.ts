import type { ChangeStreamDocument } from "mongodb"
import { summaryProjection, type SummaryRow } from "../archive/search.ts"
import type { Logger } from "../logger.ts"
import { ChangeFollower } from "../store/change-follower.ts"
import type { Database } from "../store/database.ts"

/** Changes of one mail within this time are told once. */
const gatherMs = 200
const maxGathered = 5_000

export type LiveListener = (rows: readonly SummaryRow[]) => void

/**
 * Tells listeners about every mail that is new or changed, within a fraction of a second, on every node: one change
 * stream on `messages`, open only while somebody listens. Listeners filter for their caller.
 */
export class LiveTracking {
  readonly #log: Logger
  readonly #changes: ChangeFollower<SummaryRow, ChangeStreamDocument<SummaryRow>>
  readonly #listeners = new Set<LiveListener>()
  readonly #gathered = new Map<string, SummaryRow>()
  #flush: NodeJS.Timeout | undefined

  constructor(database: Database, log: Logger) {
    this.#log = log
    const fields = Object.fromEntries(Object.keys(summaryProjection).map((name) => [`fullDocument.${name}`, 1]))
    this.#changes = new ChangeFollower({
      open: () =>
        database.messages.watch<SummaryRow>(
          [{ $match: { operationType: { $in: ["insert", "update", "replace"] } } }, { $project: { operationType: 1, documentKey: 1, ns: 1, ...fields } }],
          { fullDocument: "updateLookup", batchSize: 200 },
        ),
      changed: (change) => {
        const row: unknown = "fullDocument" in change ? change.fullDocument : undefined
        if (isSummaryRow(row)) this.#gather(row)
      },
      interrupted: (error) => log.warn({ error: String(error) }, "live tracking is interrupted"),
    })
  }

  /** Calls `listener` with changed mails. Returns how to stop. */
  listen(listener: LiveListener): () => void {
    this.#listeners.add(listener)
    this.#changes.open()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) void this.close()
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#flush)
    this.#flush = undefined
    this.#gathered.clear()
    await this.#changes.close()
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

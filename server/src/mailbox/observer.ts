import { ObjectId, type Document } from "mongodb"
import type { Logger } from "../logger.ts"
import { ChangeReader } from "../store/change-reader.ts"
import type { Database } from "../store/database.ts"
import type { TrackingEvent } from "../tracking/tracker.ts"
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

/**
 * Watches what users do in their mailboxes: one change stream over WildDuck's database (`ChangeReader`). What a change
 * means is read from the database afterwards, so that replaying does no harm. A full comparison at each start and every
 * hour finds what the stream did not show. No mail depends on it being in time: a release looks for itself
 * (`copy-evidence`).
 */
export class Observer {
  readonly #options: ObserverOptions
  readonly #store: WildDuckStore
  readonly #book: CopyBook
  readonly #surplus: SurplusCopies
  readonly #reader: ChangeReader
  #compareAt = 0

  constructor(options: ObserverOptions) {
    const { database, log, leaseDuration } = options
    this.#options = options
    this.#store = new WildDuckStore(database)
    this.#book = new CopyBook(database, options.track)
    this.#surplus = new SurplusCopies(database, options.api)
    this.#reader = new ChangeReader({
      database,
      log,
      lease: "observer",
      place: "observer-resume-token",
      leaseDuration,
      ready: async () => {
        this.#compareAt = 0
        return this.#store.prepare()
      },
      open: (options) => database.wildduck.watch<Document, Document>(observedPipeline, { fullDocumentBeforeChange: "whenAvailable", ...options }),
      handle: async (changes, signal) => {
        await this.#compareWhenDue(signal)
        await this.#handle(changes)
      },
      says: { lost: "changes in the mailboxes were missed and are found by comparing", failed: "the mailboxes cannot be watched for the moment" },
    })
  }

  start(): void {
    this.#reader.start()
  }

  async stop(): Promise<void> {
    await this.#reader.stop()
  }

  /** Whether this node is the one that watches, and does. */
  get watching(): boolean {
    return this.#reader.watching
  }

  async #compareWhenDue(signal: AbortSignal): Promise<void> {
    if (Date.now() < this.#compareAt) return
    await this.#book.compareAll(signal)
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

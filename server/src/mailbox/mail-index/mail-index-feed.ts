import { setTimeout as sleep } from "node:timers/promises"
import { ObjectId, type Document } from "mongodb"
import type { Logger } from "../../logger.ts"
import { ChangeReader } from "../../store/change-reader.ts"
import type { Database } from "../../store/database.ts"
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
 * Feeds the mail index (`mail-entries`) from WildDuck's mails: one change stream (`ChangeReader`). A comparison at first
 * start, after a lost history and every hour finds what the stream did not show; it goes on beside the stream, and where
 * it was after a restart.
 */
export class MailIndexFeed {
  readonly #options: MailIndexFeedOptions
  readonly #reader: ChangeReader
  /** Entries have one writer at a time. */
  #writing: Promise<unknown> = Promise.resolve()

  constructor(options: MailIndexFeedOptions) {
    const { database, log, leaseDuration } = options
    const store = new WildDuckStore(database)
    this.#options = options
    this.#reader = new ChangeReader({
      database,
      log,
      lease: "mail-index-lease",
      place: "mail-index-resume-token",
      leaseDuration,
      ready: async () => store.prepare(),
      open: (options) => store.messages.watch<Document, Document>(pipeline, options),
      // The index has a gap: everything is compared from the beginning.
      gap: async () => writeIndexState(database, { complete: false, position: null, heard: database.now() }),
      beside: async (signal) => this.#compareAgainAndAgain(signal),
      handle: async (changes) => this.#write(() => refreshEntries(database, distinct(changes.flatMap(mailOf)))),
      // One that is behind says so by its silence.
      reached: async (all) => (all ? writeIndexState(database, { heard: database.now() }) : undefined),
      says: { lost: "changes of the mailboxes were missed; the mail index is compared", failed: "the mail index is not fed for the moment" },
    })
  }

  start(): void {
    this.#reader.start()
  }

  async stop(): Promise<void> {
    await this.#reader.stop()
  }

  /** Whether this node is the one that feeds, and does. */
  get watching(): boolean {
    return this.#reader.watching
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

function mailOf(change: Document): ObjectId[] {
  const id: unknown = change["documentKey"]?._id
  return id instanceof ObjectId ? [id] : []
}

function distinct(ids: readonly ObjectId[]): ObjectId[] {
  return [...new Map(ids.map((id) => [id.toHexString(), id])).values()]
}

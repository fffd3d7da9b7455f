import type { ChangeStream, Document } from "mongodb"
import { Type, type Static } from "typebox"
import { Value } from "typebox/value"
import type { Logger } from "../../logger.ts"
import type { Database } from "../../store/database.ts"

const reopenMs = 1_000

const Change = Type.Object({ ns: Type.Object({ coll: Type.String() }), fullDocument: Type.Object({ _id: Type.String(), user: Type.String() }) })

/** A job went on, or the outbox of a user changed. */
export type MailChange = { readonly kind: "outbox" } | { readonly kind: "job"; readonly id: string }
type Listener = (change: MailChange) => void

/** Tells users' windows about their jobs and outbox, whichever node works on them: one change stream, open only while somebody listens. */
export class MailChanges {
  readonly #database: Database
  readonly #log: Logger
  readonly #listeners = new Map<string, Set<Listener>>()
  #stream: ChangeStream<Document, Document> | undefined
  #reopen: NodeJS.Timeout | undefined

  constructor(database: Database, log: Logger) {
    this.#database = database
    this.#log = log
  }

  /** Calls `listener` with what changed for a user. Returns how to stop. */
  listen(user: string, listener: Listener): () => void {
    const mine = this.#listeners.get(user) ?? new Set()
    mine.add(listener)
    this.#listeners.set(user, mine)
    if (!this.#stream) this.#open()
    return () => {
      mine.delete(listener)
      if (mine.size === 0) this.#listeners.delete(user)
      if (this.#listeners.size === 0) void this.close()
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#reopen)
    const stream = this.#stream
    this.#stream = undefined
    await stream?.close().catch(() => undefined)
  }

  #open(): void {
    clearTimeout(this.#reopen)
    const stream = this.#database.db.watch<Document, Document>(
      [
        { $match: { "ns.coll": { $in: ["outbox", "mailJobs"] }, operationType: { $in: ["insert", "update", "replace"] } } },
        { $project: { operationType: 1, documentKey: 1, ns: 1, "fullDocument._id": 1, "fullDocument.user": 1 } },
      ],
      { fullDocument: "updateLookup" },
    )
    this.#stream = stream
    stream.on("change", (change: unknown) => {
      if (Value.Check(Change, change)) this.#tell(change)
    })
    stream.on("error", (error) => {
      if (this.#stream !== stream) return
      this.#log.debug({ error: String(error) }, "events of jobs and outbox are interrupted")
      void stream.close().catch(() => undefined)
      this.#stream = undefined
      this.#reopen = setTimeout(() => {
        if (this.#listeners.size === 0 || this.#stream) return
        this.#open()
        // What happened meanwhile was missed.
        for (const mine of this.#listeners.values()) for (const listener of mine) listener({ kind: "outbox" })
      }, reopenMs)
      this.#reopen.unref()
    })
  }

  #tell({ ns, fullDocument }: Static<typeof Change>): void {
    const change: MailChange = ns.coll === "outbox" ? { kind: "outbox" } : { kind: "job", id: fullDocument._id }
    for (const listener of this.#listeners.get(fullDocument.user) ?? []) listener(change)
  }
}

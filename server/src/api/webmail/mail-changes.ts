import type { Document } from "mongodb"
import { Type, type Static } from "typebox"
import { Value } from "typebox/value"
import type { Logger } from "../../logger.ts"
import { ChangeFollower } from "../../store/change-follower.ts"
import type { Database } from "../../store/database.ts"

const Change = Type.Object({ ns: Type.Object({ coll: Type.String() }), fullDocument: Type.Object({ _id: Type.String(), user: Type.String() }) })

/** A job went on, or the outbox of a user changed. */
export type MailChange = { readonly kind: "outbox" } | { readonly kind: "job"; readonly id: string }
type Listener = (change: MailChange) => void

/** Tells users' windows about their jobs and outbox, whichever node works on them: one change stream, open only while somebody listens. */
export class MailChanges {
  readonly #changes: ChangeFollower<Document, Document>
  readonly #listeners = new Map<string, Set<Listener>>()

  constructor(database: Database, log: Logger) {
    this.#changes = new ChangeFollower({
      open: () =>
        database.db.watch<Document, Document>(
          [
            { $match: { "ns.coll": { $in: ["outbox", "mailJobs"] }, operationType: { $in: ["insert", "update", "replace"] } } },
            { $project: { operationType: 1, documentKey: 1, ns: 1, "fullDocument._id": 1, "fullDocument.user": 1 } },
          ],
          { fullDocument: "updateLookup" },
        ),
      changed: (change: unknown) => {
        if (Value.Check(Change, change)) this.#tell(change)
      },
      interrupted: (error) => log.debug({ error: String(error) }, "events of jobs and outbox are interrupted"),
      // What happened meanwhile was missed.
      resumed: () => {
        for (const mine of this.#listeners.values()) for (const listener of mine) listener({ kind: "outbox" })
      },
    })
  }

  /** Calls `listener` with what changed for a user. Returns how to stop. */
  listen(user: string, listener: Listener): () => void {
    const mine = this.#listeners.get(user) ?? new Set()
    mine.add(listener)
    this.#listeners.set(user, mine)
    this.#changes.open()
    return () => {
      mine.delete(listener)
      if (mine.size === 0) this.#listeners.delete(user)
      if (this.#listeners.size === 0) void this.close()
    }
  }

  async close(): Promise<void> {
    await this.#changes.close()
  }

  #tell({ ns, fullDocument }: Static<typeof Change>): void {
    const change: MailChange = ns.coll === "outbox" ? { kind: "outbox" } : { kind: "job", id: fullDocument._id }
    for (const listener of this.#listeners.get(fullDocument.user) ?? []) listener(change)
  }
}

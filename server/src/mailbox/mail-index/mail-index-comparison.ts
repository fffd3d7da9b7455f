import { setTimeout as sleep } from "node:timers/promises"
import { ObjectId, type Collection, type Document } from "mongodb"
import type { Database } from "../../store/database.ts"
import { over } from "../index-hint.ts"
import { WildDuckStore } from "../wildduck-store.ts"
import type { Conversation } from "./conversation-heads.ts"

const batch = 5_000
const part = 100
const firstId = "000000000000000000000000"
const maxTime = { maxTimeMS: 60_000 } as const
/** Conversations with a wrong head that one comparison repairs at once. */
const mostRepairs = 10_000

/** What a comparison does with what it finds; `settle` puts the heads of conversations right. */
export interface ComparisonSteps {
  readonly refresh: (ids: readonly ObjectId[]) => Promise<void>
  readonly settle: (conversations: readonly Conversation[]) => Promise<void>
  /** Everything up to this id is done. */
  readonly reached: (position: string, done: number, changed: number) => Promise<void>
  readonly signal: AbortSignal
}

/**
 * Compares the index with WildDuck's mails, from `position` on, and has what differs read again: mails without an entry,
 * entries without a mail, marks, heads. Returns how many entries differed; throws when it is aborted. Ids are compared in
 * their index alone; mails are read only where something differs.
 */
export async function compareMailIndex(database: Database, position: string | null, { refresh, settle, reached, signal }: ComparisonSteps): Promise<number> {
  const { messages, mailboxes } = new WildDuckStore(database)
  let from = ObjectId.createFromHexString(position ?? firstId)
  let done = 0
  let changed = 0
  const refreshAll = async (ids: readonly ObjectId[]) => {
    changed += ids.length
    for (let start = 0; start < ids.length; start += part) {
      signal.throwIfAborted()
      await refresh(ids.slice(start, start + part))
      await reached(from.toHexString(), done, changed)
    }
  }
  for (;;) {
    signal.throwIfAborted()
    const truth = await idsOf(messages, { _id: { $gt: from } }, batch, "_id_")
    const last = truth.length === batch ? truth.at(-1) : undefined
    const entries = await idsOf(database.mailIndex, { _id: { $gt: from, ...(last ? { $lte: last } : {}) } }, 0, "_id_")
    await refreshAll(difference(truth, entries))
    done += truth.length
    if (last === undefined) break
    from = last
    await reached(from.toHexString(), done, changed)
    // Lists and searches go first.
    await sleep(5, undefined, { signal })
  }
  for await (const { _id: folder } of mailboxes.find({}, { projection: { _id: 1 } })) {
    for (const mark of ["unseen", "flagged"] as const) {
      signal.throwIfAborted()
      const [marked, entered] = [{ mailbox: folder, [mark]: true }, { folder, [mark]: true }]
      const theirs = `mailbox_${mark}_flag`
      const [there, here] = await Promise.all([over(theirs, (hint) => messages.countDocuments(marked, { ...maxTime, ...hint })), database.mailIndex.countDocuments(entered, { ...maxTime, hint: mark })])
      if (there === here) continue
      await refreshAll(difference(await over(theirs, ({ hint }) => idsOf(messages, marked, 0, hint)), await idsOf(database.mailIndex, entered, 0, mark)))
    }
    const wrong = await database.mailIndex
      .aggregate<{ _id: ObjectId }>(
        [
          { $match: { folder } },
          { $sort: { thread: 1, place: -1 } },
          { $group: { _id: "$thread", heads: { $sum: { $cond: ["$head", 1, 0] } }, first: { $first: "$head" } } },
          { $match: { $or: [{ heads: { $ne: 1 } }, { first: false }] } },
          { $limit: mostRepairs },
          { $project: { _id: 1 } },
        ],
        { ...maxTime, hint: "threads" },
      )
      .toArray()
    changed += wrong.length
    for (let start = 0; start < wrong.length; start += part) await settle(wrong.slice(start, start + part).map(({ _id }) => ({ folder, thread: _id })))
  }
  return changed
}

async function idsOf<T extends Document>(collection: Collection<T>, filter: object, limit: number, hint: string | undefined): Promise<ObjectId[]> {
  const rows = await (collection as unknown as Collection).find(filter, { projection: { _id: 1 }, ...maxTime, ...(hint === undefined ? {} : { hint }) }).sort({ _id: 1 }).limit(limit).toArray()
  return rows.map(({ _id }) => _id)
}

/** Ids that only one of two lists has. */
function difference(first: readonly ObjectId[], second: readonly ObjectId[]): ObjectId[] {
  const inFirst = new Set(first.map((id) => id.toHexString()))
  const inSecond = new Set(second.map((id) => id.toHexString()))
  return [...first.filter((id) => !inSecond.has(id.toHexString())), ...second.filter((id) => !inFirst.has(id.toHexString()))]
}

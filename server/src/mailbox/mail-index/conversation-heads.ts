import type { AnyBulkWriteOperation, Collection, ObjectId } from "mongodb"
import type { MailIndexDocument } from "../../store/documents.ts"

/** A conversation as far as it lies in one folder. */
export interface Conversation {
  readonly folder: ObjectId
  readonly thread: ObjectId
}

const writeConcern = { w: 1, journal: false } as const
const threadsIndex = "threads"

/** Which of these conversations have entries, as folder id and conversation id in one text. */
export async function headsOf(entries: Collection<MailIndexDocument>, conversations: readonly Conversation[]): Promise<string[]> {
  const found = await Promise.all(byFolder(conversations).map(({ folder, threads }) =>
    entries.aggregate<{ _id: ObjectId }>([{ $match: { folder, thread: { $in: threads } } }, { $group: { _id: "$thread" } }], { hint: threadsIndex }).map(({ _id }) => `${folder.toHexString()}${_id.toHexString()}`).toArray()))
  return found.flat()
}

/**
 * Sees to it that each conversation has one head, its newest entry, which knows whether any of its mails is unread.
 * Entries that are about to go (`without`) do not count.
 */
export async function settleHeads(entries: Collection<MailIndexDocument>, conversations: readonly Conversation[], without: readonly ObjectId[]): Promise<void> {
  const going = new Set(without.map((id) => id.toHexString()))
  for (const { folder, threads } of byFolder(conversations)) {
    // Covered by its index, in its order: newest first within a conversation.
    const rows = entries.find({ folder, thread: { $in: threads } }, { projection: { _id: 1, thread: 1, unseen: 1, head: 1 }, hint: threadsIndex }).sort({ thread: 1, place: -1 })
    const settled = new Map<string, { head: ObjectId; unread: boolean; former: ObjectId[] }>()
    for await (const { _id, thread, unseen, head } of rows) {
      if (going.has(_id.toHexString())) continue
      const key = thread.toHexString()
      const known = settled.get(key)
      if (known === undefined) settled.set(key, { head: _id, unread: unseen, former: [] })
      else {
        known.unread ||= unseen
        if (head) known.former.push(_id)
      }
    }
    const writes: AnyBulkWriteOperation<MailIndexDocument>[] = []
    for (const { head, unread, former } of settled.values()) {
      writes.push({ updateOne: { filter: { _id: head, $or: [{ head: false }, { unread: !unread }] }, update: { $set: { head: true, unread } } } })
      if (former.length > 0) writes.push({ updateMany: { filter: { _id: { $in: former } }, update: { $set: { head: false, unread: false } } } })
    }
    if (writes.length > 0) await entries.bulkWrite(writes, { ordered: true, writeConcern })
  }
}

function byFolder(conversations: readonly Conversation[]): { readonly folder: ObjectId; readonly threads: ObjectId[] }[] {
  const folders = new Map<string, { folder: ObjectId; threads: ObjectId[] }>()
  for (const { folder, thread } of conversations) {
    const known = folders.get(folder.toHexString())
    if (known) known.threads.push(thread)
    else folders.set(folder.toHexString(), { folder, threads: [thread] })
  }
  return [...folders.values()]
}

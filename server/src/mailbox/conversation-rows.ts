import type { ObjectId } from "mongodb"
import { over } from "./index-hint.ts"
import { readRows, type ListedRow } from "./stored-rows.ts"
import type { WildDuckStore } from "./wildduck-store.ts"

const most = 200
const maxTime = { maxTimeMS: 10_000 } as const

/**
 * Every mail of a conversation in its owner's mailbox, oldest first, the newest {@link most} of them: of all folders but
 * `aside` (trash and junk), unless it lies nowhere else. With `folder` those of this folder.
 */
export async function conversationRows(store: WildDuckStore, account: ObjectId, thread: ObjectId, where: { readonly folder: ObjectId } | { readonly aside: readonly ObjectId[] }): Promise<ListedRow[]> {
  const found = await over("user_messages_by_thread", (hint) => store.messages.find({ user: account, thread }, { projection: { mailbox: 1, idate: 1 }, ...hint, ...maxTime }).sort({ idate: -1, _id: -1 }).limit(5 * most).toArray())
  const inPlace = found.filter(({ mailbox }) => ("folder" in where ? where.folder.equals(mailbox) : !where.aside.some((aside) => aside.equals(mailbox))))
  const shown = "aside" in where && inPlace.length === 0 ? found : inPlace
  return (await readRows(store, shown.slice(0, most).map(({ _id }) => _id))).toReversed()
}

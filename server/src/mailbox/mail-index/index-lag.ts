import { setTimeout as sleep } from "node:timers/promises"
import type { ObjectId } from "mongodb"
import type { Database } from "../../store/database.ts"
import { over } from "../index-hint.ts"
import type { WildDuckStore } from "../wildduck-store.ts"

const lookEvery = 40
const maxTime = { maxTimeMS: 5_000 } as const

/**
 * Whether the index knows the newest mail of a folder, waiting at most `patience` milliseconds for it. A page asks for its
 * list as soon as it hears of a new mail: nothing would tell it again once the index has caught up.
 */
export async function knowsNewest(database: Database, store: WildDuckStore, folder: ObjectId, patience: number): Promise<boolean> {
  const newest = await over("mailbox_uid_reverse", (hint) => store.messages.find({ mailbox: folder }, { projection: { _id: 1 }, ...maxTime, ...hint }).sort({ uid: -1 }).limit(1).next())
  if (!newest) return true
  for (let waited = 0; ; waited += lookEvery) {
    // Moved on or removed meanwhile, it would be waited for in vain.
    if (waited > 0 && !(await store.messages.findOne({ _id: newest._id, mailbox: folder }, { projection: { _id: 1 }, ...maxTime }))) return true
    if (await database.mailIndex.findOne({ _id: newest._id, folder }, { projection: { _id: 1 }, ...maxTime })) return true
    if (waited >= patience) return false
    await sleep(lookEvery)
  }
}

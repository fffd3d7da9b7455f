import type { ObjectId } from "mongodb"
import type { Database } from "../../store/database.ts"
import type { MailIndexDocument } from "../../store/documents.ts"
import { goesOn, needsCount, readCursor, totalFrom, type ListPage, type PageStart } from "../folder-pages.ts"
import { readPlace } from "../list-place.ts"
import { readRows, type ListedRow } from "../stored-rows.ts"
import type { WildDuckStore } from "../wildduck-store.ts"
import { firstPlaceAt } from "./mail-entries.ts"

const maxTime = { maxTimeMS: 10_000 } as const
/** Mails of one conversation whose marks are read one by one; of longer ones the index's word is taken. */
const readOneByOne = 50

/** A page of conversations with the numbers of each, by conversation. */
export interface ConversationPage extends ListPage {
  readonly counts: ReadonlyMap<string, { readonly count: number; readonly unread: number }>
}

/** Lists that the index has: conversations by their newest mails, those with an unread mail, and single unread mails. */
const lists = { heads: { head: true }, unread: { unread: true }, unseen: { unseen: true } } as const

/** A page of one of the {@link lists} of a folder, out of the index of the same name. */
export async function pageOfIndex(database: Database, store: WildDuckStore, folder: ObjectId, hint: keyof typeof lists, start: PageStart, limit: number): Promise<ConversationPage> {
  const { mailIndex } = database
  const filter = { folder, ...lists[hint] }
  // The plain command counts keys; the driver's own way looks at each of them twice as long.
  const count = () => database.db.command({ count: "mailIndex", query: filter, hint, ...maxTime }).then((answer) => Number(answer["n"]))
  const counting = needsCount(start) ? count() : undefined
  const offset = "offset" in start ? start.offset : 0
  const heads = await readPlace(`${folder.toHexString()} ${hint}`, { offset, limit, counting }, ({ fromEnd, skip }) =>
    mailIndex
      .find({ ...filter, ...("after" in start ? { place: { $lt: placeIn(start.after) } } : {}) }, { projection: hint === "unseen" ? { _id: 1, place: 1 } : { _id: 1, place: 1, thread: 1 }, hint, ...maxTime })
      .sort({ place: fromEnd ? 1 : -1 })
      .skip(skip)
      .limit(limit)
      .toArray())
  const [found, members] = await Promise.all([readRows(store, heads.map(({ _id }) => _id)), hint === "unseen" ? [] : membersOf(database, folder, heads.map(({ thread }) => thread))])
  const read = found.filter((row) => row.folder.equals(folder))
  const there = new Map(read.map((row) => [row._id.toHexString(), row]))
  const missing = heads.filter(({ _id }) => !there.has(_id.toHexString()))
  const followers = hint === "unseen" ? undefined : await newestOf(database, store, folder, missing.map(({ thread }) => thread))
  const rows = heads.flatMap(({ _id, thread }) => there.get(_id.toHexString()) ?? followers?.get(thread.toHexString()) ?? []).filter(({ row }) => hint !== "unseen" || !row.seen)
  const last = heads.at(-1)
  const total = await (counting ?? totalFrom(start, heads.length, limit, count))
  return { rows, total, next: goesOn(start, heads.length, limit, total) && last ? placeCursor(last.place) : undefined, counts: hint === "unseen" ? new Map() : await countInFolder(store, folder, rows, members) }
}

/** The newest mails there are of conversations whose head has just gone. */
async function newestOf(database: Database, store: WildDuckStore, folder: ObjectId, threads: readonly ObjectId[]): Promise<Map<string, ListedRow>> {
  if (threads.length === 0) return new Map()
  const entries = await database.mailIndex.find({ folder, thread: { $in: [...threads] } }, { projection: { _id: 1 }, hint: "threads", ...maxTime }).sort({ thread: 1, place: -1 }).limit(500).toArray()
  const rows = (await readRows(store, entries.map(({ _id }) => _id))).filter((row) => row.folder.equals(folder))
  return new Map(rows.toReversed().flatMap((row) => (row.thread ? [[row.thread.toHexString(), row]] : [])))
}

/** The mails of some conversations in a folder, as the index has them. */
async function membersOf(database: Database, folder: ObjectId, threads: readonly ObjectId[]): Promise<Pick<MailIndexDocument, "_id" | "thread" | "unseen">[]> {
  if (threads.length === 0) return []
  return database.mailIndex.find({ folder, thread: { $in: [...threads] } }, { projection: { _id: 1, thread: 1, unseen: 1 }, hint: "threads", ...maxTime }).toArray()
}

/** How many mails of each row's conversation are in the folder, and how many of them are unread. */
async function countInFolder(store: WildDuckStore, folder: ObjectId, rows: readonly ListedRow[], members: Awaited<ReturnType<typeof membersOf>>): Promise<ConversationPage["counts"]> {
  const counts = new Map(rows.flatMap(({ thread, row }) => (thread ? [[thread.toHexString(), { count: 1, unread: row.seen ? 0 : 1 }]] : [])))
  const conversations = Map.groupBy(members, ({ thread }) => thread.toHexString())
  const looked = [...conversations.values()].filter(({ length }) => length > 1 && length <= readOneByOne).flat()
  // Marks change a moment before the index knows: what a person just did must show.
  const marks = looked.length === 0 ? [] : await store.messages.find({ _id: { $in: looked.map(({ _id }) => _id) }, mailbox: folder }, { projection: { unseen: 1 }, ...maxTime }).toArray()
  const unseen = new Map(marks.map((mark) => [mark._id.toHexString(), "unseen" in mark && mark.unseen === true]))
  for (const [thread, mails] of conversations) {
    if (mails.length === 1) continue
    const states = mails.length > readOneByOne ? mails.map((mail) => mail.unseen) : mails.flatMap((mail) => unseen.get(mail._id.toHexString()) ?? [])
    counts.set(thread, { count: Math.max(1, states.length), unread: states.filter(Boolean).length })
  }
  return counts
}

/** A place as a cursor keeps it. */
export function placeCursor(place: number): string {
  return `p${place}`
}

/** What {@link placeCursor} wrote; undefined for anything else. */
export function readPlaceCursor(text: string): number | undefined {
  const place = /^p-?\d{1,16}$/.test(text) ? Number(text.slice(1)) : undefined
  return Number.isSafeInteger(place) ? place : undefined
}

/** The place that a cursor of either kind of list means: the index may have become complete between two pages. */
export function placeIn(cursor: string): number {
  return readPlaceCursor(cursor) ?? firstPlaceAt(new Date((readCursor(cursor)?.arrived.getTime() ?? 0) + 1))
}

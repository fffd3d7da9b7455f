import { ObjectId, type Document } from "mongodb"
import { over } from "./index-hint.ts"
import { readPlace, readsUncounted } from "./list-place.ts"
import { listedRow, readRows, rowFields, type ListedRow } from "./stored-rows.ts"
import type { StoredMessage, WildDuckStore } from "./wildduck-store.ts"

/**
 * Where a page begins: so many rows into the list, or after the row that a page before ended with. `count` false: whoever
 * asks knows how many rows there are.
 */
export type PageStart = { readonly offset: number; readonly count: boolean } | { readonly after: string }

/** One page of a list, newest first. `total`: rows in the whole list, undefined where that was not asked for; `next`: where the next page begins, as {@link PageStart} takes it. */
export interface ListPage {
  readonly rows: readonly ListedRow[]
  readonly total: number | undefined
  readonly next: string | undefined
}

const maxTime = { maxTimeMS: 10_000 } as const
/** The index that WildDuck lists by: it answers everything here but the rows themselves. Left to choose, the database tries others first, which costs seconds. */
const byArrival = "by_idate_reverse_thread"
const order = { idate: -1, _id: -1 } as const
const reversed = { idate: 1, _id: 1 } as const

/** Whether the rows of a list have to be counted for a page of it. Pure. */
export function needsCount(start: PageStart): boolean {
  return "after" in start || start.count || !readsUncounted(start.offset)
}

/** How many rows a list has, told by a page of it that was not counted for: a short one is its end. `count`: asked where the page is empty. */
export async function totalFrom(start: PageStart, length: number, limit: number, count: () => Promise<number>): Promise<number | undefined> {
  if (length === limit || "after" in start) return undefined
  return length > 0 ? start.offset + length : count()
}

/** Whether more rows follow a page of `length` rows, as far as it can tell. Pure. */
export function goesOn(start: PageStart, length: number, limit: number, total: number | undefined): boolean {
  return "after" in start || total === undefined ? length === limit : start.offset + length < total
}

/** A place in a list by arrival, as a cursor keeps it. */
export function placeOf(arrived: Date, id: ObjectId): string {
  return `${arrived.getTime()}:${id.toHexString()}`
}

/** What {@link placeOf} wrote; undefined for anything else. */
export function readCursor(text: string): { readonly arrived: Date; readonly id: ObjectId } | undefined {
  const [, time, id] = /^(-?\d{1,16}):([0-9a-f]{24})$/.exec(text) ?? []
  return time === undefined || id === undefined ? undefined : { arrived: new Date(Number(time)), id: ObjectId.createFromHexString(id) }
}

/**
 * Mails of a folder one by one, straight from WildDuck's database over its own index: right at every moment, whatever
 * our index knows. `unseen`: only those that nobody has read.
 */
export async function pageOfFolder(store: WildDuckStore, folder: ObjectId, start: PageStart, limit: number, unseen: boolean): Promise<ListPage> {
  const filter = { mailbox: folder, ...(unseen ? { unseen: true } : {}) }
  const count = () => store.count(folder, unseen)
  const counting = needsCount(start) ? count() : undefined
  const offset = "offset" in start ? start.offset : 0
  const after = "after" in start ? readCursor(start.after) : undefined
  const bound = after === undefined ? {} : { idate: { $lte: after.arrived }, $or: [{ idate: { $lt: after.arrived } }, { _id: { $lt: after.id } }] }
  const shown: readonly (StoredMessage & Document)[] = await readPlace(`${folder.toHexString()} ${unseen}`, { offset, limit, counting }, ({ fromEnd, skip }) =>
    over(unseen ? "mailbox_unseen_flag" : byArrival, (hint) =>
      store.messages
        // The unread ones have to be sorted, which takes less room without what they say.
        .find({ ...filter, ...bound }, { projection: unseen ? { _id: 1, idate: 1 } : rowFields, ...maxTime, ...hint })
        .sort(fromEnd ? reversed : order)
        .skip(skip)
        .limit(limit)
        .toArray()))
  const last = shown.at(-1)
  const [rows, total] = await Promise.all([unseen ? readRows(store, shown.map(({ _id }) => _id)) : shown.flatMap((document) => listedRow(document) ?? []), counting ?? totalFrom(start, shown.length, limit, count)])
  return { rows: rows.filter(({ row, folder: now }) => now.equals(folder) && !(unseen && row.seen)), total, next: goesOn(start, shown.length, limit, total) && last ? placeOf(last["idate"] as Date, last._id) : undefined }
}

/** Newest mails of the conversations of a folder, found by reading the whole folder: for when our index is not complete. */
export async function conversationsOfFolder(store: WildDuckStore, folder: ObjectId, start: PageStart, limit: number, unseen: boolean): Promise<ListPage> {
  const after = "after" in start ? readCursor(start.after) : undefined
  const bound = after === undefined ? {} : { $or: [{ idate: { $lt: after.arrived } }, { idate: after.arrived, head: { $lt: after.id } }] }
  const [answer] = await over(byArrival, (hint) => store.messages
    .aggregate<{ total: { n: number }[]; page: { head: ObjectId; idate: Date }[] }>(
      [
        { $match: { mailbox: folder } },
        { $sort: order },
        { $project: { idate: 1, thread: 1, ...(unseen ? { unseen: 1 } : {}) } },
        { $group: { _id: "$thread", head: { $first: "$_id" }, idate: { $first: "$idate" }, ...(unseen ? { unseen: { $max: "$unseen" } } : {}) } },
        ...(unseen ? [{ $match: { unseen: true } }] : []),
        { $sort: { idate: -1, head: -1 } },
        { $facet: { total: [{ $count: "n" }], page: [{ $match: bound }, { $skip: "offset" in start ? start.offset : 0 }, { $limit: limit }] } },
      ],
      { ...maxTime, allowDiskUse: true, ...hint },
    )
    .toArray())
  const total = answer?.total[0]?.n ?? 0
  const page = answer?.page ?? []
  const last = page.at(-1)
  return { rows: (await readRows(store, page.map(({ head }) => head))).filter((row) => row.folder.equals(folder)), total, next: goesOn(start, page.length, limit, total) && last ? placeOf(last.idate, last.head) : undefined }
}

/** Mails of a conversation in one folder, and how many of them nobody has read, by conversation. */
export async function countConversations(store: WildDuckStore, account: ObjectId, folder: ObjectId, threads: readonly ObjectId[]): Promise<Map<string, { readonly count: number; readonly unread: number }>> {
  if (threads.length === 0) return new Map()
  const groups = await over("user_messages_by_thread", (hint) => store.messages
    .aggregate<{ _id: ObjectId; count: number; unread: number }>(
      [
        { $match: { user: account, thread: { $in: [...threads] }, mailbox: folder } },
        { $group: { _id: "$thread", count: { $sum: 1 }, unread: { $sum: { $cond: ["$unseen", 1, 0] } } } },
      ],
      { ...maxTime, ...hint },
    )
    .toArray())
  return new Map(groups.map(({ _id, count, unread }) => [_id.toHexString(), { count, unread }]))
}

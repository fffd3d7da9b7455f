import { Binary, type AnyBulkWriteOperation, type Collection, type Document, type ObjectId } from "mongodb"
import type { Database } from "../../store/database.ts"
import type { MailIndexDocument } from "../../store/documents.ts"
import { addressesOf } from "../stored-rows.ts"
import type { StoredAddress } from "../wildduck-schemas.ts"
import { WildDuckStore } from "../wildduck-store.ts"
import { headsOf, settleHeads, type Conversation } from "./conversation-heads.ts"
import { indexedText, indexWords, numberOf } from "./mail-words.ts"

const contentFields = {
  root: 1, mailbox: 1, thread: 1, idate: 1, unseen: 1, flagged: 1, ha: 1, subject: 1, text: 1, textFooter: 1,
  "mimeTree.parsedHeader.from": 1, "mimeTree.parsedHeader.sender": 1, "mimeTree.parsedHeader.to": 1, "mimeTree.parsedHeader.cc": 1, "mimeTree.parsedHeader.bcc": 1,
} as const
/** Mails whose text is in memory at once. */
const chunk = 100
/** What is lost with a crash is found again from the saved token, which waits for the journal. */
const writeConcern = { w: 1, journal: false } as const

/**
 * Brings the entries of some mails to what WildDuck has of them now: made, changed or removed. Everything is read
 * anew, so that doing it twice, late or for nothing does no harm; one writer at a time.
 */
export async function refreshEntries(database: Database, ids: readonly ObjectId[]): Promise<void> {
  for (let start = 0; start < ids.length; start += chunk) await refreshChunk(database, ids.slice(start, start + chunk))
}

async function refreshChunk(database: Database, ids: readonly ObjectId[]): Promise<void> {
  const entries = database.mailIndex
  const { messages } = new WildDuckStore(database)
  const known = await entries.find({ _id: { $in: [...ids] } }, { projection: { folder: 1, thread: 1, unseen: 1, flagged: 1 } }).toArray()
  const knownIds = new Set(known.map(({ _id }) => _id.toHexString()))
  const fresh = ids.filter((id) => !knownIds.has(id.toHexString()))
  const [marks, contents] = await Promise.all([
    known.length === 0 ? [] : messages.find<Document>({ _id: { $in: known.map(({ _id }) => _id) } }, { projection: { unseen: 1, flagged: 1 } }).toArray(),
    fresh.length === 0 ? [] : messages.find<Document>({ _id: { $in: fresh } }, { projection: contentFields }).toArray(),
  ])
  const now = new Map(marks.map((document) => [String(document["_id"]), document]))
  const conversations = new Map<string, Conversation>()
  const touch = ({ folder, thread }: Conversation) => conversations.set(`${folder.toHexString()}${thread.toHexString()}`, { folder, thread })

  const writes: AnyBulkWriteOperation<MailIndexDocument>[] = []
  const gone: ObjectId[] = []
  for (const entry of known) {
    touch(entry)
    const document = now.get(entry._id.toHexString())
    if (document === undefined) {
      gone.push(entry._id)
      continue
    }
    const unseen = document["unseen"] === true
    const flagged = document["flagged"] === true
    if (unseen !== entry.unseen || flagged !== entry.flagged) writes.push({ updateOne: { filter: { _id: entry._id }, update: { $set: { unseen, flagged } } } })
  }
  const made = contents.flatMap((document) => entryOf(document) ?? [])
  if (writes.length > 0) await entries.bulkWrite(writes, { ordered: false, writeConcern })
  if (made.length > 0) await insert(entries, made, touch)
  // A removed entry goes last: whoever comes here again after a crash still learns of its conversation.
  await settleHeads(entries, [...conversations.values()], gone)
  if (gone.length > 0) await entries.deleteMany({ _id: { $in: gone } }, { writeConcern })
}

/** New entries; those of conversations that have none yet come with their head. */
async function insert(entries: Collection<MailIndexDocument>, made: readonly MailIndexDocument[], touch: (conversation: Conversation) => void): Promise<void> {
  const present = new Set(await headsOf(entries, made))
  const newest = new Map<string, MailIndexDocument>()
  const unread = new Set<string>()
  for (const entry of made) {
    const key = `${entry.folder.toHexString()}${entry.thread.toHexString()}`
    if (present.has(key)) {
      touch(entry)
      continue
    }
    const head = newest.get(key)
    if (head === undefined || head.place < entry.place) newest.set(key, entry)
    if (entry.unseen) unread.add(key)
  }
  for (const [key, entry] of newest) Object.assign(entry, { head: true, unread: unread.has(key) })
  await entries.bulkWrite(made.map((entry) => ({ replaceOne: { filter: { _id: entry._id }, replacement: entry, upsert: true } })), { ordered: false, writeConcern })
}

/** The entry of a mail as it lies in WildDuck's database; undefined where that is no mail. */
function entryOf(document: Document): MailIndexDocument | undefined {
  const { _id, mailbox, thread, root, idate } = document as { _id: ObjectId; mailbox?: ObjectId; thread?: ObjectId; root?: ObjectId; idate?: unknown }
  if (mailbox === undefined || thread === undefined) return undefined
  const header = (document["mimeTree"]?.parsedHeader ?? {}) as Readonly<Record<string, unknown>>
  const subject = textOf(document["subject"])
  const text = textOf(document["text"])
  const { words, pairs } = indexWords({
    subject,
    from: named(addressesOf(header["from"] ?? header["sender"])),
    to: named([header["to"], header["cc"], header["bcc"]].flatMap(addressesOf)),
    text: text.length < indexedText ? text + textOf(document["textFooter"]) : text,
    attachments: document["ha"] === true,
  })
  return {
    _id,
    folder: mailbox,
    thread,
    place: placeAt(idate instanceof Date ? idate : _id.getTimestamp(), root ?? _id),
    head: false,
    unread: false,
    unseen: document["unseen"] === true,
    flagged: document["flagged"] === true,
    pairs: new Binary(pairs),
    words,
  }
}

/** Mails of one millisecond are told apart by so many numbers; a time stays an exact number until the year 2248. */
const placesInMs = 1_024

/** A mail's place in every list, by arrival: a number that is its own and stays through moves (`root` does). */
export function placeAt(arrived: Date, root: ObjectId): number {
  return arrived.getTime() * placesInMs + (numberOf(root.toHexString()) % placesInMs)
}

/** The first place at a time. */
export function firstPlaceAt(time: Date): number {
  return time.getTime() * placesInMs
}

/** When a mail with this place arrived. */
export function timeOfPlace(place: number): Date {
  return new Date(Math.floor(place / placesInMs))
}

function named(addresses: readonly StoredAddress[]): string {
  return addresses.map(({ name = "", address = "" }) => `${name} ${address}`).join(" ")
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : ""
}

import { MongoServerError, ObjectId, type Document, type Filter } from "mongodb"
import type { Database } from "../../store/database.ts"
import type { MailIndexDocument } from "../../store/documents.ts"
import { addressesOf, readRows, type ListedRow } from "../stored-rows.ts"
import { WildDuckStore } from "../wildduck-store.ts"
import { firstPlaceAt } from "./mail-entries.ts"
import { hasPhrase } from "./mail-words.ts"
import type { Condition, Phrase, SearchPlan } from "./search-plan.ts"

/** Where and how far to look. `folders`: those of one mailbox. */
export interface MailSearch {
  readonly plan: SearchPlan
  readonly folders: readonly ObjectId[]
  readonly start: { readonly offset: number } | { readonly after: number }
  readonly limit: number
}

/** What was found, newest first. `total`: at least so many, and not more where `exact`. `next`: place after which the next page begins. */
export interface FoundPage {
  readonly rows: readonly ListedRow[]
  readonly total: number
  readonly exact: boolean
  readonly next: number | undefined
}

type Entry = Pick<MailIndexDocument, "_id" | "place">

/** A condition that fits fewer entries than this answers the search alone; what fits more is looked for newest first. */
const rare = 2_000
/** How long a search may look, milliseconds; then it shows what it has. */
const patience = 1_500
const maxTime = { maxTimeMS: 5_000 } as const
/** Phrases are read in so many mails to count them. */
const readAll = 200
/** Folders that are looked into one by one. */
const fewFolders = 30
const timedOut = 50

/** Finds mails in the index; what it shows is read from WildDuck and must still fit. */
export async function searchMails(database: Database, search: MailSearch): Promise<FoundPage> {
  const { plan, folders, start } = search
  if (folders.length === 0) return { rows: [], total: 0, exact: true, next: undefined }
  const range = placeRange(plan)
  const driver = await rarest(database, plan.conditions, folders)
  if (driver !== undefined && driver.count < rare) {
    const entries = (await candidates(database, search, driver.condition, range)).toSorted((first, second) => second.place - first.place)
    const known = "after" in start ? entries.filter(({ place }) => place < start.after) : entries
    const counted = plan.phrases.length > 0 && entries.length <= readAll ? await stillFitting(database, entries, search) : undefined
    const shown = counted === undefined ? known : known.filter(({ _id }) => counted.some((row) => row._id.equals(_id)))
    const page = await fill(database, search, shown.slice("offset" in start ? start.offset : 0))
    return { ...page, total: counted?.length ?? Math.max(entries.length - page.lost, page.rows.length), exact: plan.phrases.length === 0 || counted !== undefined }
  }
  return newestFirst(database, search, range, driver)
}

/** The condition that the fewest entries fit, and how many those are, up to {@link rare}. */
async function rarest(database: Database, conditions: readonly Condition[], folders: readonly ObjectId[]): Promise<{ readonly condition: Condition; readonly count: number } | undefined> {
  const counted = await Promise.all(conditions.filter(({ kind }) => kind !== "phrase").map(async (condition) => ({ condition, count: await countUpTo(database, condition, folders, rare) })))
  return counted.toSorted((first, second) => first.count - second.count)[0]
}

/** How many entries fit one condition, counted in its index alone and not beyond `limit`. */
async function countUpTo(database: Database, condition: Condition, folders: readonly ObjectId[], limit: number): Promise<number> {
  const places = folders.length <= fewFolders ? folders.map((folder) => ({ folder })) : [{ folder: { $in: [...folders] } }]
  const counts = await Promise.all(places.map(async (place) => {
    const answer = await database.db.command({ count: "mailIndex", query: { ...place, ...filterOf(condition) }, hint: indexOf(condition), ...(limit > 0 ? { limit } : {}), ...maxTime })
    return Number(answer["n"])
  }))
  return counts.reduce((sum, count) => sum + count, 0)
}

/** Every entry that fits, found by the rarest condition. */
async function candidates(database: Database, { plan, folders }: MailSearch, driver: Condition, range: Filter<MailIndexDocument>): Promise<Entry[]> {
  const options = { projection: { place: 1 }, ...maxTime } as const
  const found = await database.mailIndex.find({ $and: [inFolders(folders), filterOf(driver), range] }, { ...options, hint: indexOf(driver) }).toArray()
  const others = plan.conditions.filter((condition) => condition !== driver)
  if (others.length === 0 || found.length === 0) return found
  // By id, so that no other condition can take the place of the rarest.
  return database.mailIndex.find({ $and: [{ _id: { $in: found.map(({ _id }) => _id) } }, ...others.map(filterOf)] }, { ...options, hint: "_id_" }).toArray()
}

/** Every condition is common, so that mails that fit them all are not far apart: they are looked for from the newest on. */
async function newestFirst(database: Database, search: MailSearch, range: Filter<MailIndexDocument>, driver: { readonly condition: Condition; readonly count: number } | undefined): Promise<FoundPage> {
  const { plan, folders, start, limit } = search
  const offset = "offset" in start ? start.offset : 0
  const leading = plan.conditions.find(({ kind }) => kind === "word" || kind === "unseen" || kind === "flagged")
  const filter: Filter<MailIndexDocument> = { $and: [inFolders(folders), ...plan.conditions.map(filterOf), range, ...("after" in start ? [{ place: { $lt: start.after } }] : [])] }
  const [only] = plan.conditions
  const alone = plan.conditions.length === 1 && only?.kind === "word" && plan.after === undefined && plan.before === undefined
  const counting = alone ? countUpTo(database, only, folders, 0) : undefined
  const cursor = database.mailIndex
    .find(filter, { projection: { place: 1 }, hint: leading === undefined ? "places" : indexOf(leading), batchSize: limit + 1, maxTimeMS: patience })
    .sort({ place: -1 })
    .skip(offset)
  const rows: ListedRow[] = []
  let last: number | undefined
  let more = false
  let late = false
  try {
    for (let entries: Entry[] = []; ; entries = []) {
      while (entries.length <= limit - rows.length) {
        const entry = await cursor.next()
        if (entry === null) break
        entries.push(entry)
      }
      const wanted = limit - rows.length
      more = entries.length > wanted
      const part = entries.slice(0, wanted)
      rows.push(...(await stillFitting(database, part, search)))
      last = part.at(-1)?.place ?? last
      if (!more || rows.length >= limit) break
    }
  } catch (error) {
    if (!(error instanceof MongoServerError && error.code === timedOut)) throw error
    late = true
  } finally {
    await cursor.close()
  }
  const atLeast = offset + rows.length + (more ? 1 : 0)
  const total = (await counting) ?? ("after" in start || (plan.conditions.length === 1 && driver !== undefined) ? Math.max(atLeast, driver?.count ?? 0) : atLeast)
  return { rows, total, exact: alone || (!more && !late && "offset" in start), next: more ? last : undefined }
}

/** The first `limit` entries that still fit, refilled for those that do not. `lost`: how many did not. */
async function fill(database: Database, search: MailSearch, entries: readonly Entry[]): Promise<{ rows: ListedRow[]; next: number | undefined; lost: number }> {
  const rows: ListedRow[] = []
  let used = 0
  while (rows.length < search.limit && used < entries.length) {
    const part = entries.slice(used, used + search.limit - rows.length)
    rows.push(...(await stillFitting(database, part, search)))
    used += part.length
  }
  return { rows, next: used < entries.length ? entries[used - 1]?.place : undefined, lost: used - rows.length }
}

/** The rows of these entries that are there, in their folder, with their marks and phrases. */
async function stillFitting(database: Database, entries: readonly Entry[], { plan, folders }: MailSearch): Promise<ListedRow[]> {
  const store = new WildDuckStore(database)
  const ids = entries.map(({ _id }) => _id)
  const [rows, phrased] = await Promise.all([readRows(store, ids), plan.phrases.length === 0 ? undefined : withPhrases(store, ids, plan.phrases)])
  const unseen = plan.conditions.some(({ kind }) => kind === "unseen")
  const flagged = plan.conditions.some(({ kind }) => kind === "flagged")
  return rows.filter(({ _id, folder, row }) => folders.some((each) => each.equals(folder)) && !(unseen && row.seen) && (row.flagged || !flagged) && (phrased?.has(_id.toHexString()) ?? true))
}

/** Which mails have every phrase, read in the mails themselves. */
async function withPhrases(store: WildDuckStore, ids: readonly ObjectId[], phrases: readonly Phrase[]): Promise<Set<string>> {
  const header = { "mimeTree.parsedHeader.from": 1, "mimeTree.parsedHeader.sender": 1, "mimeTree.parsedHeader.to": 1, "mimeTree.parsedHeader.cc": 1, "mimeTree.parsedHeader.bcc": 1 }
  const mails = await store.messages.find<Document>({ _id: { $in: [...ids] } }, { projection: { subject: 1, text: 1, textFooter: 1, ...header }, ...maxTime }).toArray()
  const fits = (mail: Document) => {
    const parsed = mail["mimeTree"]?.parsedHeader ?? {}
    const people = (fields: readonly unknown[]) => fields.flatMap(addressesOf).map(({ name = "", address = "" }) => `${name} ${address}`).join(" ")
    const parts = { subject: String(mail["subject"] ?? ""), from: people([parsed.from ?? parsed.sender]), to: people([parsed.to, parsed.cc, parsed.bcc]) }
    const text = `${String(mail["text"] ?? "")}${String(mail["textFooter"] ?? "")}`
    return phrases.every(({ field, words }) => (field === "any" ? [...Object.values(parts), text] : [parts[field]]).some((part) => hasPhrase(part, words)))
  }
  return new Set(mails.filter(fits).map((mail) => String(mail["_id"])))
}

function inFolders(folders: readonly ObjectId[]): Filter<MailIndexDocument> {
  const [only] = folders
  return folders.length === 1 && only ? { folder: only } : { folder: { $in: [...folders] } }
}

function placeRange({ after, before }: SearchPlan): Filter<MailIndexDocument> {
  if (after === undefined && before === undefined) return {}
  return { place: { ...(after ? { $gte: firstPlaceAt(after) } : {}), ...(before ? { $lt: firstPlaceAt(before) } : {}) } }
}

function filterOf(condition: Condition): Filter<MailIndexDocument> {
  switch (condition.kind) {
    case "word":
      return { words: condition.word }
    case "prefix":
      return { words: { $elemMatch: { $gte: condition.prefix, $lt: `${condition.prefix}\uffff` } } }
    case "phrase":
      return { pairs: { $bitsAllSet: [...condition.bits] } }
    case "unseen":
      return { unseen: true }
    case "flagged":
      return { flagged: true }
  }
}

function indexOf({ kind }: Condition): string {
  return kind === "unseen" || kind === "flagged" ? kind : "words"
}

import type { Filter } from "mongodb"
import { hasPhrase } from "../mailbox/mail-index/mail-words.ts"
import { planSearch, type Condition, type Phrase } from "../mailbox/mail-index/search-plan.ts"
import type { Database } from "../store/database.ts"
import type { ArchiveIndexDocument, MessageDocument } from "../store/documents.ts"
import { archiveIndexedUpTo } from "./archive-indexer.ts"
import { isMessageId, messageIdAt } from "./message-id.ts"
import { searchMessages, type MessageSearch, type SummaryRow } from "./search.ts"

/** A condition that fits fewer mails than this answers the search alone; what fits more is looked for newest first. */
const rare = 2_000
const chunk = 200
/** How long a search may look as a rule, milliseconds; then it shows what it has. */
const usualPatience = 1_500
const maxTime = { maxTimeMS: 5_000 } as const

/**
 * Mails of the archive that fit, newest first: one more than `limit` where there is a next page. Words are looked up in the
 * whole text; of mails that the index has not reached yet, in subject, sender and recipients. Who needs all that fit has
 * no end to their `patience`.
 */
export async function searchArchive(database: Database, search: MessageSearch, patience = usualPatience): Promise<SummaryRow[]> {
  const text = search.q?.trim() ?? ""
  const plan = planSearch(search.q ?? "")
  const conditions = plan.conditions.filter(isLookedUp)
  if (text === "" || isMessageId(text) || conditions.length === 0) return searchMessages(database, search)
  const position = await archiveIndexedUpTo(database)
  if (position === undefined) return searchMessages(database, search)
  const recent = await searchMessages(database, { ...search, visible: { $and: [search.visible, { _id: { $gt: position } }] } })
  if (recent.length > search.limit) return recent
  const before = [position, ...(search.after === undefined ? [] : [search.after])].toSorted()[0] ?? position
  const bounds: Filter<ArchiveIndexDocument>[] = [
    before === position ? { _id: { $lte: before } } : { _id: { $lt: before } },
    ...[search.from, plan.after].flatMap((time) => (time ? [{ _id: { $gte: messageIdAt(time) } }] : [])),
    ...[search.until, plan.before].flatMap((time) => (time ? [{ _id: { $lt: messageIdAt(time) } }] : [])),
  ]
  return [...recent, ...(await indexed(database, search, conditions, plan.phrases, bounds, search.limit + 1 - recent.length, patience))]
}

async function indexed(database: Database, search: MessageSearch, conditions: readonly Condition[], phrases: readonly Phrase[], bounds: readonly Filter<ArchiveIndexDocument>[], wanted: number, patience: number): Promise<SummaryRow[]> {
  const { archiveIndex } = database
  const counted = await Promise.all(conditions.map(async (condition) => ({ condition, count: Number((await database.db.command({ count: "archiveIndex", query: filterOf(condition), hint: "words", limit: rare, ...maxTime }))["n"]) })))
  const driver = counted.toSorted((first, second) => first.count - second.count)[0]
  const rest = conditions.filter((condition) => condition !== driver?.condition).map(filterOf)
  const rows: SummaryRow[] = []
  const take = async (ids: readonly string[]) => rows.push(...(await fitting(database, search, ids, phrases)))
  if (driver && driver.count < rare) {
    const found = await archiveIndex.find({ $and: [filterOf(driver.condition), ...bounds] }, { projection: { _id: 1 }, hint: "words", ...maxTime }).toArray()
    // By id, so that no other condition can take the place of the rarest.
    const both = rest.length === 0 ? found : await archiveIndex.find({ $and: [{ _id: { $in: found.map(({ _id }) => _id) } }, ...rest] }, { projection: { _id: 1 }, hint: "_id_", ...maxTime }).toArray()
    const ids = both.map(({ _id }) => _id).toSorted().toReversed()
    for (let start = 0; start < ids.length && rows.length < wanted; start += chunk) await take(ids.slice(start, start + chunk))
    return rows.slice(0, wanted)
  }
  const reach = reachOf(search.visible)
  const hint = reach?.owners !== undefined ? "owners" : reach?.domains !== undefined ? "domains" : "_id_"
  const cursor = archiveIndex.find({ $and: [reach ?? {}, ...conditions.map(filterOf), ...bounds] }, { projection: { _id: 1 }, hint, batchSize: chunk, ...maxTime }).sort({ _id: -1 })
  const started = performance.now()
  try {
    for (let ids: string[] = []; rows.length < wanted && performance.now() - started < patience; ids = []) {
      while (ids.length < chunk) {
        const next = await cursor.next()
        if (next === null) break
        ids.push(next._id)
      }
      await take(ids)
      if (ids.length < chunk) break
    }
  } finally {
    await cursor.close()
  }
  return rows.slice(0, wanted)
}

/** Which of these mails the search may show, and have its phrases, in the order of `ids`. */
async function fitting(database: Database, search: MessageSearch, ids: readonly string[], phrases: readonly Phrase[]): Promise<SummaryRow[]> {
  if (ids.length === 0) return []
  const inChunk: Filter<MessageDocument> = { $and: [search.visible, { _id: { $in: [...ids] } }] }
  const [rows, texts] = await Promise.all([
    searchMessages(database, { ...search, q: undefined, visible: inChunk, limit: ids.length }),
    phrases.length === 0 ? [] : database.archiveIndex.find({ _id: { $in: [...ids] } }, { projection: { text: 1 }, ...maxTime }).toArray(),
  ])
  const textOf = new Map(texts.map(({ _id, text }) => [_id, text]))
  return rows.filter(({ _id, summary }) => phrases.every(({ field, words }) => (field === "any" ? [summary.subject, summary.from, summary.to, textOf.get(_id) ?? ""] : [summary[field]]).some((text) => hasPhrase(text, words))))
}

/** Whose mails are looked through, where a filter says so plainly. */
function reachOf(visible: Filter<MessageDocument>): { readonly owners?: string; readonly domains?: string } | undefined {
  const { owners, domains, $and } = visible as { owners?: unknown; domains?: unknown; $and?: Filter<MessageDocument>[] }
  if (typeof owners === "string") return { owners }
  if (typeof domains === "string") return { domains }
  return $and?.map(reachOf).find((reach) => reach !== undefined)
}

/** Marks of a mailbox mean nothing here; phrases are read in the text. */
function isLookedUp({ kind }: Condition): boolean {
  return kind === "word" || kind === "prefix"
}

function filterOf(condition: Condition): Filter<ArchiveIndexDocument> {
  if (condition.kind === "word") return { words: condition.word }
  return condition.kind === "prefix" ? { words: { $elemMatch: { $gte: condition.prefix, $lt: `${condition.prefix}\uffff` } } } : {}
}

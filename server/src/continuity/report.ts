import { openStates, type DeliveryState } from "@lifeboat/shared/delivery-state"
import type { OutageView } from "@lifeboat/shared/schemas/archive"
import type { Database } from "../store/database.ts"
import type { MessageDocument, OutageDocument } from "../store/documents.ts"
import { addCounts, countMessage, nobody, type OutageCounts } from "./outage-count.ts"

const batchSize = 500
/** Answers are used again for this long, so that many readers cost no more than one. */
const keepMs = 1_000
const kept = 1_000
const open: ReadonlySet<DeliveryState> = new Set(openStates)

type Counted = Pick<MessageDocument, "_id" | "envelope" | "deliveries" | "hasBody">

/**
 * Recovery reports (C5), live while the outage runs. Once an outage is over and nothing of it is open, the counts are
 * written into it, because retention removes the mails they were counted from.
 */
export class Reports {
  readonly #database: Database
  readonly #recent = new Map<string, { at: number; counts: Promise<OutageCounts> }>()

  constructor(database: Database) {
    this.#database = database
  }

  /** One outage of a domain; undefined: there is none of this id. */
  async outage(domain: string, outageId: string): Promise<OutageView | undefined> {
    const outage = await this.#database.outages.findOne({ _id: outageId, domain })
    return outage ? this.view(outage) : undefined
  }

  /** The newest outages of a domain, newest first, at most 250; `before`: only older ones. */
  async outages(domain: string, limit = 50, before?: Date): Promise<OutageView[]> {
    const filter = before ? { domain, start: { $lt: before } } : { domain }
    const found = await this.#database.outages.find(filter, { sort: { start: -1 }, limit: Math.min(250, limit) }).toArray()
    const views: OutageView[] = []
    for (const outage of found) views.push(await this.view(outage))
    return views
  }

  /** The report of an outage as it stands. */
  async view(outage: OutageDocument): Promise<OutageView> {
    const counts = outage.counts ?? (await this.#recently(outage))
    return { id: outage._id, start: outage.start.toISOString(), end: outage.end?.toISOString() ?? null, reason: outage.reason, ...counts }
  }

  #recently(outage: OutageDocument): Promise<OutageCounts> {
    const now = performance.now()
    const recent = this.#recent.get(outage._id)
    if (recent && now - recent.at < keepMs) return recent.counts
    if (this.#recent.size >= kept) this.#recent.clear()
    const counts = this.#count(outage)
    this.#recent.set(outage._id, { at: now, counts })
    counts.catch(() => this.#recent.delete(outage._id))
    return counts
  }

  async #count(outage: OutageDocument): Promise<OutageCounts> {
    let counts: OutageCounts = { ...nobody }
    let batch: Counted[] = []
    const cursor = this.#database.messages.find<Counted>(
      { "deliveries.outageId": outage._id },
      { projection: { envelope: 1, deliveries: 1, hasBody: 1 }, hint: "outages", batchSize },
    )
    try {
      for await (const message of cursor) {
        batch.push(message)
        if (batch.length < batchSize) continue
        counts = addCounts(counts, await this.#countBatch(outage, batch))
        batch = []
      }
    } finally {
      await cursor.close()
    }
    counts = addCounts(counts, await this.#countBatch(outage, batch))
    if (outage.end !== null && counts.held === 0 && counts.missing === 0) {
      await this.#database.outages.updateOne({ _id: outage._id, counts: { $exists: false } }, { $set: { counts } }).catch(() => undefined)
    }
    return counts
  }

  async #countBatch(outage: OutageDocument, batch: readonly Counted[]): Promise<OutageCounts> {
    const waiting = batch.filter((message) => message.deliveries.some((delivery) => delivery.outageId === outage._id && open.has(delivery.state))).map((message) => message._id)
    const bodies = waiting.length === 0 ? [] : await this.#database.bodies.find({ _id: { $in: waiting } }, { projection: { _id: 1 } }).toArray()
    const gone = new Set(waiting)
    for (const body of bodies) gone.delete(body._id)
    return batch.map((message) => countMessage(message, outage.domain, outage._id, !gone.has(message._id))).reduce(addCounts, nobody)
  }
}

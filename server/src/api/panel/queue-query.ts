import type { Document, Filter } from "mongodb"
import { ApiError } from "@lifeboat/shared/api-errors"
import { openStates, type DeliveryState } from "@lifeboat/shared/delivery-state"
import type { QueueItem, QueueView } from "@lifeboat/shared/schemas/archive"
import type { ListOf } from "@lifeboat/shared/schemas/list"
import type { Database } from "../../store/database.ts"
import type { Delivery, DomainDocument, Hop, MessageDocument } from "../../store/documents.ts"
import { nextHopOf } from "../../tracking/tracking-query.ts"
import { encodeCursor, escapeRegex } from "../cursor.ts"

const queryMs = 10_000

interface OpenDelivery {
  readonly _id: string
  readonly receivedAt: Date
  readonly summary: MessageDocument["summary"]
  readonly n: number
  readonly delivery: Delivery
}

/** Open deliveries of a domain: grouped by state and next hop, and a page of them, oldest mail first. `after` is `<message id>.<n>`. */
export async function readQueue(database: Database, domain: DomainDocument, limit: number, after: string | undefined): Promise<QueueView> {
  const open = openOf(domain)
  const groups = await database.messages
    .aggregate<{ _id: { state: DeliveryState; hop: Hop }; count: number; oldest: Date }>([
      ...open({}),
      { $group: { _id: { state: "$delivery.state", hop: "$delivery.hop" }, count: { $sum: 1 }, oldest: { $min: "$receivedAt" } } },
      { $sort: { _id: 1 } },
    ], { maxTimeMS: queryMs, hint: "work" })
    .toArray()

  return {
    groups: groups.map((group) => ({ state: group._id.state, nextHop: hopOf(domain, { hop: group._id.hop, server: null }), count: group.count, oldest: group.oldest.toISOString() })),
    ...(await readPage(database, domain, open, limit, after)),
  }
}

/** A page of the mail that the primary refused for good after an outage, which waits for an administrator (A10). Cursors as in {@link readQueue}. */
export async function readRefused(database: Database, domain: DomainDocument, limit: number, after: string | undefined): Promise<ListOf<QueueItem>> {
  return readPage(database, domain, openOf(domain, { "delivery.hop": `primary:${domain._id}`, "delivery.state": "held", "delivery.heldFor": "administrator" }), limit, after)
}

async function readPage(database: Database, domain: DomainDocument, open: (narrow: Filter<MessageDocument>) => Document[], limit: number, after: string | undefined): Promise<ListOf<QueueItem>> {
  const [id = "", n = ""] = after?.split(".") ?? []
  if (after !== undefined && !/^\d+$/.test(n)) throw new ApiError("invalid-cursor")
  const rows = await database.messages
    .aggregate<OpenDelivery>([
      ...open(after === undefined ? {} : { _id: { $gte: id } }),
      { $match: after === undefined ? {} : { $or: [{ _id: { $gt: id } }, { n: { $gt: Number(n) } }] } },
      { $sort: { _id: 1, n: 1 } },
      { $limit: limit + 1 },
    ], { maxTimeMS: queryMs, hint: "work" })
    .toArray()
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map((row) => ({
      id: row.delivery.id,
      messageId: row._id,
      subject: row.summary.subject,
      from: row.summary.from,
      to: row.summary.to,
      date: row.receivedAt.toISOString(),
      recipient: row.delivery.recipient,
      nextHop: hopOf(domain, row.delivery),
      state: row.delivery.state,
      heldFor: row.delivery.heldFor,
      attempts: row.delivery.attempts,
      nextAttemptAt: row.delivery.state === "queued" || row.delivery.state === "deferred" ? (row.delivery.due?.toISOString() ?? null) : null,
      reply: row.delivery.reply,
    })),
    next: rows.length > limit && last ? encodeCursor(`${last._id}.${last.n}`) : null,
  }
}

function hopOf(domain: DomainDocument, delivery: Pick<Delivery, "hop" | "server">): string {
  return nextHopOf(delivery, (name) => (name === domain._id ? domain : undefined))
}

/** Stages that unwind the open deliveries of a domain: to its primary, into its users' mailboxes, and out of it; `only`: of those, some. */
function openOf({ _id: domain }: DomainDocument, only: Document = {}): (narrow: Filter<MessageDocument>) => Document[] {
  const hops: Hop[] = [`primary:${domain}`, "mailbox", "outside"]
  const states = [...openStates]
  const mailboxOfDomain = { "delivery.hop": "mailbox", "delivery.user": { $regex: `@${escapeRegex(domain)}$` } }
  return (narrow) => [
    { $match: { deliveries: { $elemMatch: { hop: { $in: hops }, state: { $in: states } } }, domains: domain, ...narrow } },
    { $project: { receivedAt: 1, summary: 1, delivery: "$deliveries" } },
    { $unwind: { path: "$delivery", includeArrayIndex: "n" } },
    { $match: { "delivery.state": { $in: states }, $or: [{ "delivery.hop": { $in: [`primary:${domain}`, "outside"] } }, mailboxOfDomain] } },
    ...(Object.keys(only).length > 0 ? [{ $match: only }] : []),
  ]
}

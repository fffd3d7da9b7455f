import type { Filter } from "mongodb"
import { canonicalAddress, domainOf } from "@lifeboat/shared/address"
import type { Direction, TrackingStatus } from "@lifeboat/shared/delivery-state"
import type { MessageSummary } from "@lifeboat/shared/schemas/archive"
import { parseSearch } from "@lifeboat/shared/search-query"
import { administeredDomains } from "../identity/access.ts"
import type { Database } from "../store/database.ts"
import type { MessageDocument, UserDocument } from "../store/documents.ts"
import { isMessageId, messageIdAt } from "./message-id.ts"

/** A search may take this long, milliseconds; then it ends as an error instead of a burden. */
const searchMs = 5_000

/** Fields that lists show and decide by. */
export const summaryProjection = {
  _id: 1, receivedAt: 1, summary: 1, direction: 1, size: 1, status: 1, viaService: 1, deliveredAt: 1, domains: 1, owners: 1,
} as const
export type SummaryRow = Pick<MessageDocument, keyof typeof summaryProjection>

/** What is looked for. `from` and `until` bound the time of arrival; `after` is the id of the last mail of the page before. */
export interface MessageSearch {
  readonly visible: Filter<MessageDocument>
  readonly q?: string | undefined
  readonly direction?: Direction | undefined
  readonly status?: TrackingStatus | undefined
  readonly from?: Date | undefined
  readonly until?: Date | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** Mails a user may see as their own. */
export function ownMails(user: UserDocument): Filter<MessageDocument> {
  return { owners: user._id }
}

/** Mails a user may see by role: users theirs, administrators their domains' and theirs, operators all. */
export function mailsInReach(user: UserDocument): Filter<MessageDocument> {
  const domains = administeredDomains(user)
  if (domains === "all") return {}
  return domains.length === 0 ? ownMails(user) : { $or: [{ domains: { $in: [...domains] } }, { owners: user._id }] }
}

/** The same decision for one mail at hand. */
export function isInReach(user: UserDocument, message: Pick<MessageDocument, "domains" | "owners">): boolean {
  const domains = administeredDomains(user)
  return domains === "all" || message.owners.includes(user._id) || message.domains.some((domain) => domains.includes(domain))
}

/** Mails that match, newest first: one more than `limit` where there is a next page. */
export async function searchMessages(database: Database, search: MessageSearch): Promise<SummaryRow[]> {
  const filters: Filter<MessageDocument>[] = [search.visible]
  if (search.direction !== undefined) filters.push({ direction: search.direction })
  if (search.status !== undefined) filters.push({ status: search.status })
  if (search.from) filters.push({ _id: { $gte: messageIdAt(search.from) } })
  if (search.until) filters.push({ _id: { $lt: messageIdAt(search.until) } })
  if (search.after !== undefined) filters.push({ _id: { $lt: search.after } })
  if (search.q !== undefined && search.q.trim() !== "") filters.push(containing(search.q.trim()))
  return database.messages
    .find({ $and: filters }, { projection: summaryProjection, maxTimeMS: searchMs })
    .sort({ _id: -1 })
    .limit(search.limit + 1)
    .toArray()
}

const fields = {
  from: ["summary.from", "envelope.mailFrom"],
  to: ["summary.to", "envelope.rcptTo"],
  subject: ["summary.subject"],
} as const
const anywhere = [...fields.subject, ...fields.from, ...fields.to]

/** Mails whose subject, sender or recipients contain every word and phrase of a search line, as in the header or in the envelope, and what `from: to: subject: before: after:` ask for; or the one with this message id. */
function containing(text: string): Filter<MessageDocument> {
  if (isMessageId(text)) return { _id: text }
  const { words, phrases, from, to, subject, before, after } = parseSearch(text)
  const holds = (names: readonly string[]) => (part: string): Filter<MessageDocument> => {
    const pattern = { $regex: part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), $options: "i" }
    return { $or: names.map((name) => ({ [name]: pattern })) }
  }
  const wanted = [
    ...[...words, ...phrases].map(holds(anywhere)),
    ...from.map(holds(fields.from)),
    ...to.map(holds(fields.to)),
    ...subject.map(holds(fields.subject)),
    ...(after === undefined ? [] : [{ _id: { $gte: messageIdAt(new Date(after)) } }]),
    ...(before === undefined ? [] : [{ _id: { $lt: messageIdAt(new Date(before)) } }]),
  ]
  return wanted.length === 0 ? {} : { $and: wanted }
}

export function summaryView(row: SummaryRow): MessageSummary {
  return {
    id: row._id,
    subject: row.summary.subject,
    from: row.summary.from,
    to: row.summary.to,
    date: row.receivedAt.toISOString(),
    direction: row.direction,
    size: row.size,
    status: row.status,
    viaService: row.viaService,
    deliveredAt: row.deliveredAt?.toISOString() ?? null,
  }
}

/**
 * Envelope recipients that a user may have a mail delivered to again (C2): inbound to themselves, outbound of their own
 * to all its recipients; administrators to everybody in their domains.
 */
export function redeliverable(user: UserDocument, message: MessageDocument): string[] {
  const { mailFrom, rcptTo } = message.envelope
  const domains = administeredDomains(user)
  if (domains === "all") return rcptTo
  const sender = canonicalAddress(mailFrom)
  const own = new Set([user._id, ...user.aliases])
  const isSender = message.direction !== "inbound" && (message.client.user === user._id || (sender !== undefined && own.has(sender)))
  if (isSender || (message.direction === "outbound" && sender !== undefined && domains.includes(domainOf(sender)))) return rcptTo
  const theirs = new Set(message.deliveries.filter((delivery) => delivery.user === user._id && delivery.folder !== "Sent").map((delivery) => delivery.recipient))
  return rcptTo.filter((address) => {
    const canonical = canonicalAddress(address)
    return theirs.has(address) || (canonical !== undefined && (own.has(canonical) || domains.includes(domainOf(canonical))))
  })
}

import type { MailOutage } from "@lifeboat/shared/schemas/mail"
import type { DeliveryState } from "@lifeboat/shared/delivery-state"
import { messageIdAt } from "../../archive/message-id.ts"
import type { Database } from "../../store/database.ts"
import type { DomainDocument, OutageDocument, UserDocument } from "../../store/documents.ts"

const dayMs = 86_400_000
/** An outage delays mail that is at most this much older than itself: what was queued when it began. */
const rescuedWithin = 7 * dayMs
const countMs = 5_000

type Counted = Pick<MailOutage, "mails" | "delivered" | "deleted" | "refused">

/**
 * The outage that a domain is in or is recovering from, or the last one for a day after its end, with what became of the
 * caller's own mail in it; null where there is none to speak of.
 */
export async function outageOf(database: Database, domain: DomainDocument, user: UserDocument): Promise<MailOutage | null> {
  const outage = await currentOutage(database, domain)
  if (!outage) return null
  const rows = await database.messages.aggregate<{ _id: { state: DeliveryState; heldFor: string | null }; count: number }>([
    { $match: { owners: user._id, _id: { $gte: messageIdAt(new Date(outage.start.getTime() - rescuedWithin)) }, "deliveries.outageId": outage._id } },
    { $project: { deliveries: { outageId: 1, user: 1, target: 1, state: 1, heldFor: 1 } } },
    { $unwind: "$deliveries" },
    { $match: { "deliveries.outageId": outage._id, "deliveries.user": user._id, "deliveries.target": "primary" } },
    { $group: { _id: { state: "$deliveries.state", heldFor: "$deliveries.heldFor" }, count: { $sum: 1 } } },
  ], { hint: "owners", maxTimeMS: countMs }).toArray()
  return { id: outage._id, start: outage.start.toISOString(), end: outage.end?.toISOString() ?? null, ...addUp(rows.map(({ _id, count }) => ({ ..._id, count }))) }
}

async function currentOutage(database: Database, domain: DomainDocument): Promise<Pick<OutageDocument, "_id" | "start" | "end"> | undefined> {
  const { outageId, since } = domain.mode
  if (outageId !== null) return (await database.outages.findOne({ _id: outageId })) ?? { _id: outageId, start: since, end: null }
  const last = await database.outages.findOne({ domain: domain._id }, { sort: { start: -1 } })
  return last?.end && database.now().getTime() - last.end.getTime() < dayMs ? last : undefined
}

/** What became of deliveries to the primary, by their states. Pure. */
export function addUp(rows: readonly { readonly state: DeliveryState; readonly heldFor: string | null; readonly count: number }[]): Counted {
  const counted = { mails: 0, delivered: 0, deleted: 0, refused: 0 }
  for (const { state, heldFor, count } of rows) {
    counted.mails += count
    if (state === "delivered") counted.delivered += count
    else if (state === "cancelled") counted.deleted += count
    else if (state === "failed" || state === "expired" || heldFor === "administrator") counted.refused += count
  }
  return counted
}

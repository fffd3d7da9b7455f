import { ApiError } from "@lifeboat/shared/api-errors"
import { canonicalAddress } from "@lifeboat/shared/address"
import { mailsInReach, redeliverable } from "../archive/search.ts"
import { recordAct } from "../identity/audit.ts"
import type { Queue } from "../queue/queue.ts"
import { redeliverMessage } from "../queue/redeliver.ts"
import type { Database } from "../store/database.ts"
import type { UserDocument } from "../store/documents.ts"
import type { Tracker } from "../tracking/tracker.ts"

/** What delivering again needs of the rest. */
export interface RedeliveryParts {
  readonly database: Database
  readonly queue: Pick<Queue, "change">
  readonly tracker: Pick<Tracker, "track">
}

/**
 * Has one mail delivered again to whom this caller may have it delivered; answers the ids of the new deliveries. A `job`
 * does so once: asked again, it answers those that it made. Throws ApiError: `not-found`, `body-gone`, `not-allowed`, `not-redeliverable`.
 */
export async function redeliverMail({ database, queue, tracker }: RedeliveryParts, caller: UserDocument, id: string, job?: string): Promise<string[]> {
  const message = await database.messages.findOne({ $and: [{ _id: id }, mailsInReach(caller)] })
  if (!message) throw new ApiError("not-found")
  if (!message.hasBody) throw new ApiError("body-gone")
  const recipients = new Set(redeliverable(caller, message).map((address) => canonicalAddress(address) ?? address))
  if (recipients.size === 0) throw new ApiError("not-allowed")
  let deliveries: string[] = []
  let made = true
  await queue.change(message._id, (current) => {
    const before = job === undefined ? [] : current.deliveries.filter((each) => each.job === job)
    made = before.length === 0
    const again = made ? redeliverMessage(current, recipients, database.now(), job) : undefined
    deliveries = again?.ids ?? before.map((each) => each.id)
    return again?.change
  })
  if (deliveries.length === 0) throw new ApiError("not-redeliverable")
  if (!made) return deliveries
  tracker.track({ event: "redelivered", messageId: message._id, detail: caller._id, expireAt: message.expireAt })
  if (caller.role !== "user") await recordAct(database, caller._id, message.domains[0] ?? null, "mail-redelivered", message._id)
  return deliveries
}

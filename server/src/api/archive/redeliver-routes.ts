import { ApiError } from "@lifeboat/shared/api-errors"
import { canonicalAddress } from "@lifeboat/shared/address"
import { Redelivered, RedeliveredMany, RedeliverMany } from "@lifeboat/shared/schemas/archive"
import { mailsInReach, redeliverable } from "../../archive/search.ts"
import { recordAct } from "../../identity/audit.ts"
import { redeliverMessage } from "../../queue/redeliver.ts"
import type { UserDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { toApiError } from "../errors.ts"
import { MessageParams } from "../panel/tracking-routes.ts"

/** "Deliver again" (C2, F6), for one mail and for many. */
export function redeliverRoutes(app: App, { database, queue, tracker, log }: ApiDependencies): void {
  /** Makes the new deliveries of one mail; answers their ids. @throws ApiError */
  const redeliver = async (caller: UserDocument, id: string): Promise<string[]> => {
    const message = await database.messages.findOne({ $and: [{ _id: id }, mailsInReach(caller)] })
    if (!message) throw new ApiError("not-found")
    if (!message.hasBody) throw new ApiError("body-gone")
    const recipients = new Set(redeliverable(caller, message).map((address) => canonicalAddress(address) ?? address))
    if (recipients.size === 0) throw new ApiError("not-allowed")
    let deliveries: string[] = []
    await queue.change(message._id, (current) => {
      const again = redeliverMessage(current, recipients, database.now())
      deliveries = again?.ids ?? []
      return again?.change
    })
    if (deliveries.length === 0) throw new ApiError("not-redeliverable")
    tracker.track({ event: "redelivered", messageId: message._id, detail: caller._id, expireAt: message.expireAt })
    if (caller.role !== "user") await recordAct(database, caller._id, message.domains[0] ?? null, "mail-redelivered", message._id)
    return deliveries
  }

  app.post("/api/archive/:id/redeliver", { config: { access: "user", addin: "token" }, schema: { tags: ["archive"], summary: "Deliver it again", params: MessageParams, response: { 200: Redelivered } } }, async (request) => ({
    deliveries: await redeliver(userOf(request), request.params.id),
  }))

  app.post("/api/archive/redeliver", { config: { access: "user" }, schema: { tags: ["archive"], summary: "Deliver several mails again; each succeeds or fails by itself", body: RedeliverMany, response: { 200: RedeliveredMany } } }, async (request) => {
    const caller = userOf(request)
    const items: RedeliveredMany["items"] = []
    for (const id of request.body.ids) {
      try {
        items.push({ id, deliveries: await redeliver(caller, id), error: null })
      } catch (error) {
        const { code, message, status } = toApiError(error)
        if (status >= 500) log.warn({ error: String(error), message: id }, "a mail could not be delivered again")
        items.push({ id, deliveries: [], error: { code, message } })
      }
    }
    return { items }
  })
}

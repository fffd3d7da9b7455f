import { Type } from "typebox"
import { ApiError } from "@lifeboat/shared/api-errors"
import { ListOf } from "@lifeboat/shared/schemas/list"
import { OutboxItem, TakenBack } from "@lifeboat/shared/schemas/outgoing"
import type { OutboxDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import type { OutgoingMails } from "./outgoing.ts"

const OutboxParams = Type.Object({ id: Type.String({ maxLength: 64 }) })

/** Mails that wait for their time to go out, and taking them back. */
export function outboxRoutes(app: App, { outbox, worker }: Pick<OutgoingMails, "outbox" | "worker">): void {
  app.get("/api/mail/outbox", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Mails not on their way yet, and those that could not be sent", response: { 200: ListOf(OutboxItem) } } }, async (request) => {
    return { items: (await outbox.list(userOf(request)._id)).map(outboxView), next: null }
  })

  app.delete("/api/mail/outbox/:id", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Take it back: a draft again", params: OutboxParams, response: { 200: TakenBack } } }, async (request) => {
    const user = userOf(request)._id
    const begun = await outbox.beginTakingBack(user, request.params.id)
    if (begun) await worker.work(begun)
    const item = await outbox.find(user, request.params.id)
    if (!item) throw new ApiError("not-found")
    if (item.state === "sent" || item.state === "sending") throw new ApiError("already-sent")
    if (item.state === "failed") await outbox.dismiss(user, item._id)
    // It is safe in the outbox, and a draft as soon as the mailboxes answer.
    if (item.state === "taking-back" || item.state === "returning") throw new ApiError("mailbox-unavailable", undefined, 5)
    if (!item.back) throw new ApiError("not-found")
    return item.back
  })
}

/** Until when it can be taken back; what has been begun cannot, however long that takes. */
export const dueOf = ({ state, due, createdAt }: OutboxDocument): Date => (state === "waiting" ? due : createdAt)

export function outboxView(item: OutboxDocument): OutboxItem {
  return { id: item._id, ...(item.letter === null ? {} : { letter: item.letter }), subject: item.subject, to: item.to, due: dueOf(item).toISOString(), failed: item.state === "failed" ? (item.failed ?? "") : null, draft: item.back }
}

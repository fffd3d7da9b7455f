import { ApiError } from "@lifeboat/shared/api-errors"
import { DraftSaved, Outgoing } from "@lifeboat/shared/schemas/outgoing"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import type { OutgoingMails } from "./outgoing.ts"

/** A mail of the largest size, its attachments in base64 in JSON. */
export const writingLimit = 52_428_800

/** Keeping what is being written. */
export function draftRoutes(app: App, { drafts, outbox }: Pick<OutgoingMails, "drafts" | "outbox">): void {
  app.post("/api/mail/drafts", { bodyLimit: writingLimit, config: { access: "user" }, schema: { tags: ["mail"], summary: "Keep a draft, in place of the one before", body: Outgoing, response: { 200: DraftSaved } } }, async (request) => {
    const user = userOf(request)
    // A late save of what was sent meanwhile must not leave a draft behind.
    if (request.body.letter !== undefined && (await outbox.hasSent(user._id, request.body.letter))) throw new ApiError("already-sent")
    return drafts.save(user, request.body)
  })
}

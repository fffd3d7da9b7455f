import { Redelivered, RedeliveredMany, RedeliverMany } from "@lifeboat/shared/schemas/archive"
import { redeliverMail } from "../../mail-jobs/redeliver-mail.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { toApiError } from "../errors.ts"
import { MessageParams } from "../panel/tracking-routes.ts"

/** "Deliver again" (C2, F6), for one mail and for many. */
export function redeliverRoutes(app: App, deps: ApiDependencies): void {
  app.post("/api/archive/:id/redeliver", { config: { access: "user", addin: "token" }, schema: { tags: ["archive"], summary: "Deliver it again", params: MessageParams, response: { 200: Redelivered } } }, async (request) => ({
    deliveries: await redeliverMail(deps, userOf(request), request.params.id),
  }))

  app.post("/api/archive/redeliver", { config: { access: "user" }, schema: { tags: ["archive"], summary: "Deliver several mails again; each succeeds or fails by itself", body: RedeliverMany, response: { 200: RedeliveredMany } } }, async (request) => {
    const caller = userOf(request)
    const items: RedeliveredMany["items"] = []
    for (const id of request.body.ids) {
      try {
        items.push({ id, deliveries: await redeliverMail(deps, caller, id), error: null })
      } catch (error) {
        const { code, message, status } = toApiError(error)
        if (status >= 500) deps.log.warn({ error: String(error), message: id }, "a mail could not be delivered again")
        items.push({ id, deliveries: [], error: { code, message } })
      }
    }
    return { items }
  })
}

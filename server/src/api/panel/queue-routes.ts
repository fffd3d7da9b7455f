import { QueueItem, QueueRetried, QueueView, RefusedAction, RefusedDone } from "@lifeboat/shared/schemas/archive"
import { ListOf, ListQuery } from "@lifeboat/shared/schemas/list"
import { recordAct } from "../../identity/audit.ts"
import type { App } from "../app.ts"
import { domainParam, userOf } from "../caller.ts"
import { decodeCursor } from "../cursor.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { DomainParams, storedDomain } from "./domain-routes.ts"
import { readQueue, readRefused } from "./queue-query.ts"

/** Open deliveries of a domain, trying them all now, and what becomes of mail that the primary refused. */
export function queueRoutes(app: App, deps: ApiDependencies): void {
  const { database, queue, continuity } = deps

  app.get("/api/domains/:domain/queue", { config: { access: "administrator" }, schema: { tags: ["queue"], summary: "Open deliveries by state and next hop, and one by one", params: DomainParams, querystring: ListQuery, response: { 200: QueueView } } }, async (request) => {
    const domain = await storedDomain(deps, domainParam(request))
    return readQueue(database, domain, request.query.limit ?? 50, decodeCursor(request.query.cursor))
  })

  app.post("/api/domains/:domain/queue/retry", { config: { access: "administrator" }, schema: { tags: ["queue"], summary: "Try everything for the primary now", params: DomainParams, response: { 200: QueueRetried } } }, async (request) => {
    const domain = await storedDomain(deps, domainParam(request))
    const retried = await queue.retryNow(`primary:${domain._id}`)
    await recordAct(database, userOf(request)._id, domain._id, "queue-retried", String(retried))
    return { retried }
  })

  app.get("/api/domains/:domain/queue/held", { config: { access: "administrator" }, schema: { tags: ["queue"], summary: "Mail that the primary refused after an outage, oldest first", params: DomainParams, querystring: ListQuery, response: { 200: ListOf(QueueItem) } } }, async (request) => {
    const domain = await storedDomain(deps, domainParam(request))
    return readRefused(database, domain, request.query.limit ?? 50, decodeCursor(request.query.cursor))
  })

  app.post("/api/domains/:domain/queue/held", { config: { access: "administrator" }, schema: { tags: ["queue"], summary: "Try refused mail again, or report it to its sender", params: DomainParams, body: RefusedAction, response: { 200: RefusedDone } } }, async (request) => {
    const domain = await storedDomain(deps, domainParam(request))
    const { action, delivery } = request.body
    const choice = delivery === undefined ? "all" : { deliveryId: delivery }
    const count = action === "retry" ? await continuity.releaseRefused(domain._id, choice) : await continuity.failRefused(domain._id, choice)
    await recordAct(database, userOf(request)._id, domain._id, action === "retry" ? "refused-mail-retried" : "refused-mail-given-up", `${delivery ?? "all"}: ${count}`)
    return { count }
  })
}

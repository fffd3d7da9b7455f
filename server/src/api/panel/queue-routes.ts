import { QueueRetried, QueueView } from "@lifeboat/shared/schemas/archive"
import { ListQuery } from "@lifeboat/shared/schemas/list"
import { recordAct } from "../../identity/audit.ts"
import type { App } from "../app.ts"
import { domainParam, userOf } from "../caller.ts"
import { decodeCursor } from "../cursor.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { DomainParams, storedDomain } from "./domain-routes.ts"
import { readQueue } from "./queue-query.ts"

/** Open deliveries of a domain, and trying them all now. */
export function queueRoutes(app: App, deps: ApiDependencies): void {
  const { database, queue } = deps

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
}

import { Type } from "typebox"
import { ApiError } from "@lifeboat/shared/api-errors"
import { OutageView } from "@lifeboat/shared/schemas/archive"
import { ListOf, ListQuery } from "@lifeboat/shared/schemas/list"
import type { App } from "../app.ts"
import { domainParam } from "../caller.ts"
import { decodeCursor, encodeCursor } from "../cursor.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { DomainParams, storedDomain } from "./domain-routes.ts"

const OutageParams = Type.Object({ domain: Type.String({ maxLength: 260 }), id: Type.String({ maxLength: 64 }) })

/** Recovery reports (C5), the newest outage first. */
export function outageRoutes(app: App, deps: ApiDependencies): void {
  const { database, continuity } = deps

  app.get("/api/domains/:domain/outages", { config: { access: "administrator" }, schema: { tags: ["continuity"], summary: "Outages with their recovery reports", params: DomainParams, querystring: ListQuery, response: { 200: ListOf(OutageView) } } }, async (request) => {
    const domain = await storedDomain(deps, domainParam(request))
    const { limit = 50, cursor } = request.query
    const [time = "", id = ""] = decodeCursor(cursor)?.split(" ") ?? []
    const start = new Date(Number(time))
    const page = cursor === undefined ? {} : { $or: [{ start: { $lt: start } }, { start, _id: { $gt: id } }] }
    const rows = await database.outages.find({ domain: domain._id, ...page }).sort({ start: -1, _id: 1 }).limit(limit + 1).toArray()
    const shown = rows.slice(0, limit)
    const items: OutageView[] = []
    for (const row of shown) {
      const report = await continuity.outageReport(domain._id, row._id)
      if (report) items.push(report)
    }
    const last = shown.at(-1)
    return { items, next: rows.length > limit && last ? encodeCursor(`${last.start.getTime()} ${last._id}`) : null }
  })

  app.get("/api/domains/:domain/outages/:id", { config: { access: "administrator" }, schema: { tags: ["continuity"], summary: "One recovery report", params: OutageParams, response: { 200: OutageView } } }, async (request) => {
    const domain = await storedDomain(deps, domainParam(request))
    const report = await continuity.outageReport(domain._id, request.params.id)
    if (!report) throw new ApiError("not-found")
    return report
  })
}

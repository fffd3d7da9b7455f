import type { Filter } from "mongodb"
import { Type } from "typebox"
import { ApiError } from "@lifeboat/shared/api-errors"
import { canonicalDomain } from "@lifeboat/shared/address"
import { MessageSummary, Trail, TrackingQuery } from "@lifeboat/shared/schemas/archive"
import { ListOf } from "@lifeboat/shared/schemas/list"
import { isInReach, mailsInReach, searchMessages, summaryView } from "../../archive/search.ts"
import { administers } from "../../identity/access.ts"
import type { MessageDocument, UserDocument } from "../../store/documents.ts"
import type { LiveTracking } from "../../tracking/live.ts"
import { readTrail } from "../../tracking/tracking-query.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import { decodeCursor, pageOf } from "../cursor.ts"
import { CsvQuery, sendCsv } from "../csv.ts"
import type { ApiDependencies } from "../dependencies.ts"
import type { EventStreams } from "../event-stream.ts"
import { exportColumns, exportedMails } from "./tracking-export.ts"

export const MessageParams = Type.Object({ id: Type.String({ maxLength: 64 }) })

const ExportQuery = Type.Intersect([Type.Omit(TrackingQuery, ["limit", "cursor"]), CsvQuery])

const StreamQuery = Type.Object({ domain: Type.Optional(Type.String({ maxLength: 253 })) })

/** The domain a caller narrows a list to: one of theirs, or nothing is there. */
export function narrowedDomain(caller: UserDocument, named: string | undefined): string | undefined {
  if (named === undefined || named === "") return undefined
  const domain = canonicalDomain(named)
  if (domain === undefined) throw new ApiError("invalid-domain")
  if (domain !== caller.domain && !administers(caller, domain)) throw new ApiError("not-found")
  return domain
}

/** Mails a caller sees in tracking, narrowed to a domain where one is named. */
function visibleTo(caller: UserDocument, named: string | undefined): Filter<MessageDocument> {
  const domain = narrowedDomain(caller, named)
  return domain === undefined ? mailsInReach(caller) : { $and: [mailsInReach(caller), { domains: domain }] }
}

/** Live tracking (C3): the list, one trail, and both as they happen. */
export function trackingRoutes(app: App, { database, domains }: ApiDependencies, live: LiveTracking, streams: EventStreams): void {
  app.get("/api/tracking", { config: { access: "user" }, schema: { tags: ["tracking"], summary: "Mails with their status, newest first", querystring: TrackingQuery, response: { 200: ListOf(MessageSummary) } } }, async (request) => {
    const caller = userOf(request)
    const { limit = 50, cursor, q, status, domain } = request.query
    return pageOf(await searchMessages(database, { visible: visibleTo(caller, domain), q, status, after: decodeCursor(cursor), limit }), limit, (row) => row._id, summaryView)
  })

  app.get("/api/tracking.csv", { config: { access: "user" }, schema: { tags: ["tracking"], summary: "The newest 50,000 of these mails as a file for spreadsheets", querystring: ExportQuery } }, async (request, reply) => {
    const { q, status, domain, separator } = request.query
    const mails = await exportedMails(database, { visible: visibleTo(userOf(request), domain), q, status })
    return sendCsv(reply, "tracking.csv", exportColumns, mails, separator)
  })

  app.get("/api/tracking/stream", { config: { access: "user" }, schema: { tags: ["tracking"], summary: "Server-sent events `message`, each a mail that is new or changed", querystring: StreamQuery } }, async (request, reply) => {
    const caller = userOf(request)
    const domain = narrowedDomain(caller, request.query.domain)
    await streams.open(request, reply, (stream) =>
      live.listen((rows) => {
        for (const row of rows) {
          if (isInReach(caller, row) && (domain === undefined || row.domains.includes(domain))) stream.send("message", summaryView(row))
        }
      }))
  })

  app.get("/api/tracking/:id", { config: { access: "user" }, schema: { tags: ["tracking"], summary: "One mail with its whole trail", params: MessageParams, response: { 200: Trail } } }, async (request) => {
    const message = await database.messages.findOne({ $and: [{ _id: request.params.id }, mailsInReach(userOf(request))] })
    if (!message) throw new ApiError("not-found")
    return readTrail(database, message, (name) => domains.get(name))
  })
}

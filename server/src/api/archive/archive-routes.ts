import { Type } from "typebox"
import { ApiError } from "@lifeboat/shared/api-errors"
import { canonicalAddress, domainOf } from "@lifeboat/shared/address"
import { ArchiveQuery, ArchiveView, MessageSummary } from "@lifeboat/shared/schemas/archive"
import { ListOf } from "@lifeboat/shared/schemas/list"
import type { Filter } from "mongodb"
import { mailsInReach, ownMails, searchMessages, summaryView } from "../../archive/search.ts"
import { administers } from "../../identity/access.ts"
import type { MessageDocument, UserDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import { decodeCursor, pageOf } from "../cursor.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { sanitizeMailHtml, sendMailHtml } from "../mail-html.ts"
import { attachmentHeaders, sendRaw } from "../mail-parts.ts"
import { MessageParams, narrowedDomain } from "../panel/tracking-routes.ts"
import { MailReader, ownPicture } from "./parsed-mail.ts"

/** The archive (C1, C2): one's own mails of the last 90 days; administrators those of their domains. */
export function archiveRoutes(app: App, { database, bodies }: ApiDependencies): void {
  const reader = new MailReader(bodies)

  const find = async (caller: UserDocument, id: string): Promise<MessageDocument> => {
    const message = await database.messages.findOne({ $and: [{ _id: id }, mailsInReach(caller)] })
    if (!message) throw new ApiError("not-found")
    return message
  }

  app.get("/api/archive", { config: { access: "user", addin: "token" }, schema: { tags: ["archive"], summary: "Received and sent mails, newest first", querystring: ArchiveQuery, response: { 200: ListOf(MessageSummary) } } }, async (request) => {
    const caller = userOf(request)
    const { limit = 50, cursor, q, direction, from, to, domain, user } = request.query
    const visible = archiveOf(caller, domain, user)
    const rows = await searchMessages(database, { visible, q, direction, from: timeOf("from", from), until: timeOf("to", to), after: decodeCursor(cursor), limit })
    return pageOf(rows, limit, (row) => row._id, summaryView)
  })

  app.get("/api/archive/:id", { config: { access: "user", addin: "token" }, schema: { tags: ["archive"], summary: "One mail to read", params: MessageParams, response: { 200: ArchiveView } } }, async (request) => {
    const message = await find(userOf(request), request.params.id)
    const mail = message.hasBody ? await reader.read(message._id) : undefined
    return {
      ...summaryView(message),
      envelope: { mailFrom: message.envelope.mailFrom, rcptTo: message.envelope.rcptTo },
      text: mail?.text ?? "",
      html: mail?.html !== undefined,
      remoteContent: mail?.html === undefined ? 0 : sanitizeMailHtml(mail.html, ownPicture(mail)).remoteContent,
      attachmentList: mail?.attachments.map((attachment) => attachment.view) ?? [],
    }
  })

  app.get("/api/archive/:id/html", { config: { access: "user", addin: "link" }, schema: { tags: ["archive"], summary: "Its HTML, sanitised, as a page of its own", params: MessageParams } }, async (request, reply) => {
    const message = await find(userOf(request), request.params.id)
    const mail = await reader.read(message._id)
    if (mail.html === undefined) throw new ApiError("not-found")
    return sendMailHtml(reply, sanitizeMailHtml(mail.html, ownPicture(mail)))
  })

  app.get("/api/archive/:id/attachments/:attachment", { config: { access: "user", addin: "link" }, schema: { tags: ["archive"], summary: "One attachment", params: Type.Object({ id: Type.String({ maxLength: 64 }), attachment: Type.String({ maxLength: 16 }) }) } }, async (request, reply) => {
    const message = await find(userOf(request), request.params.id)
    const found = (await reader.read(message._id)).attachments.find(({ view }) => view.id === request.params.attachment)
    if (!found) throw new ApiError("not-found")
    return attachmentHeaders(reply, found.view.name, found.view.contentType, found.view.inline).send(found.content)
  })

  app.get("/api/archive/:id/raw", { config: { access: "user", addin: "link" }, schema: { tags: ["archive"], summary: "Exactly the bytes received", params: MessageParams } }, async (request, reply) => {
    const message = await find(userOf(request), request.params.id)
    const body = await bodies.open(message._id)
    if (!body) throw new ApiError("body-gone")
    return sendRaw(reply, message._id, body)
  })
}

/** The mails of an archive: one's own, or, for administrators, those of a domain or a user of theirs. */
function archiveOf(caller: UserDocument, domain: string | undefined, user: string | undefined): Filter<MessageDocument> {
  const named = narrowedDomain(caller, domain)
  const owner = user === undefined || user === "" ? undefined : canonicalAddress(user)
  if (user !== undefined && user !== "" && owner === undefined) throw new ApiError("invalid-address")
  if (owner !== undefined && owner !== caller._id && !administers(caller, domainOf(owner))) throw new ApiError("not-found")
  if (named !== undefined && !administers(caller, named)) return ownMails(caller)
  if (named === undefined && owner === undefined) return ownMails(caller)
  // What was refused is in tracking; there is nothing of it to keep.
  return { status: { $ne: "rejected" }, ...(named === undefined ? {} : { domains: named }), ...(owner === undefined ? {} : { owners: owner }) }
}

function timeOf(name: string, text: string | undefined): Date | undefined {
  if (text === undefined || text === "") return undefined
  const time = new Date(text)
  if (Number.isNaN(time.getTime()) || time.getTime() < 0) throw new ApiError("invalid", `"${name}" is not a point in time.`)
  return time
}

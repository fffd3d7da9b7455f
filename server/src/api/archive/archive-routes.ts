import { Type } from "typebox"
import { ApiError } from "@lifeboat/shared/api-errors"
import { canonicalAddress, domainOf } from "@lifeboat/shared/address"
import { type archiveParts, ArchiveQuery, ArchiveView, MessageSummary } from "@lifeboat/shared/schemas/archive"
import { ListOf } from "@lifeboat/shared/schemas/list"
import { HtmlQuery, type ReadableMail } from "@lifeboat/shared/schemas/mail"
import type { Filter } from "mongodb"
import { mailsInReach, ownMails, searchMessages, summaryView } from "../../archive/search.ts"
import { administers } from "../../identity/access.ts"
import type { MessageDocument, UserDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import { decodeCursor, pageOf } from "../cursor.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { attachmentHeaders, sendRaw } from "../mail-parts.ts"
import { MessageParams, narrowedDomain } from "../panel/tracking-routes.ts"
import { printHead } from "../reading/print-head.ts"
import type { HtmlSource, Reading, SenderClaim } from "../reading/reading.ts"
import { readingLanguage, sendReading } from "../reading/send-reading.ts"
import { MailReader, ownPicture, type ParsedMail } from "./parsed-mail.ts"

/** The archive (C1, C2): one's own mails of the last 90 days; administrators those of their domains. */
export function archiveRoutes(app: App, { database, bodies }: ApiDependencies, reading: Reading): void {
  const reader = new MailReader(bodies)

  const find = async (caller: UserDocument, id: string): Promise<MessageDocument> => {
    const message = await database.messages.findOne({ $and: [{ _id: id }, mailsInReach(caller)] })
    if (!message) throw new ApiError("not-found")
    return message
  }

  app.get("/api/archive", { config: { access: "user", addin: "token" }, schema: { tags: ["archive"], summary: "Received and sent mails, newest first", querystring: ArchiveQuery, response: { 200: ListOf(MessageSummary) } } }, async (request) => {
    const caller = userOf(request)
    const { limit = 50, cursor, q, direction, part, status, from, to, domain, user } = request.query
    const visible = { $and: [archiveOf(caller, domain, user), ...(part === undefined ? [] : [partOf(caller, part)])] }
    const rows = await searchMessages(database, { visible, q, direction, status, from: timeOf("from", from), until: timeOf("to", to), after: decodeCursor(cursor), limit })
    return pageOf(rows, limit, (row) => row._id, summaryView)
  })

  app.get("/api/archive/:id", { config: { access: "user", addin: "token" }, schema: { tags: ["archive"], summary: "One mail to read", params: MessageParams, response: { 200: ArchiveView } } }, async (request) => {
    const caller = userOf(request)
    const message = await find(caller, request.params.id)
    const mail = message.hasBody ? await reader.read(message._id) : undefined
    const [judged, safe] = await Promise.all([
      reading.judge(caller, claimOf(message, mail)),
      mail?.html === undefined ? undefined : reading.clean(caller, sourceOf(message, mail, mail.html), { pictures: false, dark: false }),
    ])
    return archiveView(message, mail, { ...judged, remoteContent: safe?.remoteContent ?? 0, darkReadable: safe?.darkReadable ?? true })
  })

  app.get("/api/archive/:id/html", { config: { access: "user", addin: "link" }, schema: { tags: ["archive"], summary: "Its HTML, sanitised, as a page of its own", params: MessageParams, querystring: HtmlQuery } }, async (request, reply) => {
    const caller = userOf(request)
    const message = await find(caller, request.params.id)
    const mail = await reader.read(message._id)
    const language = readingLanguage(caller, request.headers["accept-language"])
    return sendReading(reply, reading, caller, {
      query: request.query,
      source: mail.html === undefined ? undefined : sourceOf(message, mail, mail.html),
      text: mail.text,
      trusted: async () => (await reading.judge(caller, claimOf(message, mail))).senderTrusted,
      head: () => printHead({ subject: mail.subject, sender: mail.from, date: (mail.date ?? message.receivedAt).toISOString(), recipients: mail, files: mail.attachments.filter(({ view }) => !view.inline).map(({ view }) => view.name) }, language, request.query.zone),
    })
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

/** Who says to have written it: in its header where that is kept, else as lists know it. */
function claimOf(message: MessageDocument, mail: ParsedMail | undefined): SenderClaim {
  return { sender: mail?.from ?? { name: "", address: message.summary.from }, replyTo: mail?.replyTo ?? [], list: mail?.list ?? false, messageId: message._id }
}

function sourceOf(message: MessageDocument, mail: ParsedMail, html: string): HtmlSource {
  return { key: message._id, html, picture: ownPicture(mail) }
}

function archiveView(message: MessageDocument, mail: ParsedMail | undefined, facts: Pick<ReadableMail, "authentication" | "warnings" | "senderTrusted" | "remoteContent" | "darkReadable">): ArchiveView {
  return {
    ...summaryView(message),
    ...facts,
    envelope: { mailFrom: message.envelope.mailFrom, rcptTo: message.envelope.rcptTo },
    sent: mail?.date?.toISOString() ?? message.summary.date?.toISOString() ?? null,
    kept: mail !== undefined,
    sender: claimOf(message, mail).sender,
    recipients: { to: [...(mail?.to ?? [])], cc: [...(mail?.cc ?? [])], bcc: [...(mail?.bcc ?? [])], replyTo: [...(mail?.replyTo ?? [])] },
    text: mail?.text ?? "",
    html: mail?.html !== undefined,
    attachmentList: mail?.attachments.map((attachment) => attachment.view) ?? [],
    invitation: null,
  }
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

/** What a person received, or wrote themselves. */
function partOf({ _id, aliases }: UserDocument, part: (typeof archiveParts)[number]): Filter<MessageDocument> {
  if (part === "received") return { deliveries: { $elemMatch: { user: _id, folder: { $ne: "Sent" } } } }
  return { direction: { $ne: "inbound" }, $or: [{ "client.user": _id }, { "envelope.mailFrom": { $in: [_id, ...aliases] } }] }
}

function timeOf(name: string, text: string | undefined): Date | undefined {
  if (text === undefined || text === "") return undefined
  const time = new Date(text)
  if (Number.isNaN(time.getTime()) || time.getTime() < 0) throw new ApiError("invalid", `"${name}" is not a point in time.`)
  return time
}

import type { FastifyRequest } from "fastify"
import { Value } from "typebox/value"
import { ApiError } from "@lifeboat/shared/api-errors"
import { ArchiveQuery, ArchiveView, MessageSummary } from "@lifeboat/shared/schemas/archive"
import { ListOf } from "@lifeboat/shared/schemas/list"
import { HtmlQuery, type ReadableMail } from "@lifeboat/shared/schemas/mail"
import { searchArchive } from "../../archive/archive-search.ts"
import { mailsInReach, summaryView } from "../../archive/search.ts"
import type { MessageDocument, UserDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import { decodeCursor, pageOf } from "../cursor.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { sendRaw } from "../mail-parts.ts"
import { MessageParams } from "../panel/tracking-routes.ts"
import { InvitationAnswers } from "../parts/invitation-answers.ts"
import { ownPictures } from "../parts/own-pictures.ts"
import { partRoutes } from "../parts/part-routes.ts"
import { invitationOf, partsView, type PartsView } from "../parts/parts-view.ts"
import { printHead } from "../reading/print-head.ts"
import type { HtmlSource, Reading, SenderClaim } from "../reading/reading.ts"
import { readingLanguage, sendReading } from "../reading/send-reading.ts"
import type { TakenApart } from "../parts/parse-mail.ts"
import { archiveSearch } from "./archive-filter.ts"
import { MailReader } from "./parsed-mail.ts"

/** The archive (C1, C2): one's own mails of the last 90 days; administrators those of their domains. */
export function archiveRoutes(app: App, { database, bodies, log }: ApiDependencies, reading: Reading): void {
  const reader = new MailReader(bodies)
  const answers = new InvitationAnswers(database)

  const find = async (caller: UserDocument, id: string): Promise<MessageDocument> => {
    const message = await database.messages.findOne({ $and: [{ _id: id }, mailsInReach(caller)] })
    if (!message) throw new ApiError("not-found")
    return message
  }

  app.get("/api/archive", { config: { access: "user", addin: "token" }, schema: { tags: ["archive"], summary: "Received and sent mails, newest first", querystring: ArchiveQuery, response: { 200: ListOf(MessageSummary) } } }, async (request) => {
    const caller = userOf(request)
    const { limit = 50, cursor } = request.query
    const rows = await searchArchive(database, { ...archiveSearch(caller, request.query), after: decodeCursor(cursor), limit })
    return pageOf(rows, limit, (row) => row._id, summaryView)
  })

  app.get("/api/archive/:id", { config: { access: "user", addin: "token" }, schema: { tags: ["archive"], summary: "One mail to read", params: MessageParams, response: { 200: ArchiveView } } }, async (request) => {
    const caller = userOf(request)
    const message = await find(caller, request.params.id)
    const mail = message.hasBody ? await reader.read(message._id) : undefined
    const content = mail && (await contentOf(mail))
    const source = content && sourceOf(message, content)
    const [judged, safe, invitation] = await Promise.all([
      reading.judge(caller, claimOf(message, mail)),
      source && reading.clean(caller, source, { pictures: false, dark: false }),
      // It is answered in the mailbox: whoever looks here may be an administrator.
      content ? invitationOf(content.parts, caller, answers, false) : null,
    ])
    return archiveView(message, mail, content, { ...judged, invitation, remoteContent: safe?.remoteContent ?? 0, darkReadable: safe?.darkReadable ?? true })
  })

  app.get("/api/archive/:id/html", { config: { access: "user", addin: "link" }, schema: { tags: ["archive"], summary: "Its HTML, sanitised, as a page of its own", params: MessageParams, querystring: HtmlQuery } }, async (request, reply) => {
    const caller = userOf(request)
    const message = await find(caller, request.params.id)
    const mail = await reader.read(message._id)
    const content = await contentOf(mail)
    const language = readingLanguage(caller, request.headers["accept-language"])
    return sendReading(reply, reading, caller, {
      query: request.query,
      source: sourceOf(message, content),
      text: content.text,
      language,
      trusted: async () => (await reading.judge(caller, claimOf(message, mail))).senderTrusted,
      head: () => printHead({ subject: mail.subject, sender: mail.from, date: (mail.date ?? message.receivedAt).toISOString(), recipients: mail, files: content.attachmentList.filter(({ inline }) => !inline).map(({ name }) => name) }, language, request.query.zone),
    })
  })

  const open = async (request: FastifyRequest) => {
    if (!Value.Check(MessageParams, request.params)) throw new ApiError("not-found")
    const message = await find(userOf(request), request.params.id)
    const { parts, html } = await reader.read(message._id)
    return { parts, html, body: undefined, subject: message.summary.subject, key: message._id }
  }
  partRoutes(app, { base: "/api/archive/:id", tag: "archive", params: MessageParams.properties, addin: true, open }, reading, log)

  app.get("/api/archive/:id/raw", { config: { access: "user", addin: "link" }, schema: { tags: ["archive"], summary: "Exactly the bytes received", params: MessageParams } }, async (request, reply) => {
    const message = await find(userOf(request), request.params.id)
    const body = await bodies.open(message._id)
    if (!body) throw new ApiError("body-gone")
    return sendRaw(reply, message._id, body)
  })
}

/** Who says to have written it: in its header where that is kept, else as lists know it. */
function claimOf(message: MessageDocument, mail: TakenApart | undefined): SenderClaim {
  return { sender: mail?.from ?? { name: "", address: message.summary.from }, replyTo: mail?.replyTo ?? [], list: mail?.list ?? false, messageId: message._id }
}

function contentOf(mail: TakenApart): Promise<PartsView> {
  return partsView({ parts: mail.parts, body: undefined }, mail)
}

function sourceOf(message: MessageDocument, { html, parts }: PartsView): HtmlSource | undefined {
  return html === undefined ? undefined : { key: message._id, html, pictures: ownPictures(parts, "attachments/") }
}

function archiveView(message: MessageDocument, mail: TakenApart | undefined, content: PartsView | undefined, facts: Pick<ReadableMail, "authentication" | "warnings" | "senderTrusted" | "remoteContent" | "darkReadable" | "invitation">): ArchiveView {
  return {
    ...summaryView(message),
    ...facts,
    envelope: { mailFrom: message.envelope.mailFrom, rcptTo: message.envelope.rcptTo },
    sent: mail?.date?.toISOString() ?? message.summary.date?.toISOString() ?? null,
    kept: mail !== undefined,
    sender: claimOf(message, mail).sender,
    recipients: { to: [...(mail?.to ?? [])], cc: [...(mail?.cc ?? [])], bcc: [...(mail?.bcc ?? [])], replyTo: [...(mail?.replyTo ?? [])] },
    text: content?.text ?? "",
    html: content?.html !== undefined,
    attachmentList: content?.attachmentList ?? [],
    ...(content && content.moreAttachments > 0 ? { moreAttachments: content.moreAttachments } : {}),
    ...(content?.signed === true ? { signed: true } : {}),
  }
}

import type { FastifyContextConfig, FastifyReply, FastifyRequest } from "fastify"
import { Type, type TProperties } from "typebox"
import { Value } from "typebox/value"
import { ApiError } from "@lifeboat/shared/api-errors"
import { HtmlQuery } from "@lifeboat/shared/schemas/mail"
import { AttachedMail, PartText } from "@lifeboat/shared/schemas/mail-parts"
import type { Logger } from "../../logger.ts"
import type { App } from "../app.ts"
import { attachmentHeaders, isDrawable } from "../mail-parts.ts"
import { userOf } from "../caller.ts"
import { printHead } from "../reading/print-head.ts"
import type { HtmlSource, Reading } from "../reading/reading.ts"
import { readingLanguage, sendReading } from "../reading/send-reading.ts"
import { safeFileName, uniqueNames } from "./file-names.ts"
import { partView, readStart, type MailPart } from "./mail-part.ts"
import type { MailSource } from "./mail-source.ts"
import { attachedMail, findPart, unwrapParts } from "./open-parts.ts"
import { ownPictures, shownBy } from "./own-pictures.ts"
import { maxTextBytes, readText } from "./part-text.ts"
import { partsView } from "./parts-view.ts"
import { sendZip } from "./zip.ts"

/** Where mails lie: the address of one, and how its files are opened for whoever calls. */
export interface PartPlace {
  readonly base: string
  readonly tag: string
  readonly params: TProperties
  /** Whether an Outlook add-in may ask here. */
  readonly addin: boolean
  /** The mail's files, its subject, and a name for it that never means another mail; throws `not-found` for mails that are not the caller's. */
  open(request: FastifyRequest): Promise<OpenedMail>
}

export interface OpenedMail extends MailSource {
  readonly subject: string
  /** Its HTML, where `body` has none. */
  readonly html: string | undefined
  readonly key: string
}

/** More files than these are not asked for one by one. */
const manyFiles = 50

const AttachmentParam = Type.Object({ attachment: Type.String({ maxLength: 64 }) })

/** The files of mails in one place: download, preview as text, attached mails, all as a zip. */
export function partRoutes(app: App, { base, tag, params, addin, open }: PartPlace, reading: Reading, log: Pick<Logger, "warn">): void {
  const tags = [tag]
  const ofMail = Type.Object(params)
  const ofPart = Type.Object({ ...params, ...AttachmentParam.properties })
  const file: FastifyContextConfig = { access: "user", ...(addin ? { addin: "link" } : {}) }
  const call: FastifyContextConfig = { access: "user", ...(addin ? { addin: "token" } : {}) }
  const openPart = async (request: FastifyRequest): Promise<{ mail: OpenedMail; part: MailPart }> => {
    if (!Value.Check(AttachmentParam, request.params)) throw new ApiError("not-found")
    const mail = await open(request)
    return { mail, part: await findPart(mail.parts, request.params.attachment) }
  }

  app.get(`${base}/attachments/:attachment`, { config: file, schema: { tags, summary: "One attachment", params: ofPart } }, async (request, reply) => {
    const { name, contentType, open: bytes } = (await openPart(request)).part
    return attachmentHeaders(reply, name, contentType, isDrawable(contentType)).send(await bytes())
  })

  app.get(`${base}/attachments/:attachment/text`, { config: call, schema: { tags, summary: "The beginning of an attachment as text", params: ofPart, response: { 200: PartText } } }, async (request) => {
    const { part } = await openPart(request)
    if (partView(part).preview !== "text") throw new ApiError("not-found")
    const { bytes, truncated } = await readStart(part, maxTextBytes)
    return readText(bytes, part.charset, truncated)
  })

  app.get(`${base}/attachments/:attachment/mail`, { config: call, schema: { tags, summary: "A mail that is attached", params: ofPart, response: { 200: AttachedMail } } }, async (request) => {
    const { subject, from, to, cc, date, view, source } = await readAttached(await openPart(request))
    const safe = source && (await reading.clean(userOf(request), source, { pictures: false, dark: false }))
    const { text, attachmentList, moreAttachments, signed } = view
    return { subject, sender: from, to: [...to], cc: [...cc], date: date?.toISOString() ?? null, html: safe !== undefined, text, remoteContent: safe?.remoteContent ?? 0, darkReadable: safe?.darkReadable ?? true, attachmentList, moreAttachments, signed }
  })

  app.get(`${base}/attachments/:attachment/mail/html`, { config: file, schema: { tags, summary: "The HTML of a mail that is attached, sanitised, as a page of its own", params: ofPart, querystring: HtmlQuery } }, async (request, reply): Promise<FastifyReply> => {
    const user = userOf(request)
    const { subject, from, to, cc, date, view, source } = await readAttached(await openPart(request))
    const files = view.attachmentList.filter(({ inline }) => !inline).map(({ name }) => name)
    const language = readingLanguage(user, request.headers["accept-language"])
    return sendReading(reply, reading, user, {
      query: request.query,
      source,
      text: view.text,
      language,
      // Nobody knows who wrote a mail that lies in another.
      trusted: () => Promise.resolve(false),
      head: () => printHead({ subject, sender: from, date: (date ?? new Date(0)).toISOString(), recipients: { to, cc }, files }, language, request.query.zone),
    })
  })

  app.get(`${base}/attachments.zip`, { config: file, schema: { tags, summary: "All attachments in one zip", params: ofMail } }, async (request, reply) => {
    const { parts, subject, all, body, html } = await open(request)
    const { parts: shown, html: within } = await unwrapParts(parts.length > manyFiles ? ((await all?.()) ?? parts) : parts)
    const isShown = shownBy(`${(body ? body.html : html) ?? ""} ${within}`)
    const files = shown.filter((each) => !partView(each).inline || !isShown(each))
    const chosen = files.length > 0 ? files : shown
    if (chosen.length === 0) throw new ApiError("not-found")
    const names = uniqueNames(chosen.map(({ name }) => safeFileName(name, "attachment")))
    return sendZip(reply, `${safeFileName(subject, "attachments")}.zip`, chosen.map((each, index) => ({ name: names[index] ?? each.id, date: undefined, open: each.open })), log)
  })
}

async function readAttached({ mail: { key }, part }: { readonly mail: OpenedMail; readonly part: MailPart }) {
  const mail = await attachedMail(part)
  const view = await partsView({ parts: mail.parts, body: undefined }, mail)
  const source: HtmlSource | undefined = view.html === undefined ? undefined : { key: `${key}/${part.id}`, html: view.html, pictures: ownPictures(view.parts, "../../") }
  return { ...mail, view, source }
}

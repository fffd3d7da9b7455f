import type { FastifyReply, FastifyRequest } from "fastify"
import { Type, type TProperties } from "typebox"
import { Value } from "typebox/value"
import { ApiError } from "@lifeboat/shared/api-errors"
import { HtmlQuery } from "@lifeboat/shared/schemas/mail"
import { AttachedMail, PartText } from "@lifeboat/shared/schemas/mail-parts"
import type { Logger } from "../../logger.ts"
import type { App } from "../app.ts"
import { sanitizeMailHtml } from "../mail-html.ts"
import { attachmentHeaders, isDrawable } from "../mail-parts.ts"
import { sendMailPage } from "../reading/mail-page.ts"
import { safeFileName, uniqueNames } from "./file-names.ts"
import { partView, readStart, type MailPart } from "./mail-part.ts"
import type { MailSource } from "./mail-source.ts"
import { attachedMail, findPart, unwrapParts } from "./open-parts.ts"
import { ownPictures } from "./own-pictures.ts"
import { maxTextBytes, readText } from "./part-text.ts"
import { partsView } from "./parts-view.ts"
import { sendZip } from "./zip.ts"

/** Where mails lie: the address of one, and how its files are opened for whoever calls. */
export interface PartPlace {
  readonly base: string
  readonly tag: string
  readonly params: TProperties
  /** The mail's files, and its subject; throws `not-found` for mails that are not the caller's. */
  open(request: FastifyRequest): Promise<MailSource & { readonly subject: string }>
}

const AttachmentParam = Type.Object({ attachment: Type.String({ maxLength: 64 }) })

/** The files of mails in one place: download, preview as text, attached mails, all as a zip. */
export function partRoutes(app: App, { base, tag, params, open }: PartPlace, log: Pick<Logger, "warn">): void {
  const tags = [tag]
  const ofMail = Type.Object(params)
  const ofPart = Type.Object({ ...params, ...AttachmentParam.properties })
  const part = async (request: FastifyRequest): Promise<MailPart> => {
    if (!Value.Check(AttachmentParam, request.params)) throw new ApiError("not-found")
    return findPart((await open(request)).parts, request.params.attachment)
  }

  app.get(`${base}/attachments/:attachment`, { config: { access: "user" }, schema: { tags, summary: "One attachment", params: ofPart } }, async (request, reply) => {
    const { name, contentType, open: bytes } = await part(request)
    return attachmentHeaders(reply, name, contentType, isDrawable(contentType)).send(await bytes())
  })

  app.get(`${base}/attachments/:attachment/text`, { config: { access: "user" }, schema: { tags, summary: "The beginning of an attachment as text", params: ofPart, response: { 200: PartText } } }, async (request) => {
    const found = await part(request)
    if (partView(found).preview !== "text") throw new ApiError("not-found")
    const { bytes, truncated } = await readStart(found, maxTextBytes)
    return readText(bytes, found.charset, truncated)
  })

  app.get(`${base}/attachments/:attachment/mail`, { config: { access: "user" }, schema: { tags, summary: "A mail that is attached", params: ofPart, response: { 200: AttachedMail } } }, async (request) => {
    const { subject, from, to, cc, date, view, html } = await readAttached(await part(request))
    return {
      subject, sender: from, to: [...to], cc: [...cc], date: date?.toISOString() ?? null,
      html: html !== undefined, text: view.text, remoteContent: html?.remoteContent ?? 0, attachmentList: view.attachmentList, moreAttachments: view.moreAttachments,
    }
  })

  app.get(`${base}/attachments/:attachment/mail/html`, { config: { access: "user" }, schema: { tags, summary: "The HTML of a mail that is attached, sanitised, as a page of its own", params: ofPart, querystring: HtmlQuery } }, async (request, reply): Promise<FastifyReply> => {
    const { html } = await readAttached(await part(request), request.query.dark === true)
    if (!html) throw new ApiError("not-found")
    return sendMailPage(reply, { content: html, dark: request.query.dark === true, print: undefined, keep: 0 })
  })

  app.get(`${base}/attachments.zip`, { config: { access: "user" }, schema: { tags, summary: "All attachments in one zip", params: ofMail } }, async (request, reply) => {
    const { parts, subject } = await open(request)
    const shown = (await unwrapParts(parts)).parts
    const files = shown.filter((each) => !partView(each).inline)
    const chosen = files.length > 0 ? files : shown
    if (chosen.length === 0) throw new ApiError("not-found")
    const names = uniqueNames(chosen.map(({ name }) => safeFileName(name, "attachment")))
    return sendZip(reply, `${safeFileName(subject, "attachments")}.zip`, chosen.map((each, index) => ({ name: names[index] ?? each.id, date: undefined, open: each.open })), log)
  })
}

async function readAttached(part: MailPart, dark = false) {
  const mail = await attachedMail(part)
  const view = await partsView({ parts: mail.parts, body: undefined }, mail)
  const html = view.html === undefined ? undefined : sanitizeMailHtml(view.html, await ownPictures(view.parts, view.html), { sheets: true, dark })
  return { ...mail, view, html }
}

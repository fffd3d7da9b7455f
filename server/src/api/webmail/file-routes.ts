import { Readable } from "node:stream"
import { MailParams } from "@lifeboat/shared/schemas/mail"
import { MailZipQuery } from "@lifeboat/shared/schemas/mail-parts"
import { ApiError } from "@lifeboat/shared/api-errors"
import type { FastifyRequest } from "fastify"
import { ObjectId } from "mongodb"
import { Value } from "typebox/value"
import { readRows } from "../../mailbox/stored-rows.ts"
import { WildDuckStore } from "../../mailbox/wildduck-store.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { sendRaw } from "../mail-parts.ts"
import { safeFileName, uniqueNames } from "../parts/file-names.ts"
import { invitationRoutes } from "../parts/invitation-routes.ts"
import { mailboxSource } from "../parts/mail-source.ts"
import { partRoutes } from "../parts/part-routes.ts"
import { sendZip, type ZipEntry } from "../parts/zip.ts"
import type { Reading } from "../reading/reading.ts"
import type { Mailboxes, OpenMailbox } from "./mailboxes.ts"
import { htmlOf } from "./mail-views.ts"
import { mailNumber } from "./message-routes.ts"
import type { OutgoingMails } from "./outgoing.ts"

const maxMails = 500
const base = "/api/mail/folders/:folder/messages/:id"

/** Files of mails in the caller's mailbox, and mails as files. */
export function fileRoutes(app: App, deps: ApiDependencies, mailboxes: Mailboxes, reading: Reading, outgoing: Pick<OutgoingMails, "outbox" | "worker">): void {
  const { database, bodies, log } = deps
  const stored = new WildDuckStore(database)

  const open = async (request: FastifyRequest) => {
    if (!Value.Check(MailParams, request.params)) throw new ApiError("not-found")
    const { folder, id } = request.params
    const mailbox = await mailboxes.openFolder(userOf(request), folder)
    const mail = await mailbox.api.mail(mailbox.account, mailbox.folder.id, mailNumber(id))
    return { ...(await mailboxSource(mailbox, mail)), mail, subject: mail.subject ?? "", html: htmlOf(mail), key: `${mail.mailbox}/${mail.id}` }
  }

  /** The mail as received where the archive has it, else as the mailbox store rebuilds it. */
  const raw = async (owner: string, { api, account }: OpenMailbox, folder: string, id: number, message: string | undefined) => {
    const archived = message !== undefined && (await database.messages.findOne({ _id: message, owners: owner, hasBody: true }, { projection: { _id: 1 } })) !== null
    return (archived ? await bodies.open(message) : undefined) ?? Readable.fromWeb(await api.raw(account, folder, id))
  }

  app.get(`${base}/raw`, { config: { access: "user" }, schema: { tags: ["mail"], summary: "The mail as received, where the archive has it", params: MailParams } }, async (request, reply) => {
    const user = userOf(request)
    const mailbox = await mailboxes.openFolder(user, request.params.folder)
    const mail = await mailbox.api.mail(mailbox.account, mailbox.folder.id, mailNumber(request.params.id))
    return sendRaw(reply, safeFileName(mail.subject ?? "", String(mail.id)), await raw(user._id, mailbox, mailbox.folder.id, mail.id, mail.metaData?.message))
  })

  app.get("/api/mail/zip", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Several mails as .eml files in one zip", querystring: MailZipQuery } }, async (request, reply) => {
    const user = userOf(request)
    const wanted = request.query.mails.split(";").flatMap((part) => {
      const [folder = "", ids = ""] = part.split(":")
      return ids.split(",").map((id) => ({ folder, id: mailNumber(id) }))
    })
    if (wanted.length > maxMails) throw new ApiError("invalid", `Name ${maxMails} mails at most.`)
    const opened = new Map<string, OpenMailbox>()
    for (const { folder } of wanted) if (!opened.has(folder)) opened.set(folder, await mailboxes.openFolder(user, folder))
    const found: ZipEntry[] = []
    for (const [folder, mailbox] of opened) {
      const numbers = new Set(wanted.filter((each) => each.folder === folder).map(({ id }) => id))
      const there = await stored.messages.find({ mailbox: new ObjectId(folder), uid: { $in: [...numbers] } }, { projection: { _id: 1 } }).sort({ uid: 1 }).toArray()
      for (const { row, arrived } of await readRows(stored, there.map(({ _id }) => _id))) {
        const name = `${arrived.toISOString().slice(0, 10)} ${safeFileName(row.subject ?? "", "-").slice(0, 80)}.eml`
        found.push({ name, date: arrived, open: () => raw(user._id, mailbox, folder, row.id, row.metaData?.message) })
      }
    }
    if (found.length === 0) throw new ApiError("not-found")
    const names = uniqueNames(found.map(({ name }) => name))
    return sendZip(reply, "mails.zip", found.map((entry, index) => ({ ...entry, name: names[index] ?? entry.name })), log)
  })

  partRoutes(app, { base, tag: "mail", params: MailParams.properties, addin: false, open }, reading, log)
  invitationRoutes(app, deps, outgoing, open)
}

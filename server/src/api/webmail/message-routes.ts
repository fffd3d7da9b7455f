import { Type } from "typebox"
import { ApiError } from "@lifeboat/shared/api-errors"
import { MailChange, MailMoved, MailParams } from "@lifeboat/shared/schemas/mail"
import { WildDuckStore } from "../../mailbox/wildduck-store.ts"
import type { UserDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { specialUseOf, type Mailboxes, type OpenMailbox } from "./mailboxes.ts"

/** Mails of the caller's folders: mark, move, delete. */
export function messageRoutes(app: App, { database }: Pick<ApiDependencies, "database">, mailboxes: Mailboxes): void {
  const stored = new WildDuckStore(database)

  /** A mail that is there, without reading it: enough for changing it. */
  const findMail = async (user: UserDocument, folder: string, id: string) => {
    const mailbox = await mailboxes.openFolder(user, folder)
    const number = mailNumber(id)
    if ((await stored.present(mailbox.folder.id, [number])).length === 0) throw new ApiError("not-found")
    return { ...mailbox, id: number }
  }

  app.put("/api/mail/folders/:folder/messages/:id", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Mark it, or move it to another folder", params: MailParams, body: MailChange, response: { 200: MailMoved } } }, async (request) => {
    const { api, account, folder, id } = await findMail(userOf(request), request.params.folder, request.params.id)
    const { seen, flagged, folder: target } = request.body
    if (seen !== undefined || flagged !== undefined) {
      await api.change(account, folder.id, [id], { ...(seen === undefined ? {} : { seen }), ...(flagged === undefined ? {} : { flagged }) })
    }
    if (target === undefined || target === folder.id) return { folder: folder.id, id: String(id) }
    return move({ api, account }, folder.id, id, (await mailboxes.folder({ api, account }, (other) => other.id === target)).id)
  })

  app.delete("/api/mail/folders/:folder/messages/:id", { config: { access: "user" }, schema: { tags: ["mail"], summary: "To the trash; from the trash for good", params: MailParams, response: { 200: MailMoved, 204: Type.Null() } } }, async (request, reply) => {
    const { api, account, folder, id } = await findMail(userOf(request), request.params.folder, request.params.id)
    if (specialUseOf(folder) === "trash") {
      await api.delete(account, folder.id, id)
      return reply.code(204).send(null)
    }
    return move({ api, account }, folder.id, id, (await mailboxes.special({ api, account }, "trash")).id)
  })
}

async function move({ api, account }: OpenMailbox, from: string, id: number, to: string): Promise<MailMoved> {
  const now = (await api.change(account, from, [id], { moveTo: to })).get(id)
  if (now === undefined) throw new ApiError("not-found")
  return { folder: to, id: String(now) }
}

/** Mails are numbered in their folder; anything else is no mail. */
export function mailNumber(id: string): number {
  if (!/^[1-9]\d{0,9}$/.test(id)) throw new ApiError("not-found")
  return Number(id)
}

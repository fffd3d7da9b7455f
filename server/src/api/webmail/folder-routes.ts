import { Type } from "typebox"
import { ApiError } from "@lifeboat/shared/api-errors"
import { ListOf } from "@lifeboat/shared/schemas/list"
import { Folder, FolderCreate, FolderParams } from "@lifeboat/shared/schemas/mail"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import { folderView } from "./mail-views.ts"
import { specialUseOf, type Mailboxes } from "./mailboxes.ts"

/** Folders of the caller's mailbox. */
export function folderRoutes(app: App, mailboxes: Mailboxes): void {
  app.get("/api/mail/folders", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Folders with their special use and numbers", response: { 200: ListOf(Folder) } } }, async (request) => {
    const mailbox = await mailboxes.open(userOf(request))
    return { items: (await mailboxes.folders(mailbox)).map(folderView), next: null }
  })

  app.post("/api/mail/folders", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Make a folder", body: FolderCreate, response: { 201: Folder } } }, async (request, reply) => {
    const mailbox = await mailboxes.open(userOf(request))
    const name = request.body.name.trim()
    if (name === "") throw new ApiError("invalid", "The folder needs a name.")
    if (name.toUpperCase() === "INBOX") throw new ApiError("folder-exists")
    const id = await mailbox.api.createFolder(mailbox.account, name)
    mailboxes.forget(mailbox)
    return reply.code(201).send({ id, name, path: name, specialUse: null, total: 0, unread: 0 })
  })

  app.delete("/api/mail/folders/:folder", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Remove a folder with its mails", params: FolderParams, response: { 204: Type.Null() } } }, async (request, reply) => {
    const mailbox = await mailboxes.openFolder(userOf(request), request.params.folder)
    if (specialUseOf(mailbox.folder) !== null) throw new ApiError("folder-protected")
    await mailbox.api.deleteFolder(mailbox.account, mailbox.folder.id)
    mailboxes.forget(mailbox)
    return reply.code(204).send(null)
  })
}

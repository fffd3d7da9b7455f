import { Type } from "typebox"
import { ApiError } from "@lifeboat/shared/api-errors"
import { ListOf } from "@lifeboat/shared/schemas/list"
import { plainName } from "@lifeboat/shared/hidden-characters"
import { Folder, FolderCreate, FolderParams, FolderRename } from "@lifeboat/shared/schemas/mail"
import type { StoredFolder } from "../../mailbox/wildduck-schemas.ts"
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
    const user = userOf(request)
    const parent = request.body.parent === undefined ? undefined : await mailboxes.openFolder(user, request.body.parent)
    const mailbox = parent ?? (await mailboxes.open(user))
    const name = folderName(request.body.name)
    const path = parent ? `${parent.folder.path}/${name}` : name
    refuseInbox(path)
    const id = await mailbox.api.createFolder(mailbox.account, path)
    mailboxes.forget(mailbox)
    return reply.code(201).send({ id, name, path, specialUse: null, total: 0, unread: 0 })
  })

  app.put("/api/mail/folders/:folder", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Give a folder another name; those within keep theirs", params: FolderParams, body: FolderRename, response: { 200: Folder } } }, async (request) => {
    const mailbox = await mailboxes.openFolder(userOf(request), request.params.folder)
    const { api, account, folder } = mailbox
    if (specialUseOf(folder) !== null) throw new ApiError("folder-protected")
    const name = folderName(request.body.name)
    const path = [...folder.path.split("/").slice(0, -1), name].join("/")
    refuseInbox(path)
    try {
      if (path !== folder.path) {
        const all = await api.folders(account, false)
        if (all.some((other) => other.path === path)) throw new ApiError("folder-exists")
        // Those within first: what is interrupted can be done again while the folder itself has its old name.
        for (const within of below(all, folder)) await api.changeFolder(account, within.id, { path: path + within.path.slice(folder.path.length) })
        await api.changeFolder(account, folder.id, { path })
      }
    } finally {
      mailboxes.forget(mailbox)
    }
    const renamed = (await mailboxes.folders(mailbox)).find(({ id }) => id === folder.id)
    if (!renamed) throw new ApiError("not-found")
    return folderView(renamed)
  })

  app.delete("/api/mail/folders/:folder", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Remove a folder with its mails, and those within", params: FolderParams, response: { 204: Type.Null() } } }, async (request, reply) => {
    const mailbox = await mailboxes.openFolder(userOf(request), request.params.folder)
    if (specialUseOf(mailbox.folder) !== null) throw new ApiError("folder-protected")
    const within = below(await mailbox.api.folders(mailbox.account, false), mailbox.folder)
    if (within.some((folder) => specialUseOf(folder) !== null)) throw new ApiError("folder-protected")
    try {
      for (const { id } of [...within, mailbox.folder]) await mailbox.api.deleteFolder(mailbox.account, id)
    } finally {
      mailboxes.forget(mailbox)
    }
    return reply.code(204).send(null)
  })
}

/** Folders within one, the deepest first. */
function below(folders: readonly StoredFolder[], folder: StoredFolder): StoredFolder[] {
  return folders.filter(({ path }) => path.startsWith(`${folder.path}/`)).toSorted((a, b) => b.path.split("/").length - a.path.split("/").length)
}

function folderName(text: string): string {
  const name = plainName(text).trim()
  if (name === "") throw new ApiError("invalid", "The folder needs a name.")
  return name
}

/** INBOX is the inbox, however it is written (RFC 9051 §5.1). */
function refuseInbox(path: string): void {
  if (path.toUpperCase() === "INBOX") throw new ApiError("folder-exists")
}

import { FolderParams, MailsChange, MailsMoved } from "@lifeboat/shared/schemas/mail"
import { TaskSlots } from "../../mailbox/task-slots.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import { specialUseOf, type Mailboxes } from "./mailboxes.ts"
import { mailNumber } from "./message-routes.ts"

const deletesAtOnce = 8

/** The same change to several mails at once. */
export function bulkRoutes(app: App, mailboxes: Mailboxes): void {
  const slots = new TaskSlots(deletesAtOnce)

  app.put("/api/mail/folders/:folder/messages", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Mark several mails, move them, or put them into the trash (from there for good)", params: FolderParams, body: MailsChange, response: { 200: MailsMoved } } }, async (request) => {
    const { ids, change = {}, trash = false } = request.body
    const numbers = [...new Set(ids)].map(mailNumber)
    const mailbox = await mailboxes.openFolder(userOf(request), request.params.folder)
    const { api, account, folder } = mailbox
    const wanted = trash ? "trash" : change.folder
    const target = wanted === undefined ? undefined : await mailboxes.folder(mailbox, (each) => each.id === wanted || specialUseOf(each) === wanted)
    const { seen, flagged } = change
    if (seen !== undefined || flagged !== undefined) await api.change(account, folder.id, numbers, { ...(seen === undefined ? {} : { seen }), ...(flagged === undefined ? {} : { flagged }) })
    if (trash && target?.id === folder.id) {
      await Promise.all(numbers.map((id) => slots.run(() => api.delete(account, folder.id, id))))
      return { moved: [] }
    }
    if (!target || target.id === folder.id) return { moved: [] }
    const moved = await api.change(account, folder.id, numbers, { moveTo: target.id })
    return { moved: [...moved].map(([from, to]) => ({ from: String(from), to: { folder: target.id, id: String(to) } })) }
  })
}

import { ObjectId } from "mongodb"
import { Type } from "typebox"
import { ApiError } from "@lifeboat/shared/api-errors"
import { ListOf } from "@lifeboat/shared/schemas/list"
import { FolderParams, MailListQuery, MailPage, MailRow } from "@lifeboat/shared/schemas/mail"
import { conversationRows } from "../../mailbox/conversation-rows.ts"
import { conversationsOfFolder, countConversations, pageOfFolder, readPlace, type PageStart } from "../../mailbox/folder-pages.ts"
import type { ListedRow } from "../../mailbox/stored-rows.ts"
import { WildDuckStore } from "../../mailbox/wildduck-store.ts"
import type { UserDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import { decodeCursor, encodeCursor } from "../cursor.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { answeredBy } from "./answered.ts"
import { rowView } from "./mail-views.ts"
import { specialUseOf, type Mailboxes } from "./mailboxes.ts"
import { searchWords } from "./search-words.ts"

const ThreadParams = Type.Object({ thread: Type.String({ pattern: "^[0-9a-f]{24}$" }) })
const ThreadQuery = Type.Object({ folder: Type.Optional(Type.String({ maxLength: 64 })) })

/** Lists of the caller's mails: a folder, its conversations, a search, one conversation. */
export function listRoutes(app: App, { database }: ApiDependencies, mailboxes: Mailboxes): void {
  const stored = new WildDuckStore(database)

  const views = async (user: UserDocument, rows: readonly ListedRow[]): Promise<MailRow[]> => {
    const answered = await answeredBy(database, user, rows.map(({ row }) => row))
    return rows.map(({ row }) => rowView(row, answered))
  }

  app.get("/api/mail/folders/:folder/messages", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Mails of a folder, newest first", params: FolderParams, querystring: MailListQuery, response: { 200: MailPage } } }, async (request) => {
    const user = userOf(request)
    const { limit = 50, offset, cursor, q = "", unseen = false, conversations = false } = request.query
    const { api, account, folder } = await mailboxes.openFolder(user, request.params.folder)
    const words = searchWords(q)
    if (words.length > 0) {
      const page = await api.search(account, { q: words.join(" "), everyWord: words.length > 1, folder: folder.id, unseen: unseen || undefined, limit, cursor: decodeCursor(cursor) })
      const answered = await answeredBy(database, user, page.rows)
      return { items: page.rows.map((row) => rowView(row, answered)), next: page.next === undefined ? null : encodeCursor(page.next), total: page.total, exact: true }
    }
    const folderId = ObjectId.createFromHexString(folder.id)
    const start = startOf(offset, cursor)
    const page = await (conversations ? conversationsOfFolder : pageOfFolder)(stored, folderId, start, limit, unseen)
    const items = await views(user, page.rows)
    if (conversations) {
      const counts = await countConversations(stored, ObjectId.createFromHexString(account), folderId, page.rows.flatMap(({ thread }) => thread ?? []))
      for (const item of items) {
        const counted = counts.get(item.thread)
        if (counted) Object.assign(item, { count: counted.count, unreadCount: counted.unread })
      }
    }
    return { items, next: page.next === undefined ? null : encodeCursor(page.next), total: page.total, exact: true }
  })

  app.get("/api/mail/threads/:thread", { config: { access: "user" }, schema: { tags: ["mail"], summary: "The mails of a conversation, oldest first", params: ThreadParams, querystring: ThreadQuery, response: { 200: ListOf(MailRow) } } }, async (request) => {
    const user = userOf(request)
    const mailbox = await mailboxes.open(user)
    const { folder } = request.query
    const where = folder === undefined
      ? { aside: (await mailboxes.known(mailbox)).filter((each) => ["trash", "junk"].includes(specialUseOf(each) ?? "")).map((each) => ObjectId.createFromHexString(each.id)) }
      : { folder: ObjectId.createFromHexString((await mailboxes.folder(mailbox, (each) => each.id === folder)).id) }
    const rows = await conversationRows(stored, ObjectId.createFromHexString(mailbox.account), ObjectId.createFromHexString(request.params.thread), where)
    if (rows.length === 0) throw new ApiError("not-found")
    return { items: await views(user, rows), next: null }
  })
}

function startOf(offset: number | undefined, cursor: string | undefined): PageStart {
  const after = decodeCursor(cursor)
  if (after === undefined) return { offset: offset ?? 0 }
  if (readPlace(after) === undefined) throw new ApiError("invalid-cursor")
  return { after }
}

import { ObjectId } from "mongodb"
import { Type } from "typebox"
import { ApiError } from "@lifeboat/shared/api-errors"
import { ListOf } from "@lifeboat/shared/schemas/list"
import { FolderParams, MailListQuery, MailPage, MailRow } from "@lifeboat/shared/schemas/mail"
import { conversationRows } from "../../mailbox/conversation-rows.ts"
import { conversationsOfFolder, countConversations, pageOfFolder, placeOf, readCursor, type ListPage, type PageStart } from "../../mailbox/folder-pages.ts"
import { knowsNewest } from "../../mailbox/mail-index/index-lag.ts"
import { pageOfIndex, placeCursor, placeIn, readPlaceCursor } from "../../mailbox/mail-index/index-pages.ts"
import { timeOfPlace } from "../../mailbox/mail-index/mail-entries.ts"
import { MailIndexHealth } from "../../mailbox/mail-index/mail-index-state.ts"
import { searchMails } from "../../mailbox/mail-index/mail-search.ts"
import { asksForSomething, planSearch } from "../../mailbox/mail-index/search-plan.ts"
import { wordStem } from "../../mailbox/mail-index/word-stem.ts"
import type { ListedRow } from "../../mailbox/stored-rows.ts"
import { WildDuckStore } from "../../mailbox/wildduck-store.ts"
import type { UserDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import { decodeCursor, encodeCursor } from "../cursor.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { answersOf } from "./answered.ts"
import { rowView } from "./mail-views.ts"
import { specialUseOf, type Mailboxes } from "./mailboxes.ts"
import { searchedFolders } from "./searched-folders.ts"

/** A list waits this long for an index that is behind, milliseconds; then it is made without. */
const lagPatience = 400

const ThreadParams = Type.Object({ thread: Type.String({ pattern: "^[0-9a-f]{24}$" }) })
const ThreadQuery = Type.Object({ folder: Type.Optional(Type.String({ maxLength: 64 })) })

/** Lists of the caller's mails: a folder, its conversations, a search, one conversation. */
export function listRoutes(app: App, { database }: ApiDependencies, mailboxes: Mailboxes): void {
  const stored = new WildDuckStore(database)
  const health = new MailIndexHealth(database)

  /** What of the rows is asked for of our own is asked for at once, while the rows are read. */
  const viewsFor = (user: UserDocument) => {
    const answeredOf = answersOf(database, user)
    return async (rows: readonly ListedRow[]): Promise<MailRow[]> => {
      const answered = await answeredOf(rows.map(({ row }) => row))
      return rows.map(({ row }) => rowView(row, answered))
    }
  }

  app.get("/api/mail/folders/:folder/messages", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Mails of a folder, newest first; with \"q\" those that fit, one by one", params: FolderParams, querystring: MailListQuery, response: { 200: MailPage } } }, async (request) => {
    const user = userOf(request)
    const views = viewsFor(user)
    const { limit = 50, offset, cursor, q = "", unseen = false, conversations = false, count = true } = request.query
    const mailbox = await mailboxes.openFolder(user, request.params.folder)
    const folder = ObjectId.createFromHexString(mailbox.folder.id)
    const start = startOf(offset, cursor, count)
    const complete = await health.complete()
    const plan = planSearch(q, unseen)
    if (q.trim() !== "" && asksForSomething(plan)) {
      const folders = searchedFolders(plan.place, mailbox.folder, await mailboxes.known(mailbox)).map(({ id }) => ObjectId.createFromHexString(id))
      const typed = complete ? plan.conditions.find(({ kind }) => kind === "prefix") : undefined
      const [{ rows, next, total, exact }, goesOn] = await Promise.all([
        searchMails(database, { plan, folders, limit, start: "offset" in start ? start : { after: placeIn(start.after) } }),
        typed?.kind === "prefix" ? wordStem(database, folders, typed.prefix).then((stem) => stem.slice(typed.prefix.length), () => "") : "",
      ])
      return { items: await views(rows), next: next === undefined ? null : encodeCursor(placeCursor(next)), total, exact: exact && complete, ...(goesOn === "" ? {} : { goesOn }) }
    }
    if (!complete || !(conversations || unseen) || !(await knowsNewest(database, stored, folder, lagPatience))) {
      const page = await (conversations ? conversationsOfFolder : pageOfFolder)(stored, folder, byArrival(start), limit, unseen)
      const counts = conversations ? await countConversations(stored, ObjectId.createFromHexString(mailbox.account), folder, page.rows.flatMap(({ thread }) => thread ?? [])) : undefined
      return pageView(page, withCounts(await views(page.rows), counts))
    }
    const page = await pageOfIndex(database, stored, folder, conversations ? (unseen ? "unread" : "heads") : "unseen", start, limit)
    return pageView(page, withCounts(await views(page.rows), page.counts))
  })

  app.get("/api/mail/threads/:thread", { config: { access: "user" }, schema: { tags: ["mail"], summary: "The mails of a conversation, oldest first", params: ThreadParams, querystring: ThreadQuery, response: { 200: ListOf(MailRow) } } }, async (request) => {
    const user = userOf(request)
    const views = viewsFor(user)
    const mailbox = await mailboxes.open(user)
    const { folder } = request.query
    const where = folder === undefined
      ? { aside: (await mailboxes.known(mailbox)).filter((each) => ["trash", "junk"].includes(specialUseOf(each) ?? "")).map((each) => ObjectId.createFromHexString(each.id)) }
      : { folder: ObjectId.createFromHexString((await mailboxes.folder(mailbox, (each) => each.id === folder)).id) }
    const rows = await conversationRows(stored, ObjectId.createFromHexString(mailbox.account), ObjectId.createFromHexString(request.params.thread), where)
    if (rows.length === 0) throw new ApiError("not-found")
    return { items: await views(rows), next: null }
  })
}

function startOf(offset: number | undefined, cursor: string | undefined, count: boolean): PageStart {
  const after = decodeCursor(cursor)
  if (after === undefined) return { offset: offset ?? 0, count }
  if (readCursor(after) === undefined && readPlaceCursor(after) === undefined) throw new ApiError("invalid-cursor")
  return { after }
}

/** The same start for a list by arrival, where the page before came out of the index. */
function byArrival(start: PageStart): PageStart {
  const place = "after" in start ? readPlaceCursor(start.after) : undefined
  return place === undefined ? start : { after: placeOf(timeOfPlace(place), ObjectId.createFromHexString("f".repeat(24))) }
}

function pageView({ next, total }: ListPage, items: MailRow[]): MailPage {
  return { items, next: next === undefined ? null : encodeCursor(next), total: total ?? null, exact: true }
}

function withCounts(items: MailRow[], counts: ReadonlyMap<string, { readonly count: number; readonly unread: number }> | undefined): MailRow[] {
  return items.map((item) => {
    const counted = counts?.get(item.thread)
    return counted ? { ...item, count: counted.count, unreadCount: counted.unread } : item
  })
}

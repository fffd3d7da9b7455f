import type { Folder, MailRow, MailStatus, MailView, SpecialUse } from "@lifeboat/shared/schemas/mail"
import { defineStore } from "pinia"
import { computed, reactive, shallowReactive, shallowRef } from "vue"
import * as api from "../api/mail.ts"
import type { MailPlace } from "../api/mail.ts"
import { type PagedList, pagedList } from "../queries/paged-list.ts"

/** What of a folder is listed. */
export interface MailSelection {
  readonly folder: string
  readonly q: string
  readonly unseen: boolean
}

type Marks = Partial<Pick<MailRow, "seen" | "flagged">>

const keyOf = (place: MailPlace) => `${place.folder}/${place.id}`
const keptLists = 12
const keptMails = 60

/** The caller's standby mailbox: folders, lists and opened mails, changed at once here and then on the server. */
export const useMail = defineStore("mail", () => {
  const folders = shallowRef<readonly Folder[]>([])
  const foldersLoaded = shallowRef(false)
  const foldersError = shallowRef<unknown>(undefined)
  const status = shallowRef<MailStatus | null>(null)
  const lists = new Map<string, { readonly folder: string; readonly list: PagedList<MailRow> }>()
  const opened = shallowReactive(new Map<string, MailView>())
  const opening = new Map<string, Promise<MailView>>()
  const gone = new Set<string>()
  const marks = reactive(new Map<string, Marks>())

  const admit = (items: readonly MailRow[]) =>
    items.filter((row) => !gone.has(keyOf(row))).map((row) => {
      const change = marks.get(keyOf(row))
      return change ? { ...row, ...change } : row
    })

  /** The list of a selection; kept, so that coming back shows it at once. */
  function listOf(selection: MailSelection): PagedList<MailRow> {
    const key = `${selection.folder}|${selection.unseen}|${selection.q}`
    let entry = lists.get(key)
    if (!entry) {
      const { folder, q, unseen } = selection
      const load = (cursor: string | undefined) =>
        api.listMails(folder, { limit: 50, ...(cursor === undefined ? {} : { cursor }), ...(q === "" ? {} : { q }), ...(unseen ? { unseen } : {}) })
      entry = { folder, list: pagedList(load, keyOf, admit) }
      lists.set(key, entry)
      const oldest = lists.keys().next().value
      if (lists.size > keptLists && oldest !== undefined) lists.delete(oldest)
    }
    return entry.list
  }

  async function loadFolders(): Promise<void> {
    try {
      folders.value = await api.listFolders()
      foldersLoaded.value = true
      foldersError.value = undefined
    } catch (error) {
      foldersError.value = error
    }
  }

  async function loadStatus(): Promise<void> {
    status.value = await api.mailStatus().catch(() => status.value)
  }

  /** Opens a mail, from memory where it was opened or fetched ahead before. */
  function open(place: MailPlace): Promise<MailView> {
    const key = keyOf(place)
    const known = opened.get(key)
    if (known) return Promise.resolve(known)
    let pending = opening.get(key)
    if (!pending) {
      pending = api.openMail(place).then((view) => {
        opened.set(key, { ...view, ...marks.get(key) })
        const oldest = opened.keys().next().value
        if (opened.size > keptMails && oldest !== undefined) opened.delete(oldest)
        return view
      })
      opening.set(key, pending)
      void pending.catch(() => undefined).finally(() => opening.delete(key))
    }
    return pending
  }

  function changeRows(place: MailPlace, change: Partial<MailRow>): void {
    const key = keyOf(place)
    for (const { folder, list } of lists.values())
      if (folder === place.folder) list.change((items) => items.map((row) => (keyOf(row) === key ? { ...row, ...change } : row)))
    const view = opened.get(key)
    if (view) opened.set(key, { ...view, ...change })
  }

  function count(folder: string, total: number, unread: number): void {
    folders.value = folders.value.map((each) => (each.id === folder ? { ...each, total: Math.max(0, each.total + total), unread: Math.max(0, each.unread + unread) } : each))
  }

  /** Marks a mail at once; taken back when the server refuses. @throws ApiError */
  async function mark(row: MailRow, change: Marks): Promise<void> {
    const key = keyOf(row)
    const unread = change.seen === undefined || change.seen === row.seen ? 0 : change.seen ? -1 : 1
    const before: Marks = { seen: row.seen, flagged: row.flagged }
    marks.set(key, { ...marks.get(key), ...change })
    changeRows(row, change)
    count(row.folder, 0, unread)
    try {
      await api.changeMail(row, change)
    } catch (error) {
      marks.delete(key)
      changeRows(row, before)
      count(row.folder, 0, -unread)
      throw error
    }
    // A list that was asked for before the change may still be under way.
    setTimeout(() => marks.delete(key), 5_000)
  }

  /** Takes a row out of every list at once, runs the work, and puts it back where it was when that fails. */
  async function takeOut<T>(row: MailRow, into: string | undefined, work: () => Promise<T>): Promise<T> {
    const key = keyOf(row)
    const unread = row.seen ? 0 : 1
    const before = [...lists.values()].filter(({ folder }) => folder === row.folder).map(({ list }) => ({ list, at: list.items.findIndex((each) => keyOf(each) === key) }))
    gone.add(key)
    for (const { list, at } of before) if (at >= 0) list.change((items) => items.filter((each) => keyOf(each) !== key))
    count(row.folder, -1, -unread)
    if (into !== undefined) count(into, 1, unread)
    try {
      return await work()
    } catch (error) {
      gone.delete(key)
      for (const { list, at } of before) if (at >= 0) list.change((items) => items.toSpliced(Math.min(at, items.length), 0, row))
      count(row.folder, 1, unread)
      if (into !== undefined) count(into, -1, -unread)
      throw error
    }
  }

  const byUse = (use: SpecialUse) => folders.value.find((folder) => folder.specialUse === use)

  /** @throws ApiError */
  const move = (row: MailRow, folder: string) => takeOut(row, folder, () => api.changeMail(row, { folder }))
  /** To the trash; from the trash for good. Answers where the mail is now. @throws ApiError */
  const remove = (row: MailRow) => {
    const trash = byUse("trash")?.id
    return takeOut(row, row.folder === trash ? undefined : trash, () => api.deleteMail(row))
  }

  /** Asks the server again for folders and every list on the screen. */
  async function refresh(selection?: MailSelection): Promise<void> {
    await Promise.all([loadFolders(), selection ? listOf(selection).refresh() : undefined])
  }

  return { folders, foldersLoaded, foldersError, status, inbox: computed(() => byUse("inbox")), byUse, listOf, loadFolders, loadStatus, open, opened: (place: MailPlace) => opened.get(keyOf(place)), mark, move, remove, refresh }
})

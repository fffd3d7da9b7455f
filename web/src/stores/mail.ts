import type { Folder, MailRow, MailStatus, SpecialUse } from "@lifeboat/shared/schemas/mail"
import { defineStore } from "pinia"
import { computed, shallowRef } from "vue"
import * as api from "../api/mail.ts"
import type { MailPlace } from "../api/mail.ts"
import { LocalChanges } from "../queries/local-changes.ts"
import type { RowList } from "../queries/row-list.ts"
import { afterPaint } from "../ui/after-paint.ts"
import { MailActs } from "./mail-acts.ts"
import { keyOfMail, keysOfRow, MailLists, type MailSelection, type Marks } from "./mail-lists.ts"
import { OpenedMails } from "./opened-mails.ts"

/** By how much the numbers of a folder change. */
interface CountChange {
  readonly folder: string
  readonly total: number
  readonly unread: number
}

function recount(folders: readonly Folder[], changes: readonly CountChange[]): readonly Folder[] {
  return folders.map((folder) =>
    changes.filter((change) => change.folder === folder.id).reduce((now, { total, unread }) => ({ ...now, total: Math.max(0, now.total + total), unread: Math.max(0, now.unread + unread) }), folder))
}

/** The caller's standby mailbox: folders, lists and opened mails, changed at once here and then on the server. */
export const useMail = defineStore("mail", () => {
  const folders = shallowRef<readonly Folder[]>([])
  const foldersLoaded = shallowRef(false)
  const foldersError = shallowRef<unknown>(undefined)
  const status = shallowRef<MailStatus | null>(null)
  const changes = new LocalChanges<MailRow, Marks>(keysOfRow)
  const lists = new MailLists(changes)
  const mails = new OpenedMails(changes)
  const counts: CountChange[] = []
  /** What the page shows now. */
  const shown = shallowRef<RowList<MailRow>>()

  const byUse = (use: SpecialUse) => folders.value.find((folder) => folder.specialUse === use)
  /** The folder of an id or a special use. */
  const folderOf = (name: string | undefined) => folders.value.find((folder) => folder.id === name || folder.specialUse === name)

  /** The list of a selection; kept, so that coming back shows it at once, with its place. */
  function listOf(selection: MailSelection): RowList<MailRow> {
    const folder = folderOf(selection.folder)
    return lists.of(selection, folder ? [folder.id, ...(folder.specialUse === null ? [] : [folder.specialUse])] : [])
  }

  /** Begins to load what a page is going to show first, before the page itself is there. */
  function lookAhead(selection: MailSelection): void {
    const list = listOf(selection)
    if (!list.state.loaded && !list.state.loading) void list.refresh()
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

  /** Numbers of folders follow what was done to the rows: these are seen first. */
  function count(folder: string, total: number, unread: number): void {
    if (total === 0 && unread === 0) return
    if (counts.push({ folder, total, unread }) === 1) afterPaint(() => (folders.value = recount(folders.value, counts.splice(0))))
  }

  /** Asks the server again for folders and the list on the screen. */
  async function refresh(): Promise<void> {
    await Promise.all([loadFolders(), shown.value?.refresh()])
  }

  const acts = new MailActs({ changes, lists, mails, count, trash: () => byUse("trash")?.id, refresh })

  return {
    folders, foldersLoaded, foldersError, status, shown, inbox: computed(() => byUse("inbox")), byUse, folderOf, listOf, lookAhead, loadFolders, loadStatus, refresh,
    /** Opens a mail, from memory where it was opened or fetched ahead before. @throws ApiError */
    open: (place: MailPlace) => mails.open(place),
    opened: (place: MailPlace) => mails.get(place),
    thread: (thread: string) => mails.thread(thread),
    openThread: (thread: string) => mails.openThread(thread),
    /** To another folder. @throws ApiError */
    move: (rows: readonly MailRow[], folder: string) => acts.take(rows, folder),
    /** To the trash; from the trash for good. @throws ApiError */
    remove: (rows: readonly MailRow[]) => acts.take(rows, undefined),
    /** @throws ApiError */
    mark: (rows: readonly MailRow[], wish: Partial<Pick<MailRow, "seen" | "flagged">>) => acts.mark(rows, wish),
    /** Whether this mail was taken away here. */
    isGone: (row: MailRow) => changes.isGone(row),
    keyOf: (place: MailPlace) => keyOfMail(place),
  }
})

import type { MailRow } from "@lifeboat/shared/schemas/mail"
import type { MailJobCreate } from "@lifeboat/shared/schemas/mail-job"
import { useMailJobs } from "../stores/mail-jobs.ts"
import { keyOfMail } from "../stores/mail-lists.ts"
import { useMail } from "../stores/mail.ts"
import { didUndoably, undoStack } from "../stores/undo.ts"
import { t } from "../text/index.ts"
import { confirm } from "../ui/confirm.ts"
import { say, sayError } from "../ui/toasts.ts"
import { afterPaint } from "../ui/after-paint.ts"
import { folderName } from "./folder-look.ts"
import type { Listing } from "./use-listing.ts"
import type { ListSelection } from "./use-selection.ts"

interface Around {
  readonly listing: Listing
  readonly selection: ListSelection
  /** Key of the mail that is read. */
  readonly opened: () => string | undefined
  /** Opens another mail in the place of one that has left, or none. */
  readonly goOn: (row: MailRow | undefined) => void
}

type Wish = Partial<Pick<MailRow, "seen" | "flagged">>

/** What a person does with mails of the list: at once, undoable, and with a sentence where it failed. */
export function useActing({ listing, selection, opened, goOn }: Around) {
  const mail = useMail()
  const jobs = useMailJobs()
  const mailsIn = (rows: readonly MailRow[]) => rows.reduce((sum, row) => sum + row.count, 0)

  /** What to read once these rows have left the list: the mail that takes the place of the one that was read. */
  function stepOn(rows: readonly MailRow[]): () => void {
    const key = opened()
    const list = listing.list.value
    if (key === undefined || !rows.some((row) => keyOfMail(row) === key)) return () => undefined
    const at = list.indexOf(key)
    return () => afterPaint(() => opened() === key && goOn(at < 0 ? undefined : (list.at(at) ?? list.at(at - 1))))
  }

  async function forGood(rows: readonly MailRow[]): Promise<boolean> {
    if (!mail.foldersLoaded) await mail.loadFolders()
    const trash = mail.byUse("trash")?.id
    return rows.some((row) => row.folder === trash)
  }

  function run(rows: readonly MailRow[], work: () => ReturnType<typeof mail.remove>, text: string | undefined): void {
    const next = stepOn(rows)
    const acted = work()
    next()
    const entry = text === undefined ? undefined : { text, undo: async () => (await acted).undo?.() }
    const retract = entry && didUndoably(entry)
    acted.catch((error: unknown) => {
      retract?.()
      sayError(error)
    })
  }

  async function removeForGood(rows: readonly MailRow[]): Promise<void> {
    const n = mailsIn(rows)
    if (!(await confirm({ title: t("mailList.forGoodTitle", { n }), text: t("mailList.forGoodText"), confirm: t("mail.deleteForGood"), danger: true }))) return
    const next = stepOn(rows)
    const acted = mail.remove(rows)
    next()
    await acted.then(() => say(t("mail.deletedForGood")), sayError)
  }

  function remove(rows: readonly MailRow[]): void {
    if (rows.length === 0 || rows.some((row) => mail.isGone(row))) return
    const trash = mail.byUse("trash")?.id
    if (trash !== undefined && !rows.some((row) => row.folder === trash)) {
      const n = mailsIn(rows)
      return run(rows, () => mail.remove(rows), n === 1 ? t("mail.deleted") : t("mailList.deleted", { n }))
    }
    void forGood(rows).then((gone) => (gone ? removeForGood(rows) : mail.foldersLoaded && remove(rows)))
  }

  function move(rows: readonly MailRow[], target: string): void {
    const going = rows.filter((row) => row.folder !== target && !mail.isGone(row))
    const folder = mail.folderOf(target)
    if (going.length === 0 || !folder) return
    const n = mailsIn(going)
    run(going, () => mail.move(going, target), n === 1 ? t("mail.moved", { name: folderName(folder) }) : t("mailList.moved", { n, name: folderName(folder) }))
  }

  /** `quiet`: without a notice; it can be undone all the same. */
  function mark(rows: readonly MailRow[], wish: Wish, quiet = rows.length === 1): void {
    if (rows.length === 0) return
    const acted = mail.mark(rows, wish)
    const entry = { text: t("mailList.marked", { n: rows.length }), undo: async () => (await acted).undo?.() }
    const retract = quiet ? undoStack.push(entry) : didUndoably(entry)
    acted.catch((error: unknown) => {
      retract()
      sayError(error)
    })
  }

  /** All of the folder, or all that the search finds: the server does it, with a bar that tells how far it is. */
  async function runJob(action: MailJobCreate["action"], target?: string): Promise<void> {
    const { q, unseen, here } = listing
    const folder = here.value
    if (!folder) return
    const n = selection.count.value
    const deletes = action === "delete" || (action === "trash" && folder.specialUse === "trash")
    if (deletes && !(await confirm({ title: t("mailList.forGoodTitle", { n }), text: t("mailList.forGoodText"), confirm: t("mail.deleteForGood"), danger: true }))) return
    const except = [...selection.selection.value.rows.values()]
    selection.clear()
    await jobs.start({
      folder: folder.id, action: deletes ? "delete" : action,
      ...(target === undefined ? {} : { target }), ...(q.value === "" ? {} : { q: q.value }), ...(unseen.value ? { unseen: true } : {}),
    }, except)
  }

  /** Rows that are selected; `everything` where the whole list is, on the server too. */
  const chosen = () => [...selection.selection.value.rows.values()]
  const wholeList = () => selection.selection.value.all

  /** The same with what is selected. */
  const selected = {
    remove: () => (wholeList() ? void runJob("trash") : remove(chosen())),
    move: (target: string) => (wholeList() ? void runJob("move", target) : move(chosen(), target)),
    mark: (wish: Wish) => {
      if (wholeList()) return void runJob(wish.seen === undefined ? (wish.flagged ? "flag" : "unflag") : wish.seen ? "seen" : "unseen")
      mark(chosen(), wish, false)
    },
  }
  return { remove, move, mark, selected }
}
export type Acting = ReturnType<typeof useActing>

import type { MailRow, MailView } from "@lifeboat/shared/schemas/mail"
import type { Ref } from "vue"
import { useShortcuts } from "../shortcuts/use-shortcuts.ts"
import { useComposer } from "../stores/composer.ts"
import { undoLast } from "../stores/undo.ts"
import { t } from "../text/index.ts"
import { say, sayError } from "../ui/toasts.ts"
import type MailList from "./MailList.vue"
import type { Reference } from "./reply.ts"
import type { Acting } from "./use-acting.ts"
import type { Listing } from "./use-listing.ts"
import type { ListSelection } from "./use-selection.ts"

interface Around {
  readonly pane: Readonly<Ref<{ readonly list: InstanceType<typeof MailList> | null; readonly search: () => void; readonly startMoving: () => void } | null>>
  readonly listing: Listing
  readonly selection: ListSelection
  readonly acting: Acting
  /** The mail that is read, as the list has it. */
  readonly row: Readonly<Ref<MailRow | undefined>>
  readonly opened: () => MailView | undefined
  /** To the next mail of the conversation, or the one before. */
  readonly stepIn: (by: number) => boolean
  readonly openRow: (row: MailRow, kind: "look" | "enter") => Promise<void>
  readonly back: () => void
  readonly help: () => void
  readonly goTo: (folder: string, q?: string) => void
}

/** What the keys of the webmail do: with what is selected, else with the row that has the focus, which follows the mail that is read. */
export function useMailKeys({ pane, selection, acting, row, opened, stepIn, openRow, back, help, goTo }: Around, singles: () => boolean): void {
  const composer = useComposer()
  const list = () => pane.value?.list
  const target = (): MailRow | undefined => list()?.activeRow() ?? row.value ?? opened()
  /** With the selection, or with the one mail. False where there is neither. */
  const onTarget = (several: () => void, one: (row: MailRow) => void): boolean => {
    const mail = target()
    if (selection.some.value) several()
    else if (mail) one(mail)
    else return false
    return true
  }
  const answer = (reference: Reference): boolean => {
    const view = opened()
    if (!view) return false
    void composer.answer(view, reference).catch(sayError)
    return true
  }

  useShortcuts({
    next: () => list()?.step(1),
    previous: () => list()?.step(-1),
    open: () => {
      const mail = list()?.activeRow()
      if (mail) void openRow(mail, "enter")
      return mail !== undefined
    },
    back: () => {
      if (opened()) back()
      else list()?.focus()
    },
    nextInConversation: () => stepIn(1),
    previousInConversation: () => stepIn(-1),
    search: () => pane.value?.search(),
    help,
    compose: () => void composer.writeNew().catch(sayError),
    reply: () => answer("reply"),
    replyAll: () => answer("replyAll"),
    forward: () => answer("forward"),
    remove: () => onTarget(acting.selected.remove, (mail) => acting.remove([mail])),
    move: () => {
      const mail = target()
      if (!selection.some.value && mail) selection.toggle(mail)
      if (selection.some.value) setTimeout(() => pane.value?.startMoving())
      return selection.some.value
    },
    markRead: () => onTarget(() => acting.selected.mark({ seen: true }), (mail) => acting.mark([mail], { seen: true })),
    markUnread: () => onTarget(() => acting.selected.mark({ seen: false }), (mail) => acting.mark([mail], { seen: false })),
    flag: () => onTarget(() => acting.selected.mark({ flagged: true }), (mail) => acting.mark([mail], { flagged: !mail.flagged })),
    undo: () => void undoLast(),
    archive: () => void say(t("mailKeys.noArchive")),
    select: () => list()?.toggleActive(),
    selectAll: () => list()?.selectVisible(),
    selectNone: () => selection.clear(),
    goInbox: () => goTo("inbox"),
    goSent: () => goTo("sent"),
    goDrafts: () => goTo("drafts"),
    goFlagged: () => goTo("inbox", "is:flagged"),
  }, singles)
}

import { useThrottleFn } from "@vueuse/core"
import { onScopeDispose, watch } from "vue"
import { useRoute } from "vue-router"
import { listMails, mailStreamUrl } from "../api/mail.ts"
import { listen } from "../api/stream.ts"
import { useMail } from "../stores/mail.ts"
import { useSession } from "../stores/session.ts"
import { unreadInTitle } from "../ui/page-title.ts"
import { arrivals } from "./arrivals.ts"
import { setLost } from "./connection.ts"
import { anyTabVisible, markVisible, notify, useNotifications } from "./notifications.ts"

/** A connection that is not there after this time at the start is lost, milliseconds. */
const startMs = 5_000
const statusMs = 3_000
const foldersMs = 1_000
/** New mails looked at for notifications. */
const newest = 10

/** Keeps what every page shows of the mailbox fresh: the mode, the count in the title, notifications; and watches the connection. */
export function useLiveMail(): void {
  const session = useSession()
  const mail = useMail()
  const route = useRoute()
  const { on } = useNotifications(() => session.address)
  const hasMailbox = () => session.view?.mailbox === true
  let highest: number | undefined

  const refreshStatus = useThrottleFn(() => mail.loadStatus(), statusMs, true)
  const refreshFolders = useThrottleFn(() => mail.loadFolders(), foldersMs, true)

  /** The webmail page looks after its own folders. */
  function catchUp(): void {
    if (hasMailbox() && route.name !== "mail") void refreshFolders()
  }

  /** Of several tabs the one that has the stream tells, and only when none of them can be seen. */
  async function tellArrivals(): Promise<void> {
    if (!on.value || !hasMailbox() || !stream.leads) return
    const { items } = await listMails("inbox", { limit: newest })
    const first = highest === undefined
    const found = arrivals(items, highest ?? 0)
    highest = found.highest
    if (!first && found.fresh.length > 0 && !(await anyTabVisible())) await notify(found.fresh)
  }
  const lookForArrivals = useThrottleFn(() => tellArrivals().catch(() => undefined), foldersMs, true)
  watch(on, () => void tellArrivals().catch(() => undefined))

  const { stream, stop } = listen(mailStreamUrl, session.address, {
    event: (name) => {
      if (name === "mode") void mail.loadStatus()
      if (name !== "mailbox") return
      catchUp()
      void lookForArrivals()
      if (mail.status && mail.status.mode !== "normal") void refreshStatus()
    },
    open: (again) => {
      clearTimeout(timer)
      setLost(false)
      if (!again) return
      void mail.loadStatus()
      catchUp()
      void lookForArrivals()
    },
    lost: () => setLost(true),
  })
  const timer = setTimeout(() => setLost(true), startMs)
  if (!navigator.onLine) setLost(true)
  const hide = markVisible()
  onScopeDispose(() => {
    clearTimeout(timer)
    stop()
    hide()
  })

  void mail.loadStatus()
  catchUp()
  void tellArrivals().catch(() => undefined)
  watch(() => mail.inbox?.unread ?? 0, (unread) => {
    unreadInTitle.value = unread
    void (unread > 0 ? navigator.setAppBadge?.(unread) : navigator.clearAppBadge?.())?.catch(() => undefined)
  }, { immediate: true })
}

import type { MailRow } from "@lifeboat/shared/schemas/mail"
import { computed, shallowRef } from "vue"
import { router } from "../router.ts"
import { t } from "../text/index.ts"
import { callName } from "../ui/people.ts"

/** More than this at once become one notification. */
const oneByOne = 3
const key = (user: string) => `lifeboat.notify.${user}`

const supported = "Notification" in globalThis
const permission = shallowRef(supported ? Notification.permission : "denied")
const wanted = shallowRef(new Map<string, boolean>())

function wants(user: string): boolean {
  return wanted.value.get(user) ?? localStorage.getItem(key(user)) === "on"
}

/** Whether this device tells a person about new mail: their own choice, and the browser's leave. */
export const useNotifications = (user: () => string) => ({
  supported,
  denied: computed(() => permission.value === "denied"),
  on: computed(() => wants(user()) && permission.value === "granted"),
  /** The browser asks the person, so only at their own word. Answers whether it is allowed. */
  turnOn: async (): Promise<boolean> => {
    permission.value = await Notification.requestPermission()
    if (permission.value !== "granted") return false
    localStorage.setItem(key(user()), "on")
    wanted.value = new Map([...wanted.value, [user(), true]])
    return true
  },
  turnOff: () => {
    localStorage.removeItem(key(user()))
    wanted.value = new Map([...wanted.value, [user(), false]])
  },
})

/** Whether any tab of ours can be seen; each visible one holds this lock. */
const visibleLock = "lifeboat.visible"

/** Holds the lock while the tab is visible. Returns how to stop. */
export function markVisible(): () => void {
  if (!("locks" in navigator)) return () => undefined
  let held: AbortController | undefined
  const update = () => {
    held?.abort()
    held = undefined
    if (document.visibilityState !== "visible") return
    const { signal } = (held = new AbortController())
    void navigator.locks.request(visibleLock, { mode: "shared" }, () => (signal.aborted ? undefined : new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve())))).catch(() => undefined)
  }
  update()
  document.addEventListener("visibilitychange", update)
  return () => {
    document.removeEventListener("visibilitychange", update)
    held?.abort()
  }
}

export async function anyTabVisible(): Promise<boolean> {
  if (!("locks" in navigator)) return document.visibilityState === "visible"
  return (await navigator.locks.query()).held?.some(({ name }) => name === visibleLock) ?? false
}

/** Tells about mails that have just come. A click opens the mail. */
export async function notify(rows: readonly MailRow[]): Promise<void> {
  if (rows.length > oneByOne) {
    const [first] = rows
    if (first) await show(t("live.newMails", { n: rows.length }), "", { name: "mail", params: { folder: first.folder } }, "lifeboat-many")
    return
  }
  for (const row of rows) await show(callName(row.sender.name, row.sender.address), row.subject || t("mail.noSubject"), { name: "mail", params: { folder: row.folder, id: row.id } }, `lifeboat-${row.folder}-${row.id}`)
}

async function show(title: string, body: string, to: { readonly name: string; readonly params: Readonly<Record<string, string>> }, tag: string): Promise<void> {
  const url = router.resolve(to).href
  const options = { body, tag, icon: "/icons/icon-192.png", data: { url } }
  const worker = await navigator.serviceWorker?.getRegistration().catch(() => undefined)
  if (worker?.active) return worker.showNotification(title, options)
  const notification = new Notification(title, options)
  notification.addEventListener("click", () => {
    notification.close()
    window.focus()
    void router.push(url)
  })
}

import type { MailSettings } from "@lifeboat/shared/schemas/mail-settings"
import { defaultMailSettings } from "@lifeboat/shared/schemas/mail-settings"
import { computed, shallowRef } from "vue"
import { get, path, put } from "../api/client.ts"
import { useSession } from "../stores/session.ts"

type Preferences = Pick<MailSettings, "conversations" | "readingPane" | "shortcuts">

const current = shallowRef<Preferences>(defaultMailSettings)
let loadedFor: string | undefined

/** How the person wants lists and panes. Known at once from the last visit, then as the server has it. */
export function usePreferences() {
  const session = useSession()
  const key = () => `lifeboat.preferences.${session.address}`

  function take(settings: Partial<Preferences>): void {
    const { conversations, readingPane, shortcuts } = { ...current.value, ...settings }
    current.value = { conversations, readingPane, shortcuts }
    localStorage.setItem(key(), JSON.stringify(current.value))
  }

  if (loadedFor !== session.address) {
    loadedFor = session.address
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(key()) ?? "null")
      if (typeof kept === "object" && kept !== null) current.value = { ...defaultMailSettings, ...kept }
    } catch {
      current.value = defaultMailSettings
    }
    void get<MailSettings>(path("mail", "settings")).then(take, () => undefined)
  }

  return {
    conversations: computed(() => current.value.conversations),
    readingPane: computed(() => current.value.readingPane),
    shortcuts: computed(() => current.value.shortcuts),
    change(settings: Partial<Preferences>): void {
      take(settings)
      void put(path("mail", "settings"), settings).catch(() => undefined)
    },
  }
}

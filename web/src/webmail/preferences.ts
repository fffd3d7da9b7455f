import type { MailSettings } from "@lifeboat/shared/schemas/mail-settings"
import { computed, shallowRef, watch } from "vue"
import { useMailSettings } from "../stores/mail-settings.ts"
import { useSession } from "../stores/session.ts"
import { sayError } from "../ui/toasts.ts"

/** What of the settings the first look of the webmail depends on. */
type Preferences = Pick<MailSettings, "conversations" | "readingPane" | "shortcuts">

const panes: readonly unknown[] = ["right", "below", "off"] satisfies MailSettings["readingPane"][]
const isPane = (value: unknown): value is MailSettings["readingPane"] => panes.includes(value)

function read(text: string | null): Partial<Preferences> {
  try {
    const kept: unknown = JSON.parse(text ?? "null")
    if (typeof kept !== "object" || kept === null) return {}
    const { conversations, readingPane, shortcuts } = kept as Record<string, unknown>
    return { ...(typeof conversations === "boolean" ? { conversations } : {}), ...(isPane(readingPane) ? { readingPane } : {}), ...(typeof shortcuts === "boolean" ? { shortcuts } : {}) }
  } catch {
    return {}
  }
}

/** How the person wants lists and panes: at once as at the last visit, because nobody waits for settings to see rows, then as the server has it. */
export function usePreferences() {
  const store = useMailSettings()
  const session = useSession()
  const key = `lifeboat.preferences.${session.address}`
  const kept = shallowRef<Partial<Preferences>>(session.view?.webmail ?? read(localStorage.getItem(key)))
  const current = computed<Preferences>(() => (store.loaded ? store.settings : { ...store.settings, ...kept.value }))

  void store.load().catch(() => undefined)
  watch(() => store.loaded && store.settings, (settings) => {
    if (!settings) return
    const { conversations, readingPane, shortcuts } = settings
    kept.value = { conversations, readingPane, shortcuts }
    localStorage.setItem(key, JSON.stringify(kept.value))
  }, { immediate: true })

  return {
    conversations: computed(() => current.value.conversations),
    readingPane: computed(() => current.value.readingPane),
    shortcuts: computed(() => current.value.shortcuts),
    change(settings: Partial<Preferences>): void {
      kept.value = { ...kept.value, ...settings }
      void store.change(settings).catch(sayError)
    },
  }
}

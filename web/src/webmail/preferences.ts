import { defaultMailSettings } from "@lifeboat/shared/default-mail-settings"
import type { MailSettings } from "@lifeboat/shared/schemas/mail-settings"
import type { SessionView } from "@lifeboat/shared/schemas/session"
import { computed } from "vue"
import { ariaKeys, type ShortcutName } from "../shortcuts/table.ts"
import { useMailSettings } from "../stores/mail-settings.ts"
import { useSession } from "../stores/session.ts"
import { sayError } from "../ui/toasts.ts"

/** What of the settings the first look of the webmail depends on. */
type Preferences = Pick<MailSettings, "conversations" | "readingPane" | "shortcuts">

/** How lists and panes look before the settings have come, because nobody waits for settings to see rows. */
export function firstLook(session: Pick<SessionView, "webmail"> | null): Preferences {
  const { conversations, readingPane, shortcuts } = defaultMailSettings
  return { conversations, readingPane, shortcuts, ...session?.webmail }
}

/** How the person wants lists and panes: at once as the session says, then as the settings have it. */
export function usePreferences() {
  const store = useMailSettings()
  const session = useSession()
  const current = computed<Preferences>(() => (store.loaded ? store.settings : firstLook(session.view)))
  void store.load().catch(() => undefined)
  return {
    conversations: computed(() => current.value.conversations),
    readingPane: computed(() => current.value.readingPane),
    shortcuts: computed(() => current.value.shortcuts),
    /** For `aria-keyshortcuts`: the keys that do this now. */
    keys: (does: ShortcutName) => ariaKeys(does, current.value.shortcuts),
    change: (settings: Partial<Preferences>): void => void store.change(settings).catch(sayError),
  }
}

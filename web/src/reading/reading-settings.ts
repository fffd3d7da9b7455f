import { usePreferredDark } from "@vueuse/core"
import { computed, shallowReactive } from "vue"
import { useMailSettings } from "../stores/mail-settings.ts"

/** Senders that were trusted just now: mails opened before do not know it yet. */
const trusted = shallowReactive(new Set<string>())

/** How the person wants mails shown. */
export function useReadingSettings() {
  const store = useMailSettings()
  const preferred = usePreferredDark()
  void store.load().catch(() => undefined)
  return {
    /** The page is dark, and so are mails where they stay readable. */
    dark: computed(() => preferred.value && store.settings.darkMails),
    isTrusted: (address: string) => trusted.has(address.toLowerCase()),
    /** Shows pictures of this sender from now on. @throws ApiError */
    async trust(address: string): Promise<void> {
      await store.load(true)
      await store.change({ trustedSenders: [...new Set([...store.settings.trustedSenders, address])] })
      trusted.add(address.toLowerCase())
    },
  }
}

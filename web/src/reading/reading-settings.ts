import { defaultMailSettings, type MailSettings, type MailSettingsChange } from "@lifeboat/shared/schemas/mail-settings"
import { usePreferredDark } from "@vueuse/core"
import { computed, shallowReactive, shallowRef } from "vue"
import { get, path, put } from "../api/client.ts"
import { useSession } from "../stores/session.ts"

const darkMails = shallowRef(defaultMailSettings.darkMails)
/** Senders that were trusted just now: mails opened before do not know it yet. */
const trusted = shallowReactive(new Set<string>())
let loadedFor: string | undefined

const settings = path("mail", "settings")

/** How the person wants mails shown. */
export function useReadingSettings() {
  const session = useSession()
  const preferred = usePreferredDark()
  if (loadedFor !== session.address) {
    loadedFor = session.address
    trusted.clear()
    void get<MailSettings>(settings).then((found) => (darkMails.value = found.darkMails), () => undefined)
  }
  return {
    /** The page is dark, and so are mails where they stay readable. */
    dark: computed(() => preferred.value && darkMails.value),
    isTrusted: (address: string) => trusted.has(address.toLowerCase()),
    /** Shows pictures of this sender from now on. @throws ApiError */
    async trust(address: string): Promise<void> {
      const now = await get<MailSettings>(settings)
      await put<MailSettings>(settings, { trustedSenders: [...new Set([...now.trustedSenders, address])] } satisfies MailSettingsChange)
      trusted.add(address.toLowerCase())
    },
  }
}

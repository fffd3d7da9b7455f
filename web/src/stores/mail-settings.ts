import { defaultMailSettings } from "@lifeboat/shared/default-mail-settings"
import type { MailSettings, MailSettingsChange } from "@lifeboat/shared/schemas/mail-settings"
import { defineStore } from "pinia"
import { shallowRef } from "vue"
import * as api from "../api/mail-settings.ts"
import { useSession } from "./session.ts"

/** Where nobody says how much fits: 25 MB of files. */
const usualLimits = { attachments: 25_000_000, recipients: 1_000 }

/** How the person wants the webmail: read once, changed at once, and put back where the server does not take it. */
export const useMailSettings = defineStore("mailSettings", () => {
  const session = useSession()
  const settings = shallowRef<MailSettings>({ ...defaultMailSettings, identities: [], limits: usualLimits })
  const loaded = shallowRef(false)
  let loading: Promise<void> | undefined
  let owner = ""
  /** Changes on their way: what the server answers meanwhile does not know them. */
  let pending = 0

  /** Reads them, once for each person; `again` also when they are known. Rejects where the server does not answer. */
  function load(again = false): Promise<void> {
    if (owner !== session.address) loading = undefined
    owner = session.address
    if (again) loading = undefined
    loading ??= api.readMailSettings().then(
      (answer) => {
        if (pending === 0) settings.value = answer
        loaded.value = true
      },
      (error: unknown) => {
        loading = undefined
        throw error
      },
    )
    return loading
  }

  /** Shown at once; rejects, with everything as it was, where the server does not take it. */
  async function change(wanted: MailSettingsChange): Promise<void> {
    const before = settings.value
    settings.value = { ...before, ...wanted }
    pending++
    try {
      const answer = await api.changeMailSettings(wanted)
      if (pending === 1) settings.value = answer
    } catch (error) {
      const back = Object.fromEntries(Object.keys(wanted).map((name) => [name, before[name as keyof MailSettings]]))
      settings.value = { ...settings.value, ...back }
      throw error
    } finally {
      pending--
    }
  }

  return { settings, loaded, load, change }
})

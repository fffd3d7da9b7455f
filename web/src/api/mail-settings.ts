import type { MailSettings, MailSettingsChange } from "@lifeboat/shared/schemas/mail-settings"
import { get, path, put } from "./client.ts"

const url = path("mail", "settings")

export const readMailSettings = () => get<MailSettings>(url)
/** What is named is changed; answers all of it as it is now. */
export const changeMailSettings = (change: MailSettingsChange) => put<MailSettings>(url, change)

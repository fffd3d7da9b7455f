import type { MailSetup } from "@lifeboat/shared/schemas/mail-setup"
import { get, path } from "./client.ts"

export const openMailSetup = () => get<MailSetup>(path("mail-setup"))
export const appleProfileUrl = path("mail-setup", "apple.mobileconfig")

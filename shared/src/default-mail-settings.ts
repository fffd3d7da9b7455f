import type { MailSettings } from "./schemas/mail-settings.ts"

/** What holds until somebody changes it. Apart from the schemas, so that pages carry no validation. */
export const defaultMailSettings: Omit<MailSettings, "identities" | "limits"> = {
  conversations: true, readingPane: "right", shortcuts: true, undoSeconds: 10, writeAs: "rich", signatures: [], signatureNew: "", signatureReply: "", trustedSenders: [], darkMails: true,
}

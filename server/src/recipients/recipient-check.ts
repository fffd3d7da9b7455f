import type { SmtpReply } from "@lifeboat/shared/smtp-replies"
import type { Recipient } from "../routing/recipient.ts"

/** Whether a mail for this address is taken: the recipient with all that routing needs, or the reply to RCPT. */
export type RecipientCheck = (address: string) => Promise<{ readonly ok: Recipient } | { readonly reply: SmtpReply }>

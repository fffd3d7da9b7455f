import type { MessageDocument } from "../store/documents.ts"
import type { Recipient } from "../routing/recipient.ts"
import type { SmtpReply } from "@lifeboat/shared/smtp-replies"
import type { ReceivedBody } from "./bodies.ts"

/** A mail that a session has received completely and has not yet answered. */
export interface Incoming {
  readonly receivedAt: Date
  readonly client: MessageDocument["client"]
  readonly envelope: { readonly mailFrom: string; readonly smtpUtf8: boolean; readonly eightBit: boolean }
  readonly recipients: readonly Recipient[]
  readonly body: ReceivedBody
  /** Trace header and what we add behind it (`inbound/received-header`), put before the body on its way out; ends in CRLF. */
  readonly trace: string
  /** Submission and the webmail: the user who sends. Null for mail from outside and from the primary. */
  readonly submitter: string | null
}

/** The answer to DATA: the message id once everything is durable, or the reply that refuses it. */
export type Acceptance = { readonly accepted: true; readonly messageId: string } | { readonly accepted: false; readonly reply: SmtpReply }

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
  /** How it came by SMTP, for the trace header; null: from the webmail or our own. */
  readonly transport: { readonly extended: boolean; readonly tls: { readonly protocol: string; readonly cipher: string } | null } | null
  /** Submission and the webmail: the user who sends. Null for mail from outside and from the primary. */
  readonly submitter: string | null
  /** Hosted domains that send it without being in the envelope: those of a report to a sender. */
  readonly onBehalfOf?: readonly string[]
  /** Who hands it over keeps it and looks for its id before each further try: a write that comes through late counts. */
  readonly keepLate?: boolean
}

/** The answer to DATA: the message id once everything is durable, or the reply that refuses it. */
export type Acceptance = { readonly accepted: true; readonly messageId: string } | { readonly accepted: false; readonly reply: SmtpReply }

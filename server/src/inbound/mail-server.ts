import type { SmtpReply } from "@lifeboat/shared/smtp-replies"
import type { Acceptance, Incoming } from "../archive/incoming.ts"
import type { Bodies } from "../archive/bodies.ts"
import type { Config } from "../config.ts"
import type { Logger } from "../logger.ts"
import type { RecipientCheck } from "../recipients/recipient-check.ts"
import type { Recipient } from "../routing/recipient.ts"
import type { DomainDocument, UserDocument } from "../store/documents.ts"
import type { Pace } from "./limits.ts"

/** What a mail server of ours needs, inbound and submission alike. */
export interface MailServerDependencies {
  readonly config: Pick<Config, "host" | "hostname" | "limits">
  readonly log: Logger
  readonly domains: { get(domain: string): DomainDocument | undefined; all(): DomainDocument[] }
  readonly recipientCheck: RecipientCheck
  readonly bodies: Pick<Bodies, "receive" | "discard">
  /** The way in. It owns the body from then on and discards it where it refuses. */
  readonly accept: (incoming: Incoming) => Promise<Acceptance>
  /** Certificate and key, PEM. */
  readonly tls: { readonly cert: string | Buffer; readonly key: string | Buffer }
  /** Hears of every refusal that an administrator may want to see. Must not throw. */
  readonly onRejected?: (rejection: Rejection) => void
  /** Asked at MAIL: a reply when no mail can be taken right now (storage full). */
  readonly unavailable?: () => SmtpReply | undefined
  readonly pace?: Partial<Pace>
}

/** A refusal for good, for tracking. */
export interface Rejection {
  readonly time: Date
  readonly client: ClientFacts
  readonly mailFrom: string
  readonly recipients: readonly string[]
  readonly reply: SmtpReply
}

/** The other side of a session. */
export interface ClientFacts {
  /** IP address; IPv4 in its own form. */
  readonly address: string
  readonly helo: string
  /** EHLO, not HELO. */
  readonly extended: boolean
  readonly tls: { readonly protocol: string; readonly cipher: string } | null
  /** The signed-in user. */
  readonly user: UserDocument | null
}

/** What MAIL may begin: `relay` allows recipients outside. */
export type SenderDecision = { readonly relay: boolean } | { readonly reply: SmtpReply }

/** What differs between the port for other mail servers and the ports for users. */
export interface ServerPolicy {
  /** AUTH is offered, once TLS is on, and required for mail. */
  readonly authentication: boolean
  sender(client: ClientFacts, mailFrom: string): SenderDecision
  /** Refuses a message by its header block; undefined: nothing against it. */
  content(client: ClientFacts, header: Buffer): SmtpReply | undefined
}

/** A running listener. */
export interface MailServer {
  /** The port it listens on. */
  readonly port: number
  /** Open connections. */
  readonly connections: number
  /** Stops accepting, ends idle sessions with 421, lets transactions under way finish for up to 10 s. */
  close(): Promise<void>
}

/** A recipient outside: submission and relay only. */
export function outsideRecipient(address: string, canonical: string): Recipient {
  return { address, canonical, domain: null, user: null, covered: false }
}

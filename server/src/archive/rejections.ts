import { canonicalAddress, domainOf } from "@lifeboat/shared/address"
import type { SmtpReply } from "@lifeboat/shared/smtp-replies"
import type { Logger } from "../logger.ts"
import type { Database } from "../store/database.ts"
import type { MessageDocument } from "../store/documents.ts"
import { createMessageId } from "./message-id.ts"

/** A mail that was refused for good. */
export interface RefusedMail {
  readonly time: Date
  readonly client: { readonly address: string; readonly helo: string; readonly tls: unknown; readonly user: { readonly _id: string } | null }
  readonly mailFrom: string
  readonly recipients: readonly string[]
  readonly reply: SmtpReply
}

const perSecond = 20
const keptDays = 30
const shownRecipients = 20

/**
 * Notes refusals for administrators to see in tracking (status `rejected`). A stranger can cause them, so they are
 * bounded to 20 a second, have no body, and are never waited for.
 */
export class Rejections {
  readonly #database: Database
  readonly #hosted: (domain: string) => boolean
  readonly #log: Logger
  #second = 0
  #count = 0

  constructor(database: Database, hosted: (domain: string) => boolean, log: Logger) {
    this.#database = database
    this.#hosted = hosted
    this.#log = log
  }

  /** Notes one. Never throws, never waits. Those that concern no hosted domain are left out. */
  note(refused: RefusedMail): void {
    const second = Math.floor(performance.now() / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#count = 0
    }
    if (++this.#count > perSecond) return
    const recipients = refused.recipients.slice(0, shownRecipients)
    const domains = [...new Set([...recipients, refused.client.user?._id ?? ""].map((address) => domainOf(canonicalAddress(address) ?? "")))].filter(this.#hosted)
    if (domains.length === 0) return
    const { code, enhanced, text } = refused.reply
    const message: MessageDocument = {
      _id: createMessageId(refused.time),
      receivedAt: refused.time,
      expireAt: new Date(refused.time.getTime() + keptDays * 86_400_000),
      direction: "inbound",
      domains,
      owners: [],
      envelope: { mailFrom: refused.mailFrom, rcptTo: [...recipients], smtpUtf8: false, eightBit: false },
      client: { address: refused.client.address, name: "", helo: refused.client.helo, tls: refused.client.tls !== null, user: refused.client.user?._id ?? null },
      summary: { subject: "", from: refused.mailFrom, to: recipients.join(", "), messageId: null, date: null },
      trace: "",
      size: 0,
      hasBody: false,
      deliveries: [],
      version: 1,
      status: "rejected",
      viaService: false,
      deliveredAt: null,
    }
    const event = { time: refused.time, event: "rejected" as const, messageId: message._id, deliveryId: null, recipient: recipients[0] ?? null, server: null, reply: `${code} ${enhanced} ${text}`, detail: null, expireAt: message.expireAt }
    void Promise.all([
      this.#database.messages.insertOne(message, { writeConcern: { w: 1 } }),
      this.#database.events.insertOne({ _id: `${message._id}.rejected`, ...event }, { writeConcern: { w: 1 } }),
    ]).catch((error: unknown) => this.#log.debug({ error: String(error) }, "a refusal was not noted"))
  }
}

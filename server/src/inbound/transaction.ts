import { canonicalAddress, domainOf } from "@lifeboat/shared/address"
import { queuedAs, smtpReplies, type SmtpReply } from "@lifeboat/shared/smtp-replies"
import type { ReceivedBody } from "../archive/bodies.ts"
import { createMessageId } from "../archive/message-id.ts"
import type { Recipient } from "../routing/recipient.ts"
import { guard, replyToError } from "./guard.ts"
import { outsideRecipient, type ClientFacts, type MailServerDependencies, type ServerPolicy } from "./mail-server.ts"
import { DataError, type SmtpWire } from "./smtp-wire.ts"

/** A recipient check asks the primary, whose own time-outs end before this. ms. */
const recipientDeadline = 30_000
/** From the final dot to the reply: a database that does not answer is a temporary error by then. ms. */
const dotDeadline = 4_500
/** With less time than this left, acceptance is not begun: it would end as a mail that is kept and refused at once. ms. */
const acceptAtLeast = 1_000
/** A mail that was refused while it arrived is read to its end, up to this many times the limit. */
const drainFactor = 2

/** What MAIL said. */
export interface Sender {
  readonly mailFrom: string
  readonly smtpUtf8: boolean
  readonly eightBit: boolean
  /** Recipients outside are allowed. */
  readonly relay: boolean
}

/** What became of DATA: a reply, or the end of the session without one. */
export type DataResult = { readonly reply: SmtpReply; readonly accepted: boolean; readonly hangUp: boolean }

/** One transaction: MAIL to the end of DATA. Knows the mail, not the wire's words. */
export class Transaction {
  readonly sender: Sender
  readonly #dependencies: MailServerDependencies
  readonly #policy: ServerPolicy
  readonly #client: ClientFacts
  readonly #recipients = new Map<string, Recipient>()

  constructor(dependencies: MailServerDependencies, policy: ServerPolicy, client: ClientFacts, sender: Sender) {
    this.#dependencies = dependencies
    this.#policy = policy
    this.#client = client
    this.sender = sender
  }

  get hasRecipients(): boolean {
    return this.#recipients.size > 0
  }

  /** Takes one forward-path; the reply to RCPT. */
  async addRecipient(path: string): Promise<SmtpReply> {
    const address = path.toLowerCase() === "postmaster" ? this.#barePostmaster(path) : path
    const canonical = canonicalAddress(address)
    if (canonical === undefined) return smtpReplies.badRecipientAddress
    if (!this.sender.smtpUtf8 && /[^\u0000-\u007f]/.test(address)) return smtpReplies.utf8Required
    if (this.#recipients.has(canonical)) return smtpReplies.recipientOk
    if (this.#recipients.size >= this.#dependencies.config.limits.recipients) return smtpReplies.tooManyRecipients
    if (!this.#dependencies.domains.get(domainOf(canonical))) {
      if (!this.sender.relay) return this.#refuse(smtpReplies.relayingDenied, [address])
      this.#recipients.set(canonical, outsideRecipient(address, canonical))
      return smtpReplies.recipientOk
    }
    const checked = await guard("recipient check", this.#dependencies.log, recipientDeadline, () => this.#dependencies.recipientCheck(address))
    if ("reply" in checked) return checked.reply
    if ("reply" in checked.value) return this.#refuse(checked.value.reply, [address])
    this.#recipients.set(canonical, checked.value.ok)
    return smtpReplies.recipientOk
  }

  /** Receives the content and hands the mail on; called after 354. */
  async receive(wire: SmtpWire): Promise<DataResult> {
    const { bodies, config, log } = this.#dependencies
    const messageId = createMessageId(new Date())
    const source = wire.receive(config.limits.messageBytes, config.limits.lineBytes)
    let dot = Number.POSITIVE_INFINITY
    void source.ended.then(() => (dot = performance.now()))
    let body: ReceivedBody
    try {
      const received = bodies.receive(messageId, source, config.limits.headerBytes)
      body = await withinAfter(dotDeadline, source.ended, received, (late) => this.#discard(late))
    } catch (error) {
      if (error instanceof DataError && error.failure === "closed") return { reply: smtpReplies.tooSlow, accepted: false, hangUp: true }
      let reply: SmtpReply
      if (error instanceof DataError) {
        reply = this.#refuse(error.failure === "too-big" ? smtpReplies.messageTooBig : smtpReplies.lineTooLong, this.#addresses())
      } else {
        log.error({ messageId, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, "a body could not be stored")
        reply = replyToError(error)
      }
      const whole = await source.drain(config.limits.messageBytes * drainFactor).catch(() => false)
      return { reply, accepted: false, hangUp: !whole }
    }
    const refused = this.#policy.content(this.#client, body.header)
    if (refused) {
      await this.#discard(body)
      return { reply: this.#refuse(refused, this.#addresses()), accepted: false, hangUp: false }
    }
    const left = Math.min(dotDeadline, dotDeadline - (performance.now() - dot))
    if (left < acceptAtLeast) {
      await this.#discard(body)
      return { reply: smtpReplies.localError, accepted: false, hangUp: false }
    }
    return this.#accept(body, left)
  }

  async #accept(body: ReceivedBody, deadline: number): Promise<DataResult> {
    const { accept, log } = this.#dependencies
    const { address, helo, tls, user, extended } = this.#client
    const { mailFrom, smtpUtf8, eightBit } = this.sender
    const accepted = await guard("acceptance", log, deadline, () =>
      accept({
        receivedAt: new Date(),
        client: { address, name: "", helo, tls: tls !== null, user: user?._id ?? null },
        envelope: { mailFrom, smtpUtf8, eightBit },
        recipients: [...this.#recipients.values()],
        body,
        transport: { extended, tls },
        submitter: user?._id ?? null,
      }),
    )
    if ("reply" in accepted) return { reply: accepted.reply, accepted: false, hangUp: false }
    if (!accepted.value.accepted) return { reply: this.#refuse(accepted.value.reply, this.#addresses()), accepted: false, hangUp: false }
    return { reply: queuedAs(accepted.value.messageId), accepted: true, hangUp: false }
  }

  async #discard(body: ReceivedBody): Promise<void> {
    const { bodies, log } = this.#dependencies
    await bodies.discard(body).catch((error: unknown) => log.warn({ messageId: body.messageId, error: String(error) }, "a body that is not needed was not discarded"))
  }

  #addresses(): string[] {
    return [...this.#recipients.values()].map((recipient) => recipient.address)
  }

  #refuse(reply: SmtpReply, recipients: readonly string[]): SmtpReply {
    if (reply.code >= 500) this.#dependencies.onRejected?.({ time: new Date(), client: this.#client, mailFrom: this.sender.mailFrom, recipients, reply })
    return reply
  }

  /** RFC 5321 §4.5.1: postmaster without a domain reaches somebody. */
  #barePostmaster(path: string): string {
    const { config, domains } = this.#dependencies
    const own = domains.get(config.hostname) ?? domains.all().toSorted((a, b) => (a._id < b._id ? -1 : 1))[0]
    return `${path}@${own?._id ?? config.hostname}`
  }
}

/** The result, unless it takes longer than `ms` once `start` has happened; then rejects, and `late` gets what comes after all. */
async function withinAfter<T>(ms: number, start: Promise<void>, result: Promise<T>, late: (value: T) => Promise<void>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let isLate = false
  const tooLate = start.then(
    () =>
      new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => {
          isLate = true
          reject(new Error("the body was not stored in time"))
        }, ms)
      }),
  )
  void result.then(
    (value) => (isLate ? late(value) : undefined),
    () => undefined,
  )
  try {
    return await Promise.race([result, tooLate])
  } finally {
    clearTimeout(timer)
  }
}

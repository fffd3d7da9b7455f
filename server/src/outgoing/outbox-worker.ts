import { canonicalAddress, domainOf } from "@lifeboat/shared/address"
import { replyText, type SmtpReply } from "@lifeboat/shared/smtp-replies"
import type { Acceptance, Incoming } from "../archive/incoming.ts"
import type { Bodies } from "../archive/bodies.ts"
import type { Logger } from "../logger.ts"
import type { RecipientCheck } from "../recipients/recipient-check.ts"
import type { Recipient } from "../routing/recipient.ts"
import { ClaimLoop } from "../store/claim-loop.ts"
import type { Database } from "../store/database.ts"
import type { MailPlace, OutboxDocument } from "../store/documents.ts"
import type { Outbox } from "./outbox.ts"

/** What the outbox needs of the rest. */
export interface OutboxWorkerOptions {
  readonly database: Database
  readonly bodies: Bodies
  readonly outbox: Outbox
  readonly headerLimit: number
  readonly hosted: (domain: string) => boolean
  readonly checkRecipient: RecipientCheck
  readonly accept: (incoming: Incoming) => Promise<Acceptance>
  /** Takes away what the mail was written as: its draft and uploads; marks what it answers. May be repeated. */
  readonly tidyUp: (item: OutboxDocument) => Promise<void>
  /** Makes a draft of it again; null where its user has no mailbox any more. May be repeated. */
  readonly toDraft: (item: OutboxDocument) => Promise<MailPlace | null>
  readonly log: Logger
}

const atOnce = 4
const maxTidying = 20

/**
 * Hands mails of the outbox to the intake when their time has come, and finishes what was begun: on every node that may,
 * and after every crash. A mail's id is fixed from the beginning, and the intake takes an id once: handing it over again
 * finds it there.
 */
export class OutboxWorker {
  readonly #options: OutboxWorkerOptions
  readonly #loop: ClaimLoop<OutboxDocument>

  constructor(options: OutboxWorkerOptions) {
    this.#options = options
    this.#loop = new ClaimLoop({ claim: () => options.outbox.claim(), work: (item) => this.#finish(item), atOnce, waits: "the outbox waits for the database", log: options.log })
  }

  start(): void {
    this.#loop.start()
  }

  /** Finishes what is under way; what waits is found at the next start. */
  stop(): Promise<void> {
    return this.#loop.stop()
  }

  async #finish(item: OutboxDocument): Promise<void> {
    const refusal = await this.work(item)
    if (!refusal) return
    try {
      await this.work(await this.#options.outbox.giveUp(item, `${refusal.code} ${replyText(refusal)}`))
    } catch (error) {
      this.#options.log.warn({ error: String(error), id: item._id }, "a mail that cannot be sent becomes a draft a little later")
    }
  }

  /** Goes on with a mail that was claimed. Never throws: what fails for now is put off. Answers why it cannot be sent at all. */
  async work(item: OutboxDocument): Promise<SmtpReply | undefined> {
    const { outbox, log } = this.#options
    try {
      if (item.state === "sending") return await this.#send(item)
      await outbox.finish(item, item.state === "returning" ? "failed" : "taken-back", await this.#options.toDraft(item))
    } catch (error) {
      log.warn({ error: String(error), id: item._id, state: item.state }, "a mail of the outbox is gone on with in a moment")
      await outbox.putOff(item, pauseAfter(item.attempts)).catch(() => undefined)
    }
    return undefined
  }

  async #send(item: OutboxDocument): Promise<SmtpReply | undefined> {
    const { outbox, database } = this.#options
    const there = item.sentAt !== null || (await database.messages.findOne({ _id: item._id }, { projection: { _id: 1 } })) !== null
    if (!there) {
      const refusal = await this.#handOver(item)
      if (refusal && refusal.code < 500) {
        await outbox.putOff(item, pauseAfter(item.attempts))
        return undefined
      }
      if (refusal) return refusal
    }
    if (item.sentAt === null) await outbox.handedOver(item)
    await this.#tidyUp(item)
    return undefined
  }

  /** The mail is on its way whatever happens here; a draft that cannot be taken away now goes a little later. */
  async #tidyUp(item: OutboxDocument): Promise<void> {
    const { outbox, tidyUp, log } = this.#options
    try {
      await tidyUp(item)
    } catch (error) {
      log.warn({ error: String(error), id: item._id }, "a sent mail's draft or original was not marked")
      if (item.attempts < maxTidying) return outbox.putOff(item, pauseAfter(item.attempts))
    }
    await outbox.finish(item, "sent", null)
  }

  async #handOver(item: OutboxDocument): Promise<SmtpReply | undefined> {
    const { outbox, bodies, accept, headerLimit } = this.#options
    const { accepted, refusal } = await this.#recipients(item)
    if (refusal) return refusal
    const body = await outbox.body(item._id)
    if (!body) throw new Error("the body of a mail in the outbox is missing")
    const acceptance = await accept({
      receivedAt: this.#options.database.now(),
      client: item.client,
      envelope: { mailFrom: item.mailFrom, smtpUtf8: item.smtpUtf8, eightBit: false },
      recipients: accepted,
      body: await bodies.receive(item._id, body, headerLimit),
      transport: null,
      submitter: item.user,
      keepLate: true,
    })
    return acceptance.accepted ? undefined : acceptance.reply
  }

  /** Recipients as they are now; those that are refused meanwhile are left out unless nobody remains. */
  async #recipients(item: OutboxDocument): Promise<{ accepted: Recipient[]; refusal: SmtpReply | undefined }> {
    const accepted: Recipient[] = []
    let refusal: SmtpReply | undefined
    for (const address of item.recipients) {
      const canonical = canonicalAddress(address) ?? address
      const answer = this.#options.hosted(domainOf(canonical)) ? await this.#options.checkRecipient(address) : { ok: { address, canonical, domain: null, user: null, covered: false } }
      if ("ok" in answer) accepted.push(answer.ok)
      else if (answer.reply.code < 500) return { accepted: [], refusal: answer.reply }
      else refusal = answer.reply
    }
    return { accepted, refusal: accepted.length > 0 ? undefined : refusal }
  }
}

/** How long a mail that could not be gone on with rests, milliseconds. */
function pauseAfter(attempts: number): number {
  return Math.min(300_000, 5_000 * 2 ** Math.min(attempts, 6))
}

import { ObjectId } from "mongodb"
import type { Bodies } from "../archive/bodies.ts"
import type { Claim, DeliveryTarget, Outcome } from "../delivery/delivery-target.ts"
import type { Logger } from "../logger.ts"
import type { Database } from "../store/database.ts"
import type { Delivery, MessageDocument, UserDocument } from "../store/documents.ts"
import { writeCopyMark } from "./copy-mark.ts"
import { maxBytes, maxDepth, maxShortLines, measureShape } from "./mail-shape.ts"
import { readableCopy } from "./readable-copy.ts"
import type { Provisioning } from "./provisioning.ts"
import { substituteMessage, type SubstituteReason } from "./substitute-message.ts"
import { TaskSlots } from "./task-slots.ts"
import type { WildDuckApi } from "./wildduck-api.ts"
import { WildDuckError } from "./wildduck-error.ts"
import { WildDuckStore } from "./wildduck-store.ts"

export interface MailboxTargetOptions {
  readonly database: Database
  readonly bodies: Bodies
  readonly api: WildDuckApi
  readonly provisioning: Provisioning
  readonly log: Logger
  /** Page of a mail in the archive, for substitutes. */
  readonly archiveUrl: (messageId: string) => string
  /** Mails on their way into WildDuck at the same time. */
  readonly parallel?: number
}

const server = "mailbox"
const day = 86_400_000
/** After so many attempts a mail that fails alone, while WildDuck is well, is taken for one that it cannot hold. */
const patience = 6
const maxFoldersKept = 50_000

/**
 * Puts mail into the users' mailboxes in WildDuck, through its HTTP API. Each copy carries the id of its delivery, and
 * that is looked up before every upload: an earlier attempt may have stored it without our hearing of it. The lookup
 * goes by an index and runs beside the reading of the body, so that it costs no time; leaving it out for first attempts
 * would need to know for sure that no other node ever held the lease. Whatever goes wrong defers; what WildDuck can
 * never hold is replaced by a small message that says so.
 */
export class MailboxTarget implements DeliveryTarget {
  readonly #options: MailboxTargetOptions
  readonly #store: WildDuckStore
  readonly #slots: TaskSlots
  readonly #folders = new Map<string, string>()
  #prepared = false

  constructor(options: MailboxTargetOptions) {
    this.#options = options
    this.#store = new WildDuckStore(options.database)
    this.#slots = new TaskSlots(options.parallel ?? 4)
  }

  async deliver(claim: Claim, signal: AbortSignal): Promise<ReadonlyMap<string, Outcome>> {
    const mail = new Mail(claim.message, this.#options.bodies)
    const outcomes = claim.deliveries.map(async (delivery): Promise<[string, Outcome]> => {
      const outcome = await this.#slots.run(async () => (signal.aborted ? deferred("stopping", true) : this.#deliverOne(mail, delivery, signal)))
      return [delivery.id, outcome]
    })
    return new Map(await Promise.all(outcomes))
  }

  async #deliverOne(mail: Mail, delivery: Delivery, signal: AbortSignal): Promise<Outcome> {
    try {
      if (!this.#prepared) this.#prepared = await this.#store.prepare()
      const user = delivery.user === null ? null : await this.#options.database.users.findOne({ _id: delivery.user })
      if (!user) return { kind: "cancelled", reply: "the user does not exist any more", server }
      try {
        return await this.#storeCopy(mail, delivery, user, signal)
      } catch (error) {
        return await this.#afterTrouble(error, mail, delivery, user, signal)
      }
    } catch (error) {
      if (signal.aborted) return deferred("stopping", true)
      if (!(error instanceof WildDuckError)) this.#options.log.warn({ deliveryId: delivery.id, error: String(error) }, "a mail could not be put into its mailbox for the moment")
      return deferred(error instanceof WildDuckError ? `mailbox store: ${error.message}` : "mailbox store: temporary problem")
    }
  }

  /** One try. Throws WildDuckError and database errors. */
  async #storeCopy(mail: Mail, delivery: Delivery, user: UserDocument, signal: AbortSignal): Promise<Outcome> {
    const { message } = mail
    const account = (await this.#options.provisioning.ensureMailbox(user)).id
    const mark = writeCopyMark({ message: message._id, delivery: delivery.id })
    const folderName = delivery.folder ?? "INBOX"
    const [folder, known, body] = await Promise.all([
      this.#folder(account, folderName),
      this.#store.hasCopy(account, mark),
      mail.read(),
    ])
    if (known) {
      await this.#note(message, delivery)
      return { kind: "delivered", reply: `stored in ${folderName} by an earlier attempt`, server, event: "mailbox-delivered" }
    }
    if (body === undefined) return { kind: "cancelled", reply: "the mail is not kept any more", server }
    const options = { date: message.receivedAt, unseen: folderName === "INBOX", metaData: mark, signal }
    const upload = async (raw: Buffer<ArrayBuffer>) => this.#options.api.upload(account, folder, raw, options)
    const uploadSubstitute = async (why: SubstituteReason): Promise<Outcome> => {
      await upload(Buffer.concat([Buffer.from(message.trace), await substituteMessage(message, why, this.#options.archiveUrl(message._id))]))
      await this.#note(message, delivery)
      return { kind: "delivered", reply: `a substitute is stored in ${folderName} (${why})`, server, event: "mailbox-substituted" }
    }
    if (typeof body === "string") return uploadSubstitute(body)
    try {
      await upload(body)
    } catch (error) {
      if (!(error instanceof WildDuckError)) throw error
      const hopeless = error.failure === "unstorable" || error.failure === "refused"
      const alone = error.failure === "temporary" && delivery.attempts >= patience && !signal.aborted && (await this.#isWell())
      if (!hopeless && !alone) throw error
      if (await this.#store.hasCopy(account, mark)) throw error
      this.#options.log.warn({ deliveryId: delivery.id, error: error.message }, "the mailbox store cannot hold this mail")
      return uploadSubstitute("refused")
    }
    await this.#note(message, delivery)
    return { kind: "delivered", reply: `stored in ${folderName}`, server, event: "mailbox-delivered" }
  }

  /** Puts right what can be put right and tries once more; anything else goes on as it is. */
  async #afterTrouble(error: unknown, mail: Mail, delivery: Delivery, user: UserDocument, signal: AbortSignal): Promise<Outcome> {
    if (!(error instanceof WildDuckError) || signal.aborted) throw error
    if (error.failure === "not-found") {
      this.#forget(user.mailbox?.id)
      return this.#storeCopy(mail, delivery, { ...user, mailbox: await this.#options.provisioning.restoreMailbox(user) }, signal)
    }
    if ((error.failure === "over-quota" || error.failure === "user-disabled") && user.mailbox) {
      await this.#options.api.changeAccount(user.mailbox.id, { quota: 0, disabled: false })
      return this.#storeCopy(mail, delivery, user, signal)
    }
    throw error
  }

  async #isWell(): Promise<boolean> {
    return this.#options.api.health().then(
      () => true,
      () => false,
    )
  }

  async #folder(account: string, name: "INBOX" | "Sent"): Promise<string> {
    const key = `${account}/${name}`
    const kept = this.#folders.get(key)
    if (kept !== undefined) return kept
    const user = ObjectId.createFromHexString(account)
    const found = await this.#store.mailboxes.findOne(name === "INBOX" ? { user, path: "INBOX" } : { user, specialUse: "\\Sent" }, { projection: { _id: 1 } })
    if (!found) throw new WildDuckError("not-found", 0, "NoSuchMailbox", `the mailbox has no folder ${name}`)
    if (this.#folders.size >= maxFoldersKept) this.#folders.clear()
    this.#folders.set(key, found._id.toHexString())
    return found._id.toHexString()
  }

  #forget(account: string | undefined): void {
    for (const name of ["INBOX", "Sent"]) this.#folders.delete(`${account}/${name}`)
  }

  /** The record of the copy. What the observer has noted meanwhile stands. */
  async #note(message: MessageDocument, delivery: Delivery): Promise<void> {
    const { copies, now } = this.#options.database
    const record = { messageId: message._id, user: delivery.user ?? "", state: "present" as const, changedAt: now(), expireAt: new Date(message.expireAt.getTime() + 2 * day) }
    await copies.updateOne({ _id: delivery.id }, { $setOnInsert: record }, { upsert: true })
  }
}

/** A mail to be stored, read once however many mailboxes it goes to. */
class Mail {
  readonly message: MessageDocument
  readonly #bodies: Bodies
  #content: Promise<Buffer<ArrayBuffer> | SubstituteReason | undefined> | undefined

  constructor(message: MessageDocument, bodies: Bodies) {
    this.message = message
    this.#bodies = bodies
  }

  /** Trace header and body, or why WildDuck cannot hold them; undefined: not kept any more. */
  async read(): Promise<Buffer<ArrayBuffer> | SubstituteReason | undefined> {
    this.#content ??= this.#read()
    try {
      return await this.#content
    } catch (error) {
      this.#content = undefined
      throw error
    }
  }

  async #read(): Promise<Buffer<ArrayBuffer> | SubstituteReason | undefined> {
    if (this.message.size > maxBytes) return "too-large"
    const body = await this.#bodies.read(this.message._id)
    if (body === undefined) return undefined
    const shape = measureShape(body)
    if (shape.depth > maxDepth) return "too-deep"
    return shape.shortLines > maxShortLines ? "too-many-lines" : readableCopy(Buffer.concat([Buffer.from(this.message.trace), body]))
  }
}

/** Charged to the host: the mailbox store as a whole, never the mail. */
function deferred(reply: string, untried = false): Outcome {
  return { kind: "deferred", failure: "host", reply, server, ...(untried ? { untried } : {}) }
}

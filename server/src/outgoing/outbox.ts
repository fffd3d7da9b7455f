import { randomUUID } from "node:crypto"
import { MongoServerError } from "mongodb"
import type { Bodies } from "../archive/bodies.ts"
import type { Database } from "../store/database.ts"
import type { MailPlace, OutboxDocument } from "../store/documents.ts"

/** How long one who has begun something with a mail has for it before others take it up, milliseconds. */
export const claimMs = 120_000
const keptMs = 7 * 86_400_000
const waitsAtMostMs = 90 * 86_400_000
const headerLimit = 65_536

/** Words of a state that is begun and not finished. */
const open = ["waiting", "sending", "taking-back", "returning"] as const

/** A mail to wait in the outbox. */
export type NewOutboxMail = Omit<OutboxDocument, "state" | "due" | "token" | "attempts" | "createdAt" | "sentAt" | "failed" | "back" | "expireAt" | "size">

/**
 * Mails of the webmail on their way to the intake, durable from the moment they are sent: a user who closes the browser
 * right after has sent them. Each change of state is a compare-and-set with the token of who has begun it, so that any
 * number of nodes may work on them.
 */
export class Outbox {
  readonly #database: Database
  readonly #bodies: Bodies

  constructor(database: Database, bodies: Bodies) {
    this.#database = database
    this.#bodies = bodies
  }

  /** Stores a mail. `due` null: whoever stores it hands it over at once. Answers the one stored before when this letter was sent already. */
  async put(mail: NewOutboxMail, raw: Buffer, due: Date | null): Promise<{ readonly item: OutboxDocument; readonly repeated: boolean }> {
    const now = this.#database.now()
    const item: OutboxDocument = {
      ...mail,
      state: due ? "waiting" : "sending",
      due: due ?? new Date(now.getTime() + claimMs),
      token: due ? null : randomUUID(),
      attempts: 0,
      size: raw.length,
      createdAt: now,
      sentAt: null,
      failed: null,
      back: null,
      expireAt: new Date(now.getTime() + waitsAtMostMs),
    }
    const earlier = mail.letter === null ? null : await this.#database.outbox.findOne({ user: mail.user, letter: mail.letter })
    if (earlier) return { item: earlier, repeated: true }
    const body = await this.#bodies.receive(bodyName(item._id), one(raw), headerLimit)
    await this.#database.bodies.insertOne(await this.#bodies.document(body, item.expireAt))
    try {
      await this.#database.outbox.insertOne(item)
      return { item, repeated: false }
    } catch (error) {
      if (!(error instanceof MongoServerError) || error.code !== 11_000 || mail.letter === null) throw error
      await this.#dropBody(item._id)
      const first = await this.#database.outbox.findOne({ user: mail.user, letter: mail.letter })
      if (!first) throw error
      return { item: first, repeated: true }
    }
  }

  find(user: string, id: string): Promise<OutboxDocument | null> {
    return this.#database.outbox.findOne({ _id: id, user })
  }

  /** Whether this letter has been sent, or is about to be. */
  async hasSent(user: string, letter: string): Promise<boolean> {
    return (await this.#database.outbox.findOne({ user, letter }, { projection: { _id: 1 } })) !== null
  }

  /** What waits for its time or could not be sent, the next one first. */
  list(user: string): Promise<OutboxDocument[]> {
    return this.#database.outbox.find({ user, state: { $in: ["waiting", "sending", "returning", "failed"] }, sentAt: null }).sort({ due: 1 }).limit(250).toArray()
  }

  /** Takes up the next mail whose time has come, or whose work somebody left unfinished; null: there is none. */
  async claim(): Promise<OutboxDocument | null> {
    const now = this.#database.now()
    return this.#database.outbox.findOneAndUpdate(
      { state: { $in: [...open] }, due: { $lte: now } },
      [{ $set: { state: { $cond: [{ $eq: ["$state", "waiting"] }, "sending", "$state"] }, due: new Date(now.getTime() + claimMs), token: randomUUID(), attempts: { $add: ["$attempts", 1] } } }],
      { sort: { due: 1 }, returnDocument: "after" },
    )
  }

  /** Begins to take a mail back; null when it is too late, or it is not there. */
  async beginTakingBack(user: string, id: string): Promise<OutboxDocument | null> {
    const now = this.#database.now()
    const free = { $or: [{ state: "waiting" as const }, { state: "taking-back" as const, due: { $lte: now } }] }
    return this.#database.outbox.findOneAndUpdate({ _id: id, user, ...free }, { $set: { state: "taking-back", due: new Date(now.getTime() + claimMs), token: randomUUID() } }, { returnDocument: "after" })
  }

  /** The mail's bytes, as they go out; undefined where they are gone. */
  async body(id: string): ReturnType<Bodies["open"]> {
    return this.#bodies.open(bodyName(id))
  }

  async readBody(id: string): Promise<Buffer | undefined> {
    return this.#bodies.read(bodyName(id))
  }

  /** It is at the intake: nothing can take it back from now on, and no more than tidying up is left. */
  async handedOver(item: OutboxDocument): Promise<void> {
    await this.#change(item, { sentAt: this.#database.now() })
  }

  /** Later, again: what is begun stays begun. */
  async putOff(item: OutboxDocument, ms: number): Promise<void> {
    await this.#change(item, { due: new Date(this.#database.now().getTime() + ms), token: null })
  }

  /** It cannot be sent: it becomes a draft again. */
  async giveUp(item: OutboxDocument, reason: string): Promise<OutboxDocument> {
    await this.#change(item, { state: "returning", failed: reason })
    return { ...item, state: "returning", failed: reason }
  }

  async finish(item: OutboxDocument, state: "sent" | "taken-back" | "failed", back: MailPlace | null): Promise<void> {
    // A letter that is a draft again may be sent once more.
    await this.#change(item, { state, back, token: null, ...(state === "sent" ? {} : { letter: null }), outgoing: null, expireAt: new Date(this.#database.now().getTime() + keptMs) })
    await this.#dropBody(item._id)
  }

  /** Forgets a mail that was never handed over. */
  async forget(item: OutboxDocument): Promise<void> {
    await this.#database.outbox.deleteOne({ _id: item._id, token: item.token })
    await this.#dropBody(item._id)
  }

  /** The user has seen that it failed. */
  async dismiss(user: string, id: string): Promise<void> {
    await this.#database.outbox.updateOne({ _id: id, user, state: "failed" }, { $set: { state: "taken-back" } })
  }

  async #change(item: OutboxDocument, set: Partial<OutboxDocument>): Promise<void> {
    await this.#database.outbox.updateOne({ _id: item._id, token: item.token }, { $set: set })
  }

  async #dropBody(id: string): Promise<void> {
    // Large ones lie in GridFS, from where the retention's sweep takes what no document speaks of.
    await this.#database.bodies.deleteOne({ _id: bodyName(id) }).catch(() => undefined)
  }
}

function bodyName(id: string): string {
  return `outbox.${id}`
}

async function* one(raw: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(raw)
}

import { MongoBulkWriteError } from "mongodb"
import type { Logger } from "../logger.ts"
import type { Database } from "../store/database.ts"
import { answerWithin } from "../store/deadline.ts"
import type { BodyDocument, MessageDocument } from "../store/documents.ts"

/** How long a sender waits for the database before it is asked to come again, milliseconds. */
const patience = 4_500
/** How long a write is tried, milliseconds; what nobody waits for any more is left out of each further try. */
const giveUp = 8_000
const maxBatch = 200
const maxBatchBytes = 8_388_608
const maxInFlight = 2

/** For how long after the database answers again a write that was given up may still come through, seconds. */
const lateSeconds = 30
const duplicateKey = 11_000

interface Entry {
  readonly body: BodyDocument
  readonly message: MessageDocument
  /** Its sender still waits for the answer. */
  wanted: boolean
  /** A write that comes through late is not taken back. */
  readonly keepLate: boolean
  readonly settle: (error?: unknown) => void
}

/** There is a mail of this id already. */
class AlreadyThere extends Error {}

/** The database did not say in time that a mail is kept: the sender gets a temporary reply and keeps it. */
export class NotDurable extends Error {}

/**
 * Makes mails durable (invariant 1): the body and the message with its deliveries in one journaled majority transaction,
 * because a database that is killed between two writes may keep the second and lose the first. Mails that arrive while
 * a write is under way share the next one.
 */
export class Messages {
  readonly #database: Database
  readonly #log: Logger
  #waiting: Entry[] = []
  #inFlight = 0
  /** Ids whose sender was told to come again, though the write may still arrive, with how often they were taken back. */
  readonly #abandoned = new Map<string, number>()
  #sweeping = false

  constructor(database: Database, log: Logger) {
    this.#database = database
    this.#log = log
  }

  /**
   * Resolves once the mail is durable; rejects with {@link NotDurable} when that is not certain within 4.5 s. It is taken
   * back then, should it come through all the same, unless `keepLate`: its sender will look for it.
   */
  async insert(body: BodyDocument, message: MessageDocument, keepLate = false): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const entry: Entry = {
      body,
      message,
      wanted: true,
      keepLate,
      settle: (error) => {
        clearTimeout(timer)
        if (!entry.wanted) return
        entry.wanted = false
        if (error === undefined) return resolve()
        this.#abandon(entry, error)
        reject(new NotDurable("the database could not write", { cause: error }))
      },
    }
    const timer = setTimeout(() => {
      entry.wanted = false
      const waiting = this.#waiting.indexOf(entry)
      if (waiting >= 0) this.#waiting.splice(waiting, 1)
      else this.#abandon(entry)
      reject(new NotDurable("the database does not answer"))
    }, patience)
    this.#waiting.push(entry)
    this.#pump()
    await promise
  }

  #pump(): void {
    while (this.#inFlight < maxInFlight && this.#waiting.length > 0) {
      let bytes = 0
      let count = 0
      for (const entry of this.#waiting) {
        bytes += entry.body.zstd?.length() ?? 0
        if (count > 0 && (bytes > maxBatchBytes || count >= maxBatch)) break
        count++
      }
      const batch = this.#waiting.splice(0, count)
      this.#inFlight++
      void this.#write(batch).finally(() => {
        this.#inFlight--
        this.#pump()
      })
    }
  }

  async #write(batch: readonly Entry[]): Promise<void> {
    let attempt: readonly Entry[] = batch
    while (attempt.length > 0) {
      const failures = await this.#commit(attempt)
      if (!failures) return
      for (const [entry, failure] of failures) entry.settle(failure)
      attempt = attempt.filter((entry) => entry.wanted)
    }
  }

  /** Writes those that are still wanted, all or none. Undefined: they are durable; otherwise who failed, and why. */
  async #commit(batch: readonly Entry[]): Promise<ReadonlyMap<Entry, unknown> | undefined> {
    const { client, bodies, messages } = this.#database
    let written: readonly Entry[] = []
    try {
      const transaction = client.withSession(async (session) =>
        session.withTransaction(async () => {
          // Nobody waits any more for what took too long: writing it now would make a mail that its sender brings again.
          written = batch.filter((entry) => entry.wanted)
          if (written.length === 0) return
          await bodies.insertMany(written.map((entry) => entry.body), { session, ordered: false })
          await messages.insertMany(written.map((entry) => entry.message), { session, ordered: false })
        }),
      )
      await answerWithin(giveUp, transaction)
    } catch (error) {
      const single = singleFailures(error)
      const named = written.filter((_, index) => single?.has(index))
      const failed = named.length > 0 ? named : batch
      this.#log.warn({ error: String(error), messages: failed.length }, "mails could not be written; their senders are asked to come again")
      return new Map(failed.map((entry) => [entry, single?.get(written.indexOf(entry)) ?? error]))
    }
    for (const entry of written) entry.settle()
    return undefined
  }

  /** A mail of the same id that is there already is somebody's who was promised it: it is left alone. */
  #abandon({ message, keepLate }: Entry, error?: unknown): void {
    if (keepLate || error instanceof AlreadyThere) return
    this.#abandoned.set(message._id, 0)
    if (!this.#sweeping) void this.#sweepAbandoned()
  }

  /**
   * Nobody was promised these mails: they go, unless a worker has begun to deliver one, so that none arrives twice. A
   * commit may come through after it was given up, so they are looked for again for a while; bodies go last.
   */
  async #sweepAbandoned(): Promise<void> {
    this.#sweeping = true
    while (this.#abandoned.size > 0) {
      const ids = [...this.#abandoned.keys()]
      try {
        await this.#database.messages.deleteMany({ _id: { $in: ids }, version: 0 })
        const over = ids.filter((id) => (this.#abandoned.get(id) ?? 0) >= lateSeconds)
        if (over.length > 0) await this.#forget(over)
        for (const id of ids) if (this.#abandoned.has(id)) this.#abandoned.set(id, (this.#abandoned.get(id) ?? 0) + 1)
      } catch {
        // It is tried again until the database answers.
      }
      await new Promise((resolve) => setTimeout(resolve, 1_000).unref())
    }
    this.#sweeping = false
  }

  async #forget(ids: readonly string[]): Promise<void> {
    const kept = await this.#database.messages.find({ _id: { $in: [...ids] } }, { projection: { _id: 1 } }).toArray()
    const keep = new Set(kept.map((message) => message._id))
    await this.#database.bodies.deleteMany({ _id: { $in: ids.filter((id) => !keep.has(id)) } })
    for (const id of ids) this.#abandoned.delete(id)
  }
}

/** Which documents of an insert failed for a reason of their own, by index; undefined: the failure is not theirs. */
function singleFailures(error: unknown): ReadonlyMap<number, Error> | undefined {
  if (!(error instanceof MongoBulkWriteError) || error.hasErrorLabel("TransientTransactionError")) return undefined
  const failures = [error.writeErrors].flat()
  return failures.length === 0 ? undefined : new Map(failures.map(({ index, code, errmsg }) => [index, code === duplicateKey ? new AlreadyThere(errmsg) : new Error(errmsg)]))
}

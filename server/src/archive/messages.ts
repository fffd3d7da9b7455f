import type { Logger } from "../logger.ts"
import type { Database } from "../store/database.ts"
import type { BodyDocument, MessageDocument } from "../store/documents.ts"

/** How long a sender waits for the database before it is asked to come again, milliseconds. */
const patience = 4_500
const maxBatch = 200
const maxBatchBytes = 8_388_608
const maxInFlight = 2

interface Entry {
  readonly body: BodyDocument
  readonly message: MessageDocument
  readonly settle: (error?: unknown) => void
}

/** The database did not say in time that a mail is kept: the sender gets a temporary reply and keeps it. */
export class NotDurable extends Error {}

/**
 * Makes mails durable (invariant 1): first the body, then the message with its deliveries by one journaled majority
 * insert; the oplog's order covers the body too. Mails that arrive while a write is under way share the next one.
 */
export class Messages {
  readonly #database: Database
  readonly #log: Logger
  #waiting: Entry[] = []
  #inFlight = 0
  /** Ids whose sender was told to come again, though the write may still arrive: taken back as soon as possible. */
  readonly #abandoned = new Set<string>()
  #sweeping = false

  constructor(database: Database, log: Logger) {
    this.#database = database
    this.#log = log
  }

  /** Resolves once the mail is durable; rejects with {@link NotDurable} when that is not certain within 4.5 s. */
  async insert(body: BodyDocument, message: MessageDocument): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    let open = true
    const timer = setTimeout(() => {
      if (!open) return
      open = false
      this.#abandon(message._id)
      reject(new NotDurable("the database does not answer"))
    }, patience)
    this.#waiting.push({
      body,
      message,
      settle: (error) => {
        clearTimeout(timer)
        if (!open) return
        open = false
        if (error === undefined) return resolve()
        this.#abandon(message._id)
        reject(new NotDurable("the database could not write", { cause: error }))
      },
    })
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
    const live = batch.filter((entry) => !this.#abandoned.has(entry.message._id))
    if (live.length === 0) return
    try {
      const options = { ordered: false, timeoutMS: 30_000 } as const
      await this.#database.bodies.insertMany(live.map((entry) => entry.body), { ...options, writeConcern: { w: 1 } })
      const wanted = live.filter((entry) => !this.#abandoned.has(entry.message._id))
      if (wanted.length > 0) await this.#database.messages.insertMany(wanted.map((entry) => entry.message), options)
      for (const entry of wanted) entry.settle()
    } catch (error) {
      this.#log.warn({ error: String(error), messages: live.length }, "mails could not be written; their senders are asked to come again")
      for (const entry of live) entry.settle(error)
    }
  }

  #abandon(messageId: string): void {
    this.#abandoned.add(messageId)
    if (!this.#sweeping) void this.#sweepAbandoned()
  }

  /** Nobody was promised these mails: they go, unless a worker has begun to deliver one, so that none arrives twice. */
  async #sweepAbandoned(): Promise<void> {
    this.#sweeping = true
    while (this.#abandoned.size > 0) {
      const ids = [...this.#abandoned]
      try {
        const untouched = { _id: { $in: ids }, version: 0 }
        await this.#database.messages.deleteMany(untouched, { timeoutMS: 5_000 })
        const kept = await this.#database.messages.find({ _id: { $in: ids } }, { projection: { _id: 1 } }).toArray()
        const keep = new Set(kept.map((message) => message._id))
        await this.#database.bodies.deleteMany({ _id: { $in: ids.filter((id) => !keep.has(id)) } })
        await new Promise((resolve) => setTimeout(resolve, 30_000).unref())
        await this.#database.messages.deleteMany(untouched, { timeoutMS: 5_000 })
        for (const id of ids) this.#abandoned.delete(id)
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 500).unref())
      }
    }
    this.#sweeping = false
  }
}

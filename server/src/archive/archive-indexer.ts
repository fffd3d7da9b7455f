import { simpleParser } from "mailparser"
import type { Logger } from "../logger.ts"
import { indexWords, wordsOf } from "../mailbox/mail-index/mail-words.ts"
import { readableCopy } from "../mailbox/readable-copy.ts"
import type { Database } from "../store/database.ts"
import type { ArchiveIndexDocument, MessageDocument } from "../store/documents.ts"
import { LeaderLoop } from "../store/leader-loop.ts"
import type { Bodies } from "./bodies.ts"
import { messageIdAt } from "./message-id.ts"

const stateId = "archive-index"
const batch = 20
/** Bytes of a mail that are read for its words: its text comes before its attachments. */
const readBytes = 262_144
const textLength = 16_000
/** Mails of more parts are found by their header only. */
const maxChildNodes = 5_000
/** Mails get their id when they begin to arrive: one that arrives this slowly is found by looking again, milliseconds. */
const arriving = 10_000
const lookAgain = 1_800_000
const lookAgainEvery = 60_000
const leaseDuration = 30_000
/** Accepting mail goes first: of its time, this work takes one part in so many. */
const restParts = 3
const idle = 1_000
const projection = { owners: 1, domains: 1, summary: 1, envelope: 1, hasBody: 1, expireAt: 1 } as const
type Indexed = Pick<MessageDocument, "_id" | keyof typeof projection>

/** Up to which message id the archive's index is complete; undefined: nothing is indexed yet. */
export async function archiveIndexedUpTo(database: Database): Promise<string | undefined> {
  const value = (await database.state.findOne({ _id: stateId }))?.value
  return typeof value === "string" ? value : undefined
}

/**
 * Makes the words of archived mails searchable, in the background and on one node at a time: it reads mails that have come
 * since, oldest first, and goes on where it was after a restart. What it has not reached is searched by its header alone.
 */
export class ArchiveIndexer {
  readonly #database: Database
  readonly #bodies: Bodies
  readonly #log: Logger
  readonly #loop: LeaderLoop
  #lookedAgain = 0

  constructor(database: Database, bodies: Bodies, log: Logger) {
    this.#database = database
    this.#bodies = bodies
    this.#log = log
    this.#loop = new LeaderLoop({
      database,
      lease: "archive-index-lease",
      leaseDuration,
      turn: async () => {
        const started = performance.now()
        return (await this.round(database.now())) === 0 ? idle : (performance.now() - started) * restParts
      },
      failed: (error) => log.info({ error: String(error) }, "the archive's index is written a little later"),
      rest: idle,
    })
  }

  start(): void {
    this.#loop.start()
  }

  async stop(): Promise<void> {
    await this.#loop.stop()
  }

  /** Indexes the next mails that had arrived some seconds before `now`; returns how many. */
  async round(now: Date): Promise<number> {
    const { messages, state } = this.#database
    const position = await archiveIndexedUpTo(this.#database)
    const until = messageIdAt(new Date(now.getTime() - arriving))
    const next = await messages.find<Indexed>({ _id: { ...(position === undefined ? {} : { $gt: position }), $lt: until } }, { projection, sort: { _id: 1 }, limit: batch }).toArray()
    await this.#index(next)
    const last = next.length === batch ? next.at(-1)?._id : until
    if (last !== undefined && (position === undefined || last > position)) await state.updateOne({ _id: stateId }, { $set: { value: last } }, { upsert: true })
    const late = now.getTime() - this.#lookedAgain >= lookAgainEvery && position !== undefined ? await this.#late(now, position) : 0
    return next.length + late
  }

  /** Mails that arrived behind the place that is reached. */
  async #late(now: Date, position: string): Promise<number> {
    this.#lookedAgain = now.getTime()
    const range = { _id: { $gte: messageIdAt(new Date(now.getTime() - lookAgain)), $lte: position } }
    const { messages, archiveIndex } = this.#database
    const [there, here] = await Promise.all([messages.countDocuments(range), archiveIndex.countDocuments(range)])
    if (there === here) return 0
    const known = new Set((await archiveIndex.find(range, { projection: { _id: 1 } }).toArray()).map(({ _id }) => _id))
    const missing = (await messages.find(range, { projection: { _id: 1 } }).toArray()).flatMap(({ _id }) => (known.has(_id) ? [] : [_id]))
    for (let start = 0; start < missing.length; start += batch) {
      await this.#index(await messages.find<Indexed>({ _id: { $in: missing.slice(start, start + batch) } }, { projection }).toArray())
    }
    return missing.length
  }

  async #index(messages: readonly Indexed[]): Promise<void> {
    if (messages.length === 0) return
    const entries: ArchiveIndexDocument[] = []
    for (const message of messages) entries.push(entryOf(message, message.hasBody ? await this.#content(message._id) : undefined))
    await this.#database.archiveIndex.bulkWrite(entries.map((entry) => ({ replaceOne: { filter: { _id: entry._id }, replacement: entry, upsert: true } })), { ordered: false })
  }

  /** What the beginning of a mail says; undefined where it cannot be read. */
  async #content(id: string): Promise<{ readonly text: string; readonly attachments: boolean } | undefined> {
    try {
      const stream = await this.#bodies.open(id)
      if (!stream) return undefined
      const chunks: Buffer[] = []
      let size = 0
      for await (const chunk of stream) {
        chunks.push(chunk as Buffer)
        size += (chunk as Buffer).length
        if (size >= readBytes) break
      }
      const mail = await simpleParser(readableCopy(Buffer.concat(chunks).subarray(0, readBytes)), { skipImageLinks: true, skipTextToHtml: true, skipTextLinks: true, maxHtmlLengthToParse: readBytes, maxChildNodes })
      return { text: mail.text ?? "", attachments: mail.attachments.some((attachment) => attachment.related !== true) }
    } catch (error) {
      this.#log.info({ messageId: id, error: String(error) }, "a mail is found by its header only")
      return undefined
    }
  }
}

function entryOf({ _id, owners, domains, summary, envelope, expireAt }: Indexed, content: { readonly text: string; readonly attachments: boolean } | undefined): ArchiveIndexDocument {
  const { words } = indexWords({
    subject: summary.subject,
    from: `${summary.from} ${envelope.mailFrom}`,
    to: `${summary.to} ${envelope.rcptTo.slice(0, 50).join(" ")}`,
    text: content?.text ?? "",
    attachments: content?.attachments === true,
  })
  return { _id, owners, domains, words, text: wordsOf((content?.text ?? "").slice(0, textLength)).join(" "), expireAt }
}

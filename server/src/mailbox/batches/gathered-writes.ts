import type { MongoBulkWriteError, ObjectId, UpdateFilter } from "mongodb"
import type { JournalEntry, MessageHandler, WholeFolder, WholeMail, WildDuckParts } from "./wildduck-parts.ts"

/** Several commands side by side, each of so many mails. */
const atOnce = 25
const duplicateKey = 11_000

/**
 * WildDuck's message handler, whose own code makes every document of a mail and every word to IMAP sessions, while its
 * writes, three to six a mail, are gathered and done for many mails at once, in its order: what is stored elsewhere first
 * and durably, then what is removed, then what is told.
 */
export class GatheredWrites {
  readonly handler: MessageHandler
  readonly #parts: WildDuckParts
  readonly #notifier: MessageHandler["notifier"]
  readonly #stored: WholeMail[] = []
  readonly #archived: WholeMail[] = []
  readonly #removed: ObjectId[] = []
  readonly #told: { readonly folder: unknown; readonly entries: JournalEntry[] }[] = []
  readonly #there: ReadonlyMap<string, WholeMail>
  #uids: { folder: ObjectId; next: number; modseq: number } | undefined

  /** `there`: copies of mails that are stored already, by `root`; they are not stored again. */
  constructor(parts: WildDuckParts, there: ReadonlyMap<string, WholeMail> = new Map()) {
    this.#parts = parts
    this.#there = there
    const collections: Readonly<Record<string, object>> = { messages: this.#messages(), archived: this.#archive(), mailboxes: this.#mailboxes() }
    this.handler = parts.handler({ collection: (name) => collections[name] ?? parts.db.collection(name) })
    this.#notifier = parts.handler(parts.db).notifier
    this.handler.notifier = {
      addEntries: (folder, entries, done) => {
        // It empties its list afterwards.
        this.#told.push({ folder, entries: [entries].flat().map((entry) => this.#entryOf(entry)) })
        done()
      },
      fire: () => undefined,
    }
  }

  /** Takes so many UIDs of a folder at once. */
  async reserve(folder: ObjectId, count: number): Promise<void> {
    const taken = await this.#parts.folders.findOneAndUpdate({ _id: folder }, { $inc: { uidNext: count } }, { returnDocument: "before", projection: { uidNext: 1, modifyIndex: 1 }, includeResultMetadata: true })
    if (!taken.value) throw new Error("Mailbox disappeared")
    this.#uids = { folder, next: taken.value.uidNext, modseq: taken.value.modifyIndex }
  }

  /** Does what was gathered. Answers how many mails were removed. */
  async write(user: ObjectId): Promise<number> {
    const { messages, db } = this.#parts
    await inChunks(this.#stored, (mails) => messages.insertMany([...mails], { ordered: false }))
    await inChunks(this.#archived, (mails) => db.collection<WholeMail>("archived").insertMany([...mails], { ordered: false }).catch(unlessThere))
    const removals = await inChunks(this.#removed, (ids) => messages.deleteMany({ _id: { $in: [...ids] } }))
    for (const { folder, entries } of together(this.#told)) {
      // Nobody who watches is worth failing for: whoever opens the folder anew sees what is there.
      if (entries.length > 0) await new Promise<void>((told) => this.#notifier.addEntries(folder, entries, () => told()))
    }
    if (this.#told.length > 0) this.#notifier.fire(user)
    return removals.reduce((sum, { deletedCount }) => sum + deletedCount, 0)
  }

  /** The UID under which a mail is, where it was stored before. */
  uidOf(root: ObjectId): number | undefined {
    return this.#there.get(root.toHexString())?.uid
  }

  #messages(): object {
    const { messages } = this.#parts
    return {
      find: messages.find.bind(messages),
      insertOne: (mail: WholeMail) => {
        const there = this.#there.get(mail.root.toHexString())
        if (!there) this.#stored.push({ ...mail })
        return Promise.resolve({ acknowledged: true, insertedId: there?._id ?? mail._id })
      },
      deleteOne: ({ _id }: { _id: ObjectId }) => {
        this.#removed.push(_id)
        return Promise.resolve({ acknowledged: true, deletedCount: 1 })
      },
      updateMany: messages.updateMany.bind(messages),
    }
  }

  #archive(): object {
    return {
      insertOne: (mail: WholeMail) => {
        this.#archived.push(mail)
        return Promise.resolve({ acknowledged: true, insertedId: mail._id })
      },
    }
  }

  #mailboxes(): object {
    const { folders } = this.#parts
    return {
      findOne: folders.findOne.bind(folders),
      findOneAndUpdate: (filter: { _id: ObjectId }, update: UpdateFilter<WholeFolder>, options: object = {}) => {
        const uids = this.#uids
        if (uids && uids.folder.equals(filter._id) && update.$inc?.["uidNext"] === 1) return Promise.resolve({ value: { _id: filter._id, uidNext: uids.next++, modifyIndex: uids.modseq } })
        return folders.findOneAndUpdate(filter, update, options)
      },
    }
  }

  #entryOf(entry: JournalEntry): JournalEntry {
    if (entry.command !== "EXISTS" || !this.#uids) return { ...entry }
    const there = [...this.#there.values()].find(({ _id }) => _id.equals(entry.message))
    return there ? { ...entry, uid: there.uid } : { ...entry }
  }
}

interface Told {
  readonly folder: unknown
  readonly entries: readonly JournalEntry[]
}

/** What is told of one folder one after the other, in one piece. */
function together(told: readonly Told[]): Told[] {
  const pieces: { folder: unknown; entries: JournalEntry[] }[] = []
  for (const { folder, entries } of told) {
    const last = pieces.at(-1)
    if (last && last.folder === folder) last.entries.push(...entries)
    else pieces.push({ folder, entries: [...entries] })
  }
  return pieces
}

async function inChunks<T, R>(all: readonly T[], work: (some: readonly T[]) => Promise<R>): Promise<R[]> {
  const chunks = Array.from({ length: Math.ceil(all.length / atOnce) }, (_, n) => all.slice(n * atOnce, (n + 1) * atOnce))
  return Promise.all(chunks.map(work))
}

/** A mail that was archived before, by a try that was interrupted, needs nothing more. */
function unlessThere(error: unknown): void {
  const { writeErrors } = error as Partial<MongoBulkWriteError>
  const errors = Array.isArray(writeErrors) ? writeErrors : []
  if (errors.length === 0 || errors.some(({ code }) => code !== duplicateKey)) throw error
}

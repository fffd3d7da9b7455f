import type { ObjectId } from "mongodb"
import type { Database } from "../store/database.ts"
import { readCopyMark, writeCopyMark, type CopyMark } from "./copy-mark.ts"
import type { WildDuckApi } from "./wildduck-api.ts"
import { WildDuckStore, messageFields } from "./wildduck-store.ts"

/** A copy that has just been stored. */
export interface Upload {
  readonly account: string
  readonly mark: CopyMark
}

/**
 * Mails that are in a mailbox once too often. Throws WildDuckError and database errors; may be repeated.
 *
 * Sent (E6): most mail clients file what they send themselves, beside the copy that we file. The client's stays: it has
 * the Bcc and the client knows it; it takes over our mark. A client that submits a mail twice gets one copy.
 */
export class SurplusCopies {
  readonly #database: Database
  readonly #api: WildDuckApi
  readonly #store: WildDuckStore

  constructor(database: Database, api: WildDuckApi) {
    this.#database = database
    this.#api = api
    this.#store = new WildDuckStore(database)
  }

  /** One copy of each mail in this Sent folder. `msgid` is its Message-ID. */
  async settleSent(account: string, folder: ObjectId, msgid: string): Promise<void> {
    const rows = await this.#store.messages.find({ mailbox: folder, msgid }, { projection: messageFields, sort: { uid: 1 }, maxTimeMS: 10_000 }).toArray()
    const ours = rows.filter((row) => readCopyMark(row.meta?.custom))
    const [first] = ours
    if (!first) return
    const theirs = rows.find((row) => !readCopyMark(row.meta?.custom) && row.meta?.source === "IMAP")
    if (theirs) await this.#api.change(account, folder.toHexString(), [theirs.uid], { metaData: String(first.meta?.custom) })
    const kept = theirs ?? first
    for (const row of ours) {
      if (row === kept || (!theirs && row.meta?.custom === first.meta?.custom)) continue
      const mark = readCopyMark(row.meta?.custom)
      if (mark && row.meta?.custom !== first.meta?.custom) await this.#noteRemoved(mark)
      await this.#api.delete(account, folder.toHexString(), row.uid)
    }
  }

  /**
   * One upload of each of these deliveries: two that ran into each other may both have stored it, and one that came too
   * late may have brought back what was taken away. Copies that its user made share the first one's root and stay.
   */
  async settleUploads(uploads: readonly Upload[]): Promise<void> {
    const marks = new Map<string, string[]>()
    for (const { account, mark } of uploads) marks.set(account, [...(marks.get(account) ?? []), writeCopyMark(mark)])
    const rows = await this.#store.copies([...marks].map(([account, list]) => ({ account, marks: list })))
    const removed = await this.#database.copies.find({ _id: { $in: uploads.map(({ mark }) => mark.delivery) }, state: "removed" }, { projection: { _id: 1 } }).toArray()
    const takenAway = new Set(removed.map(({ _id }) => _id))
    const oldest = new Map<string, string>()
    for (const row of rows) {
      const [custom, root] = [String(row.meta?.custom), row.root.toHexString()]
      if (root < (oldest.get(custom) ?? "g")) oldest.set(custom, root)
    }
    for (const row of rows) {
      const second = row.root.toHexString() !== oldest.get(String(row.meta?.custom)) && row.meta?.source === "API"
      if (second || takenAway.has(readCopyMark(row.meta?.custom)?.delivery ?? "")) await this.#api.delete(row.user.toHexString(), row.mailbox.toHexString(), row.uid)
    }
  }

  async #noteRemoved({ delivery }: CopyMark): Promise<void> {
    await this.#database.copies.updateOne({ _id: delivery }, { $set: { state: "removed", changedAt: this.#database.now() } })
  }
}

import { MongoServerError, ObjectId, type Collection } from "mongodb"
import type { Database } from "../store/database.ts"
import { over } from "./index-hint.ts"

/** A mail in WildDuck's database, as far as it is read here. */
export interface StoredMessage {
  _id: ObjectId
  /** The first `_id` of this mail: copying and moving keep it. */
  root: ObjectId
  user: ObjectId
  mailbox: ObjectId
  uid: number
  msgid: string
  meta?: { custom?: unknown; source?: string }
  /** It will be removed by WildDuck itself at `rdate` (milliseconds). */
  exp: boolean
  rdate?: number
  /** How long mails stay in the folder it is in, milliseconds from `retentionTime` on; 0: for ever. */
  retention?: number
  retentionTime?: number
  userDeleted?: boolean
}

/** A mail that was removed for good, kept by WildDuck for 25 days; `archived`: when. */
export interface RemovedMessage extends StoredMessage {
  archived: Date
}

export interface StoredMailbox {
  _id: ObjectId
  user: ObjectId
  path: string
  specialUse?: string | boolean | null
  /** How long mails stay in it, milliseconds; 0: for ever. */
  retention?: number
}

export interface StoredAccount {
  _id: ObjectId
  username: string
  unameview: string
  address: string
  activated: boolean
  disabled: boolean
  created: Date
  /** JSON text of what provisioning noted. */
  internalData?: string
}

/** What is read of a message everywhere here: a few fields, never its content. */
export const messageFields = { root: 1, user: 1, mailbox: 1, uid: 1, msgid: 1, "meta.custom": 1, "meta.source": 1, exp: 1, rdate: 1, retention: 1, retentionTime: 1, userDeleted: 1 } as const

/** Mails without a mark of ours are not in it. */
export const copyIndex = "lifeboat_copies"
const maxTime = { maxTimeMS: 10_000 }

/** WildDuck's database, read directly: for lookups that its API has no answer for. Nothing is written but one index. */
export class WildDuckStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  get messages(): Collection<StoredMessage> {
    return this.#database.wildduck.collection("messages")
  }

  get archived(): Collection<RemovedMessage> {
    return this.#database.wildduck.collection("archived")
  }

  get mailboxes(): Collection<StoredMailbox> {
    return this.#database.wildduck.collection("mailboxes")
  }

  get accounts(): Collection<StoredAccount> {
    return this.#database.wildduck.collection("users")
  }

  /**
   * Makes what we need in WildDuck's database: an index by which a copy is found, there and among the removed ones,
   * and pre-images of deleted mails for the observer. Returns false while WildDuck has not made its collections yet.
   */
  async prepare(): Promise<boolean> {
    const names = new Set((await this.#database.wildduck.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name))
    if (!names.has("messages") || !names.has("archived")) return false
    const index = { key: { user: 1, "meta.custom": 1 }, name: copyIndex, partialFilterExpression: { "meta.custom": { $gt: "" } } } as const
    await Promise.all([this.messages.createIndexes([index]), this.archived.createIndexes([index])])
    try {
      await this.#database.wildduck.command({ collMod: "messages", changeStreamPreAndPostImages: { enabled: true } })
    } catch (error) {
      // An observer without pre-images still sees everything by comparing; a server without them is no reason to stop.
      if (!(error instanceof MongoServerError)) throw error
    }
    return true
  }

  /** Every row of these copies, in whatever folder. */
  async copies(wanted: readonly CopiesOfAccount[]): Promise<StoredMessage[]> {
    if (wanted.length === 0) return []
    return this.messages.find({ $or: wanted.map(filterOf) }, { projection: messageFields, ...maxTime }).toArray()
  }

  /** The same among those removed for good. */
  async removedCopies(wanted: readonly CopiesOfAccount[]): Promise<RemovedMessage[]> {
    if (wanted.length === 0) return []
    return this.archived.find({ $or: wanted.map(filterOf) }, { projection: { ...messageFields, archived: 1 }, ...maxTime }).toArray()
  }

  /** Whether a mail with this mark is there, or was there until its user removed it. */
  async hasCopy(account: string, mark: string): Promise<boolean> {
    const filter = filterOf({ account, marks: [mark] })
    const options = { projection: { _id: 1 }, ...maxTime } as const
    return (await this.messages.findOne(filter, options)) !== null || (await this.archived.findOne(filter, options)) !== null
  }

  /** The folders of some accounts, by id. */
  async folders(accounts: readonly string[]): Promise<Map<string, StoredMailbox>> {
    const user = { $in: accounts.map((account) => ObjectId.createFromHexString(account)) }
    const folders = await this.mailboxes.find({ user }, { projection: { user: 1, path: 1, specialUse: 1, retention: 1 }, ...maxTime }).toArray()
    return new Map(folders.map((folder) => [folder._id.toHexString(), folder]))
  }

  /** How many mails folders have, by id. WildDuck's own numbers are cached and drift for a day; its indexes are right. */
  async counts(folders: readonly string[]): Promise<Map<string, FolderCounts>> {
    return new Map(await Promise.all(folders.map(async (folder): Promise<[string, FolderCounts]> => {
      const mailbox = ObjectId.createFromHexString(folder)
      const [total, unseen] = await Promise.all([this.count(mailbox, false), this.count(mailbox, true)])
      return [folder, { total, unseen }]
    })))
  }

  /** How many mails a folder has; `unseen`: of those that nobody has read. The plain command counts keys; the driver's own way looks at each of them, which takes longer. */
  async count(mailbox: ObjectId, unseen: boolean): Promise<number> {
    const query = unseen ? { mailbox, unseen } : { mailbox }
    const answer = await over(unseen ? "mailbox_unseen_flag" : "mailbox_uid", (hint) => this.#database.wildduck.command({ count: "messages", query, ...maxTime, ...hint }))
    return Number(answer["n"])
  }

  /** Which of these mails (UIDs) are in a folder. Costs no look at the mails themselves. */
  async present(folder: string, ids: readonly number[]): Promise<number[]> {
    const filter = { mailbox: ObjectId.createFromHexString(folder), uid: { $in: [...ids] } }
    const found = await over("mailbox_uid", (hint) => this.messages.find(filter, { projection: { _id: 0, uid: 1 }, ...maxTime, ...hint }).toArray())
    return found.map(({ uid }) => uid)
  }
}

export interface FolderCounts {
  readonly total: number
  readonly unseen: number
}

/** Some copies in the mailbox of one account. */
export interface CopiesOfAccount {
  readonly account: string
  /** As `writeCopyMark` makes them. */
  readonly marks: readonly string[]
}

function filterOf({ account, marks }: CopiesOfAccount): { user: ObjectId; "meta.custom": { $in: string[] } } {
  return { user: ObjectId.createFromHexString(account), "meta.custom": { $in: [...marks] } }
}

/**
 * Whether a folder counts as the trash: the one marked so, and what lies below it (deleting a folder puts it there in
 * most clients).
 */
export function isTrash(folder: StoredMailbox | undefined, folders: ReadonlyMap<string, StoredMailbox>): boolean {
  if (!folder) return false
  if (folder.specialUse === "\\Trash") return true
  for (const other of folders.values()) {
    if (other.specialUse === "\\Trash" && other.user.equals(folder.user) && folder.path.startsWith(`${other.path}/`)) return true
  }
  return false
}

import { createRequire } from "node:module"
import type { Collection, Db, MongoClient, ObjectId } from "mongodb"

/** A mail as WildDuck stores it, as far as it is looked at here; the rest is carried along. */
export interface WholeMail {
  _id: ObjectId
  root: ObjectId
  mailbox: ObjectId
  uid: number
  size: number
  flags: string[]
  copied?: boolean
}

/** A folder as WildDuck stores it, as far as it is looked at here. */
export interface WholeFolder {
  _id: ObjectId
  user: ObjectId
  uidNext: number
  modifyIndex: number
}

/** What IMAP sessions are told of one mail. */
export interface JournalEntry {
  command: string
  uid: number
  message: ObjectId
  modseq?: number
}

/** WildDuck's class that makes, moves and removes mails, as far as it is used here. */
export interface MessageHandler {
  notifier: {
    addEntries(folder: unknown, entries: JournalEntry | readonly JournalEntry[], done: (error?: unknown) => void): void
    fire(user: unknown): void
  }
  moveAsync(options: { user: ObjectId; source: object; destination: object; updates: object; messageQuery: object }): Promise<{ info: { sourceUid: number[]; destinationUid: number[] } }>
  delAsync(options: { user: ObjectId; mailbox: object; messageData: WholeMail; archive: boolean; delayNotifications: boolean }): Promise<boolean>
  updateQuotaAsync(user: ObjectId, change: { storageUsed: number }, options: object): Promise<unknown>
}

interface Settings {
  get(key: string, options?: object): Promise<unknown>
}

/** The lock that WildDuck takes while it moves or expunges mails of a folder. */
export interface FolderLock {
  waitAcquireLock(key: string, ttl: number, patience: number): Promise<{ success: boolean }>
  extendLock(lock: object, ttl: number): Promise<unknown>
  releaseLock(lock: object): Promise<unknown>
}

/** WildDuck's own parts on its own databases, as its settings file (`--config`) names them. */
export interface WildDuckParts {
  readonly db: Db
  readonly messages: Collection<WholeMail>
  readonly folders: Collection<WholeFolder>
  readonly lock: FolderLock
  readonly id: (hex: string) => ObjectId
  /** A handler whose collections are those that `database` gives. */
  handler(database: { collection(name: string): object }): MessageHandler
}

/** Connects them. Throws where a database is not there. */
export async function openWildDuckParts(): Promise<WildDuckParts> {
  const wildduck = createRequire(createRequire(import.meta.url).resolve("@zone-eu/wildduck/package.json"))
  const settings = wildduck("@zone-eu/wild-config") as { dbs: { mongo: string; redis: object }; attachments?: object }
  const { MongoClient: Client, ObjectId: Id } = wildduck("mongodb") as { MongoClient: { connect(url: string): Promise<MongoClient> }; ObjectId: typeof ObjectId }
  const Redis = wildduck("ioredis") as new (settings: object) => object
  const Lock = wildduck("ioredfour") as new (options: object) => FolderLock
  const Handler = wildduck("./lib/message-handler.js") as new (options: object) => MessageHandler
  const { SettingsHandler } = wildduck("./lib/settings-handler.js") as { SettingsHandler: new (options: object) => Settings }
  const db = (await Client.connect(settings.dbs.mongo)).db()
  const redis = new Redis(settings.dbs.redis)
  const asked = new SettingsHandler({ db })
  const known = new Map<string, Promise<unknown>>()
  // It asks for the same two numbers with each mail; this process lives for minutes.
  const settingsHandler: Settings = {
    get: (key, options) => {
      const value = known.get(key) ?? asked.get(key, options)
      known.set(key, value)
      value.catch(() => known.delete(key))
      return value
    },
  }
  return {
    db,
    messages: db.collection("messages"),
    folders: db.collection("mailboxes"),
    lock: new Lock({ redis, namespace: "mail" }),
    id: (hex) => Id.createFromHexString(hex),
    handler: (database) => new Handler({ database, users: db, gridfs: db, redis, settingsHandler, attachments: settings.attachments }),
  }
}

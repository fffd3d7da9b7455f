import { opendir, readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { join } from "node:path"
import { MongoClient, ObjectId, type Document } from "mongodb"

/**
 * Fills the inbox of a standby mailbox with the mails of a Maildir, as they would lie there had each come by itself:
 * WildDuck's own code makes every document, only its writes are gathered. A hundred thousand take minutes, not an hour.
 *
 *     node mailbox-fill.ts <MongoDB URL> <Redis URL> <WildDuck's account id> <Maildir>
 */
const [url = "", redisUrl = "", account = "", maildir = ""] = process.argv.slice(2)
const batch = 500
const gathered = 2_000

/** WildDuck's message handler, as far as it is used here. */
interface MessageHandler {
  redis: unknown
  notifier: { addEntries(mailbox: unknown, entries: unknown, done: () => void): void; fire(): void }
  auditHandler: unknown
  addAsync(options: { user: ObjectId; mailbox: { _id: ObjectId }; raw: Buffer; date: Date; flags: string[]; meta: object }): Promise<unknown>
}

const wildduck = createRequire(createRequire(import.meta.url).resolve("@zone-eu/wildduck/package.json"))
const Handler = wildduck("./lib/message-handler.js") as new (options: object) => MessageHandler
const Redis = wildduck("ioredis") as new (url: string) => { disconnect(): void }
const { ObjectId: StoredId, MongoClient: StoredClient } = wildduck("mongodb") as { ObjectId: typeof ObjectId; MongoClient: typeof MongoClient }

const client = await StoredClient.connect(url)
const admin = client.db().admin()
const { databases } = await admin.listDatabases({ nameOnly: true })
const name = databases.map((each) => each.name).find((each) => each.includes("wildduck"))
if (name === undefined) throw new Error("There is no mailbox store at this address.")
const db = client.db(name)
const user = StoredId.createFromHexString(account)
const [person, inbox] = await Promise.all([db.collection("users").findOne({ _id: user }), db.collection("mailboxes").findOne({ user, path: "INBOX" })])
if (!person || !inbox) throw new Error("There is no such mailbox.")

let waiting: Document[] = []
let bytes = 0
let { uidNext, modifyIndex } = inbox as unknown as { uidNext: number; modifyIndex: number }
const threads = new Map<string, { _id: ObjectId; ids: string[]; subject: string; user: ObjectId; updated: Date }>()

/** Gathers what WildDuck would write mail by mail. */
const overlay: Readonly<Record<string, object>> = {
  messages: {
    insertOne: async (document: Document) => {
      waiting.push(document)
      if (waiting.length >= gathered) await flush()
      return { acknowledged: true }
    },
  },
  mailboxes: { findOneAndUpdate: () => Promise.resolve({ value: { ...inbox, uidNext: uidNext++, modifyIndex: modifyIndex++ } }) },
  users: { findOne: () => Promise.resolve(person), findOneAndUpdate: () => Promise.resolve({ value: undefined }) },
  audits: { find: () => ({ toArray: () => Promise.resolve([]) }) },
  threads: {
    findOneAndUpdate: (query: { ids: { $in: string[] }; subject: string }) => {
      const { $in: ids } = query.ids
      const key = (id: string) => `${id} ${query.subject}`
      const known = ids.map((id) => threads.get(key(id))).find((thread) => thread !== undefined)
      const thread = known ?? { _id: new StoredId(), ids: [], subject: query.subject, user, updated: new Date() }
      thread.ids = [...new Set([...thread.ids, ...ids])]
      for (const id of ids) threads.set(key(id), thread)
      return Promise.resolve({ value: { _id: thread._id } })
    },
  },
}

async function flush(): Promise<void> {
  const documents = waiting
  waiting = []
  bytes += documents.reduce((sum, document) => sum + Number(document["size"]), 0)
  for (let from = 0; from < documents.length; from += batch) await db.collection("messages").insertMany(documents.slice(from, from + batch), { ordered: false })
}

const handler = new Handler({ database: { collection: (each: string) => overlay[each] ?? db.collection(each) }, gridfs: db, redis: new Redis(redisUrl) })
// Nobody is told of single mails.
handler.redis = undefined
handler.notifier = { addEntries: (_mailbox, _entries, done) => done(), fire: () => undefined }

const files: string[] = []
for await (const entry of await opendir(join(maildir, "cur"))) files.push(entry.name)
const dateOf = (file: string) => Number(/^\d+/.exec(file)?.[0] ?? 0)
const placeOf = (file: string) => Number(/\.M(\d+)/.exec(file)?.[1] ?? 0)
files.sort((a, b) => dateOf(a) - dateOf(b) || placeOf(a) - placeOf(b))
let done = 0
for (const file of files) {
  const flags = /:2,(\w*)$/.exec(file)?.[1] ?? ""
  const raw = Buffer.from((await readFile(join(maildir, "cur", file), "latin1")).replace(/\r?\n/g, "\r\n"), "latin1")
  const marks = [...(flags.includes("S") ? ["\\Seen"] : []), ...(flags.includes("F") ? ["\\Flagged"] : []), ...(flags.includes("R") ? ["\\Answered"] : [])]
  await handler.addAsync({ user, mailbox: { _id: inbox._id }, raw, date: new Date(dateOf(file) * 1_000), flags: marks, meta: { source: "API" } })
  if (++done % 5_000 === 0) console.log(`${done} of ${files.length} mails`)
}
await flush()
const all = [...new Set(threads.values())]
for (let from = 0; from < all.length; from += batch) await db.collection("threads").insertMany(all.slice(from, from + batch))
await db.collection("mailboxes").updateOne({ _id: inbox._id }, { $set: { uidNext, modifyIndex } })
await db.collection("users").updateOne({ _id: user }, { $inc: { storageUsed: bytes } })
await client.close()
console.log(`${done} of ${files.length} mails`)
process.exit(0)

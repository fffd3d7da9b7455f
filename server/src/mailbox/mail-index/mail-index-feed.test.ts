import { ObjectId } from "mongodb"
import { pino } from "pino"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { testDatabase } from "../../../test/support/mongo.ts"
import { openDatabase, type Database } from "../../store/database.ts"
import { ensureIndexes } from "../../store/indexes.ts"
import { MailIndexFeed } from "./mail-index-feed.ts"
import { readIndexState, writeIndexState } from "./mail-index-state.ts"

const log = pino({ level: "silent" })
const tokenId = "mail-index-resume-token"
const inbox = new ObjectId()
const trash = new ObjectId()
let database: Database
let feeds: MailIndexFeed[] = []

beforeAll(async () => {
  const { url, dbName } = testDatabase()
  database = await openDatabase(url, { lifeboat: dbName, wildduck: `${dbName}_wildduck` })
  await ensureIndexes(database)
  await Promise.all(["messages", "archived", "mailboxes"].map((name) => database.wildduck.createCollection(name)))
  await database.wildduck.collection("messages").createIndexes([{ name: "mailbox_unseen_flag", key: { mailbox: 1, unseen: 1 } }])
  await database.wildduck.collection("mailboxes").insertMany([{ _id: inbox }, { _id: trash }])
})
afterEach(async () => {
  await stopAll()
  await messages().deleteMany({})
  await Promise.all([database.mailIndex.deleteMany({}), database.state.deleteMany({})])
})
afterAll(async () => {
  await database.wildduck.dropDatabase()
  await database.db.dropDatabase()
  await database.close()
})

const messages = () => database.wildduck.collection("messages")
let uid = 0
function mail(change: object = {}) {
  const _id = new ObjectId()
  return { _id, root: _id, user: new ObjectId(), mailbox: inbox, thread: new ObjectId(), uid: ++uid, idate: new Date(Date.UTC(2026, 5, 1) + uid * 1_000), unseen: true, flagged: false, ha: false, subject: `Mail ${uid}`, text: `Text number${uid}`, mimeTree: { parsedHeader: { from: [{ name: "Anna", address: "anna@example.com" }] } }, ...change }
}

function start(compareEvery?: number): MailIndexFeed {
  const feed = new MailIndexFeed({ database, log, leaseDuration: 600, ...(compareEvery === undefined ? {} : { compareEvery }) })
  feeds.push(feed)
  feed.start()
  return feed
}

async function stopAll(): Promise<void> {
  await Promise.all(feeds.map((feed) => feed.stop()))
  feeds = []
}

const complete = () => expect.poll(async () => (await readIndexState(database))?.complete, { timeout: 20_000, interval: 20 }).toBe(true)

/** What the index should be, from the mails themselves: id → marks, and the newest of each conversation in a folder. */
async function expected(): Promise<string[]> {
  const mails = await messages().find().toArray()
  const conversations = Map.groupBy(mails, (each) => `${String(each["mailbox"])}${String(each["thread"])}`)
  const heads = new Map([...conversations.values()].map((each) => [String(each.toSorted((first, second) => second["idate"] - first["idate"])[0]?._id), each.some((one) => one["unseen"])]))
  return mails.map((each) => JSON.stringify([each._id, each["mailbox"], each["unseen"], each["flagged"], heads.has(String(each._id)), heads.get(String(each._id)) ?? false])).toSorted()
}

async function actual(): Promise<string[]> {
  const entries = await database.mailIndex.find().toArray()
  return entries.map(({ _id, folder, unseen, flagged, head, unread }) => JSON.stringify([_id, folder, unseen, flagged, head, unread])).toSorted()
}

const settled = () => expect.poll(async () => JSON.stringify(await actual()) === JSON.stringify(await expected()), { timeout: 20_000, interval: 30 }).toBe(true)

describe("the feed of the mail index", () => {
  it("takes in what was there before, and what comes", async () => {
    const thread = new ObjectId()
    await messages().insertMany([mail(), mail({ thread }), mail({ thread, unseen: false })])
    start()
    await complete()
    await messages().insertMany([mail({ thread }), mail({ thread, mailbox: trash }), mail({ text: "Zyklotron", ha: true })])
    await settled()
    expect((await database.mailIndex.findOne({ words: "zyklotron" }))?.words).toEqual(expect.arrayContaining(["f:anna", "h:attachment"]))
  })

  it("follows marks, moves and removal, and finds the next head", async () => {
    const thread = new ObjectId()
    const [first, second, third] = [mail({ thread }), mail({ thread, unseen: false }), mail({ thread, unseen: false })]
    await messages().insertMany([first, second, third])
    start()
    await complete()
    await messages().updateOne({ _id: first._id }, { $set: { unseen: false, flagged: true } })
    await settled()
    await messages().deleteOne({ _id: third._id })
    await messages().insertOne({ ...third, _id: new ObjectId(), mailbox: trash })
    await settled()
    await messages().deleteMany({ thread })
    await settled()
    expect(await database.mailIndex.countDocuments()).toBe(0)
  })

  it("goes on where it was stopped", async () => {
    const [read, removed, unseen] = [mail(), mail(), mail({ unseen: false })]
    await messages().insertMany([read, removed, unseen])
    start()
    await complete()
    await stopAll()
    await messages().insertMany(Array.from({ length: 30 }, () => mail()))
    await messages().updateOne({ _id: read._id }, { $set: { unseen: false } })
    await messages().deleteOne({ _id: removed._id })
    // Only a comparison would see that this one is missing.
    await database.mailIndex.deleteOne({ _id: unseen._id })
    await writeIndexState(database, { position: "f".repeat(24) })
    start()
    await expect.poll(async () => database.mailIndex.countDocuments(), { timeout: 20_000 }).toBe(31)
    expect(await database.mailIndex.findOne({ _id: read._id })).toMatchObject({ unseen: false })
    expect(await database.mailIndex.findOne({ _id: removed._id })).toBeNull()
  })

  it("is stopped in the middle of its first comparison, and finishes it", async () => {
    await messages().insertMany(Array.from({ length: 5_600 }, () => mail()))
    start()
    await expect.poll(async () => database.mailIndex.countDocuments(), { timeout: 20_000, interval: 20 }).toBeGreaterThan(300)
    await stopAll()
    expect((await readIndexState(database))?.complete).toBe(false)
    start()
    await complete()
    expect(await database.mailIndex.countDocuments()).toBe(5_600)
    await settled()
  }, 60_000)

  it("begins a later comparison where the one before was stopped", async () => {
    const mails = Array.from({ length: 20 }, () => mail({ unseen: false }))
    await messages().insertMany(mails)
    start()
    await complete()
    await stopAll()
    await database.mailIndex.deleteMany({})
    await writeIndexState(database, { complete: false, position: mails[9]?._id.toHexString() ?? null })
    start()
    await complete()
    expect((await database.mailIndex.find().toArray()).map(({ _id }) => String(_id)).toSorted()).toEqual(mails.slice(10).map(({ _id }) => String(_id)).toSorted())
  })

  it("mends everything after a lost history", async () => {
    const thread = new ObjectId()
    const mails = [mail({ thread }), mail({ thread }), mail({ flagged: true }), mail({ unseen: false }), mail()]
    await messages().insertMany(mails)
    start()
    await complete()
    await stopAll()
    const entries = await database.mailIndex.find().toArray()
    await database.mailIndex.deleteOne({ _id: mails[4]?._id ?? new ObjectId() })
    await database.mailIndex.insertOne({ ...(entries[0] ?? expect.fail("no entry")), _id: new ObjectId() })
    await database.mailIndex.updateOne({ _id: mails[2]?._id ?? new ObjectId() }, { $set: { flagged: false } })
    await database.mailIndex.updateOne({ _id: mails[3]?._id ?? new ObjectId() }, { $set: { unseen: true } })
    await database.mailIndex.updateMany({ thread }, { $set: { head: true } })
    await database.state.updateOne({ _id: tokenId }, { $set: { value: { _data: "8200000000000000012B0429296E1404" } } })
    start()
    await settled()
  })

  it("compares again after a while", async () => {
    await messages().insertMany([mail(), mail()])
    start(100)
    await complete()
    await database.mailIndex.deleteMany({})
    await settled()
  })

  it("is one node's work, and another's when that one is gone", async () => {
    const first = start()
    await expect.poll(() => first.watching, { timeout: 5_000 }).toBe(true)
    const second = start()
    await messages().insertOne(mail())
    await settled()
    expect(second.watching).toBe(false)
    await first.stop()
    await expect.poll(() => second.watching, { timeout: 5_000 }).toBe(true)
    await messages().insertOne(mail())
    await settled()
  })
})

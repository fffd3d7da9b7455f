import { ObjectId } from "mongodb"
import { pino } from "pino"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { actions } from "../../test/support/mail-client-actions.ts"
import { claimOf, insertHeldMail, insertUser, plainMail } from "../../test/support/stored-mail.ts"
import { startTestMailboxes, type TestMailboxes } from "../../test/support/wildduck.ts"
import { Bodies } from "../archive/bodies.ts"
import type { Claim, Outcome } from "../delivery/delivery-target.ts"
import { newDelivery } from "../routing/route.ts"
import { openDatabase } from "../store/database.ts"
import type { MessageDocument } from "../store/documents.ts"
import { releaseDecisions } from "./copy-evidence.ts"
import { writeCopyMark } from "./copy-mark.ts"
import { MailboxTarget } from "./mailbox-target.ts"
import { Provisioning } from "./provisioning.ts"
import { RemovalTarget } from "./removal-target.ts"
import { WildDuckStore, copyIndex } from "./wildduck-store.ts"

const log = pino({ level: "silent" })
const never = new AbortController().signal
const password = "secret of all"
let mailboxes: TestMailboxes
let provisioning: Provisioning
let target: MailboxTarget
let removal: RemovalTarget
let decide: (claims: readonly Claim[]) => Promise<ReadonlyMap<string, Outcome>>

beforeAll(async () => {
  mailboxes = await startTestMailboxes()
  const { database, api } = mailboxes
  provisioning = new Provisioning(database, api, log)
  target = new MailboxTarget({ database, bodies: new Bodies(database), api, provisioning, log, archiveUrl: (id) => id })
  removal = new RemovalTarget({ database, api, log })
  decide = releaseDecisions(database, log)
})
afterAll(async () => mailboxes?.stop())

let users = 0
/** A person with one held mail in the inbox. */
async function personWithMail() {
  const address = `user${users++}@example.com`
  const { id: account } = await provisioning.ensureMailbox(await insertUser(mailboxes.database, address, password))
  const message = await insertHeldMail(mailboxes.database, address, plainMail(`mail of ${address}`))
  await target.deliver(claimOf(message, 0), never)
  return { person: { mailboxes, address, password, account }, message }
}

async function release(message: MessageDocument): Promise<string> {
  const [outcome] = (await decide([claimOf(message, 1)])).values()
  return outcome?.kind === "cancelled" ? "cancel" : "deliver"
}

const rowsOf = async (message: MessageDocument) => mailboxes.database.wildduck.collection("messages").find({ "meta.custom": writeCopyMark({ message: message._id, delivery: `${message._id}.0` }) }).toArray()

describe("a held mail (A9), decided without the observer", () => {
  it.each(actions)("is to $release when its user does this: $name", async ({ act, release: expected }) => {
    const { person, message } = await personWithMail()
    await act(person)
    // POP3 answers QUIT before it has done what was asked.
    await expect.poll(async () => release(message), { timeout: 3_000 }).toBe(expected)
  })

  it("is delivered when retention removed the copy from the trash", async () => {
    const { person, message } = await personWithMail()
    await actions.find(({ name }) => name === "moves it to the trash by IMAP")?.act(person)
    const [row] = await rowsOf(message)
    const long = 101 * 86_400_000
    await mailboxes.database.wildduck.collection("messages").deleteOne({ _id: row?._id ?? new ObjectId() })
    await mailboxes.database.wildduck.collection("archived").insertOne({ ...row, archived: new Date(), retentionTime: Date.now() - long })
    expect(await release(message)).toBe("deliver")
  })

  it("is delivered when the folder was deleted and WildDuck has cleared it away", async () => {
    const { person, message } = await personWithMail()
    await actions.find(({ name }) => name === "deletes the folder it is in")?.act(person)
    const [row] = await rowsOf(message)
    await mailboxes.database.wildduck.collection("messages").deleteOne({ _id: row?._id ?? new ObjectId() })
    await mailboxes.database.wildduck.collection("archived").insertOne({ ...row, archived: new Date() })
    expect(await release(message)).toBe("deliver")
  })

  it("is delivered when it vanished without a trace, or its account did", async () => {
    const { person, message } = await personWithMail()
    const [row] = await rowsOf(message)
    await mailboxes.database.wildduck.collection("messages").deleteOne({ _id: row?._id ?? new ObjectId() })
    expect(await release(message)).toBe("deliver")
    await mailboxes.api.deleteAccount(person.account)
    expect(await release(message)).toBe("deliver")
  })

  it("is delivered when it was asked for again, whatever became of the copy of its first delivery", async () => {
    const { person, message } = await personWithMail()
    await actions.find(({ name }) => name === "moves it to the trash by IMAP")?.act(person)
    const again: MessageDocument = { ...message, deliveries: [...message.deliveries, newDelivery(`${message._id}.2`, "primary", "primary:example.com", person.address, person.address, new Date())] }
    expect([...(await decide([claimOf(again, 1, 2)])).keys()]).toEqual([`${message._id}.1`])
  })

  it("is decided by the copies that came into being, and cancelled only by all of them", async () => {
    const { person, message } = await personWithMail()
    const second: MessageDocument = { ...message, deliveries: [{ ...newDelivery(`${message._id}.8`, "mailbox", "mailbox", person.address, person.address, new Date(), "INBOX"), copyOf: `${message._id}.1`, state: "cancelled" }, ...message.deliveries] }
    const claim = { message: second, deliveries: second.deliveries.filter(({ target }) => target === "primary"), token: "test" }
    await actions.find(({ name }) => name === "moves it to the trash by IMAP")?.act(person)
    expect((await decide([claim])).size).toBe(1)
    const inbox = (await mailboxes.api.folders(person.account)).find(({ path }) => path === "INBOX")?.id ?? ""
    await mailboxes.api.upload(person.account, inbox, Buffer.from(plainMail("second copy")), { metaData: writeCopyMark({ message: message._id, delivery: `${message._id}.8` }) })
    expect((await decide([claim])).size).toBe(0)
  })

  it("is delivered when the database cannot be asked", async () => {
    const { person, message } = await personWithMail()
    await actions.find(({ name }) => name === "moves it to the trash by IMAP")?.act(person)
    const closed = await openDatabase(mailboxes.process.mongoUrl)
    await closed.close()
    expect((await releaseDecisions(closed, log)([claimOf(message, 1)])).size).toBe(0)
    expect(await release(message)).toBe("cancel")
  })

  it("is found by the index, and a thousand of them quickly", async () => {
    const { person, message } = await personWithMail()
    const [row] = await rowsOf(message)
    const messages = Array.from({ length: 1_000 }, (_, number): MessageDocument => {
      const id = `${message._id.slice(0, 18)}${String(number).padStart(6, "0")}`
      const deliveries = [{ ...newDelivery(`${id}.0`, "mailbox", "mailbox", person.address, person.address, new Date(), "INBOX"), copyOf: `${id}.1` }, newDelivery(`${id}.1`, "primary", "primary:example.com", person.address, person.address, new Date())]
      return { ...message, _id: id, deliveries }
    })
    const copies = messages.map(({ _id }, number) => ({ ...row, _id: new ObjectId(), uid: 1_000 + number, meta: { custom: writeCopyMark({ message: _id, delivery: `${_id}.0` }) } }))
    await mailboxes.database.wildduck.collection("messages").insertMany(copies)
    const started = performance.now()
    expect((await decide(messages.map((mail) => claimOf(mail, 1)))).size).toBe(0)
    expect(performance.now() - started).toBeLessThan(2_000)
    const store = new WildDuckStore(mailboxes.database)
    const plan = await store.messages.find({ $or: [{ user: ObjectId.createFromHexString(person.account), "meta.custom": { $in: [String(copies[0]?.meta.custom), String(copies[1]?.meta.custom)] } }] }).explain("queryPlanner")
    expect(JSON.stringify(plan)).toContain(copyIndex)
    expect(JSON.stringify(plan)).not.toContain("COLLSCAN")
  })
})

describe("taking a copy away after its mail reached the primary", () => {
  const remove = async (message: MessageDocument): Promise<Outcome | undefined> => {
    const delivery = { ...newDelivery(`${message._id}.2`, "removal", "removal", message.owners[0] ?? "", message.owners[0] ?? "", new Date()), copyOf: `${message._id}.1` }
    const withRemoval = { ...message, deliveries: [...message.deliveries, delivery] }
    return [...(await removal.deliver(claimOf(withRemoval, 2), never)).values()][0]
  }

  it.each(actions.filter(({ name }) => !name.includes("for good") && !name.includes("expunges it")))("works when its user did this before: $name", async ({ act, name }) => {
    const { person, message } = await personWithMail()
    await act(person)
    if (name.includes("POP3")) await expect.poll(async () => release(message)).toBe("cancel")
    expect(await remove(message)).toMatchObject({ kind: "delivered", event: "mailbox-removed" })
    const folders = await mailboxes.api.folders(person.account)
    for (const folder of folders) expect((await mailboxes.api.list(person.account, folder.id)).rows).toEqual([])
    expect(await mailboxes.database.copies.findOne({ _id: `${message._id}.0` })).toMatchObject({ state: "removed" })
    expect(await remove(message)).toMatchObject({ kind: "delivered", event: "mailbox-removed" })
    if (name !== "deletes the folder it is in") expect(await release(message)).toBe("deliver")
  })

  it("leaves other mails alone", async () => {
    const { person, message } = await personWithMail()
    const other = await insertHeldMail(mailboxes.database, person.address, plainMail("stays"))
    await target.deliver(claimOf(other, 0), never)
    await remove(message)
    const inbox = (await mailboxes.api.folders(person.account)).find((folder) => folder.path === "INBOX")
    expect(inbox).toMatchObject({ total: 1, unseen: 1 })
    expect((await mailboxes.api.list(person.account, inbox?.id ?? "")).rows).toMatchObject([{ subject: "stays", metaData: { message: other._id, delivery: `${other._id}.0` } }])
  })

  it("waits while WildDuck is away", async () => {
    const { message } = await personWithMail()
    const { pid } = mailboxes.process.status()
    if (pid === undefined) throw new Error("WildDuck does not run")
    process.kill(pid, "SIGKILL")
    await expect.poll(async () => (await remove(message))?.kind, { timeout: 2_000, interval: 1 }).toBe("deferred")
    await expect.poll(async () => (await remove(message))?.kind, { timeout: 20_000, interval: 300 }).toBe("delivered")
  })
})

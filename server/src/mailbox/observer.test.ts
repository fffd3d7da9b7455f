import { ObjectId } from "mongodb"
import { pino } from "pino"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { actions } from "../../test/support/mail-client-actions.ts"
import { claimOf, insertHeldMail, insertUser, plainMail } from "../../test/support/stored-mail.ts"
import { startTestMailboxes, type TestMailboxes } from "../../test/support/wildduck.ts"
import { Bodies } from "../archive/bodies.ts"
import { newDelivery } from "../routing/route.ts"
import type { MessageDocument } from "../store/documents.ts"
import type { TrackingEvent } from "../tracking/tracker.ts"
import { writeCopyMark } from "./copy-mark.ts"
import { MailboxTarget } from "./mailbox-target.ts"
import { Observer } from "./observer.ts"
import { Provisioning } from "./provisioning.ts"
import { RemovalTarget } from "./removal-target.ts"

const log = pino({ level: "silent" })
const never = new AbortController().signal
const password = "secret of all"
let mailboxes: TestMailboxes
let provisioning: Provisioning
let target: MailboxTarget
let observer: Observer | undefined
let tracked: TrackingEvent[] = []

const newObserver = () => new Observer({ database: mailboxes.database, api: mailboxes.api, track: (event) => tracked.push(event), log, leaseDuration: 900 })

beforeAll(async () => {
  mailboxes = await startTestMailboxes()
  const { database, api } = mailboxes
  provisioning = new Provisioning(database, api, log)
  target = new MailboxTarget({ database, bodies: new Bodies(database), api, provisioning, log, archiveUrl: (id) => id })
})
afterAll(async () => {
  await observer?.stop()
  await mailboxes?.stop()
})

beforeEach(async () => {
  tracked = []
  if (observer === undefined) startObserver()
  await expect.poll(() => observer?.watching, { timeout: 10_000 }).toBe(true)
})

function startObserver(): void {
  observer = newObserver()
  observer.start()
}

async function stopObserver(): Promise<void> {
  await observer?.stop()
  observer = undefined
}

let users = 0
async function personWithMail(folder: "INBOX" | "Sent" = "INBOX") {
  const address = `user${users++}@example.com`
  const { id: account } = await provisioning.ensureMailbox(await insertUser(mailboxes.database, address, password))
  const message = await insertHeldMail(mailboxes.database, address, plainMail(`mail of ${address}`), folder)
  await target.deliver(claimOf(message, 0), never)
  return { person: { mailboxes, address, password, account }, message }
}

const noted = async (message: MessageDocument) => (await mailboxes.database.copies.findOne({ _id: `${message._id}.0` }))?.state
const eventsOf = (message: MessageDocument) => tracked.filter(({ messageId }) => messageId === message._id).map(({ event }) => event)
const rowsOf = async (message: MessageDocument) => mailboxes.database.wildduck.collection("messages").find({ "meta.custom": writeCopyMark({ message: message._id, delivery: `${message._id}.0` }) }).toArray()
const action = (name: string) => {
  const found = actions.find((one) => one.name === name)
  if (!found) throw new Error(`there is no action "${name}"`)
  return found.act
}
/** Resolves when everything before has been seen. */
async function caughtUp(): Promise<void> {
  const { person, message } = await personWithMail()
  await action("moves it to the trash by IMAP")(person)
  await expect.poll(async () => noted(message), { timeout: 5_000 }).toBe("trash")
}

describe("what the observer notes", () => {
  it.each(actions)("$noted when a user does this: $name", async ({ act, noted: state }) => {
    const { person, message } = await personWithMail()
    await act(person)
    await expect.poll(async () => noted(message), { timeout: 5_000 }).toBe(state)
    await caughtUp()
    expect(await noted(message)).toBe(state)
    expect(eventsOf(message).includes("deleted-by-user")).toBe(state === "trash" || state === "deleted" || eventsOf(message).includes("restored-by-user"))
  })

  it("tells the trail of a deletion once, of a return and of a move to a folder", async () => {
    const { person, message } = await personWithMail()
    await action("moves it to the trash by IMAP")(person)
    await expect.poll(() => eventsOf(message), { timeout: 5_000 }).toEqual(["deleted-by-user"])
    const imap = await mailboxes.imap(person.address, person.password)
    await imap.mailboxOpen("Trash")
    await imap.messageMove("1:*", "INBOX")
    await expect.poll(() => eventsOf(message), { timeout: 5_000 }).toEqual(["deleted-by-user", "restored-by-user"])
    await imap.mailboxCreate("Projekt")
    await imap.mailboxOpen("INBOX")
    await imap.messageMove("1:*", "Projekt")
    await expect.poll(() => eventsOf(message), { timeout: 5_000 }).toEqual(["deleted-by-user", "restored-by-user", "moved-by-user"])
    await imap.logout()
    expect(tracked.at(-1)).toMatchObject({ event: "moved-by-user", detail: "Projekt", deliveryId: `${message._id}.0`, recipient: person.address })
  })

  it("never takes our own removal for a deletion", async () => {
    const { message, person } = await personWithMail()
    const delivery = { ...newDelivery(`${message._id}.2`, "removal", "removal", person.address, person.address, new Date()), copyOf: `${message._id}.1` }
    await new RemovalTarget({ database: mailboxes.database, api: mailboxes.api, log }).deliver(claimOf({ ...message, deliveries: [...message.deliveries, delivery] }, 2), never)
    await caughtUp()
    expect(await noted(message)).toBe("removed")
    expect(eventsOf(message)).toEqual([])
  })

  it("never takes what WildDuck clears away for a deletion", async () => {
    const { message, person } = await personWithMail()
    await action("deletes the folder it is in")(person)
    await expect.poll(async () => (await rowsOf(message))[0]?.["exp"], { timeout: 5_000 }).toBe(true)
    await mailboxes.database.wildduck.collection("messages").deleteOne({ _id: (await rowsOf(message))[0]?._id ?? new ObjectId() })
    await expect.poll(async () => noted(message), { timeout: 5_000 }).toBe("gone")
    expect(eventsOf(message)).not.toContain("deleted-by-user")
  })
})

describe("an observer that was away", () => {
  it("misses nothing", async () => {
    const first = await personWithMail()
    const second = await personWithMail()
    await caughtUp()
    await stopObserver()
    await action("moves it to the trash by IMAP")(first.person)
    await action("marks it deleted and expunges it")(second.person)
    startObserver()
    await expect.poll(async () => [await noted(first.message), await noted(second.message)], { timeout: 10_000 }).toEqual(["trash", "deleted"])
    await expect.poll(() => [...eventsOf(first.message), ...eventsOf(second.message)]).toEqual(["deleted-by-user", "deleted-by-user"])
  })

  it("finds by comparing what the stream has lost", async () => {
    const { person, message } = await personWithMail()
    const expunged = await personWithMail()
    await stopObserver()
    await action("moves it to the trash by IMAP")(person)
    await action("marks it deleted and expunges it")(expunged.person)
    await mailboxes.database.state.deleteOne({ _id: "observer-resume-token" })
    startObserver()
    await expect.poll(async () => [await noted(message), await noted(expunged.message)], { timeout: 10_000 }).toEqual(["trash", "deleted"])
  })

  it("starts anew with a token that is good for nothing", async () => {
    const { person, message } = await personWithMail()
    await stopObserver()
    await mailboxes.database.state.updateOne({ _id: "observer-resume-token" }, { $set: { value: { _data: "8200000000000000012B0429296E1404" } } }, { upsert: true })
    await action("moves it to the trash by IMAP")(person)
    startObserver()
    await expect.poll(async () => noted(message), { timeout: 15_000 }).toBe("trash")
  })

  it("is replaced by the one on another node, and only then", async () => {
    const other = newObserver()
    other.start()
    await caughtUp()
    expect(other.watching).toBe(false)
    await stopObserver()
    await expect.poll(() => other.watching, { timeout: 10_000 }).toBe(true)
    await caughtUp()
    await other.stop()
  })
})

describe("one copy of each mail (E6)", () => {
  const sent = async (account: string) => {
    const folder = (await mailboxes.api.folders(account)).find(({ specialUse }) => specialUse === "\\Sent")
    return (await mailboxes.api.list(account, folder?.id ?? "")).rows
  }
  const append = async (address: string, raw: string) => {
    const imap = await mailboxes.imap(address, password)
    await imap.append("Sent", raw, ["\\Seen"])
    await imap.logout()
  }

  it.each(["before", "after"])("is in Sent when the client files its own %s ours", async (order) => {
    const address = `sender-${order}@example.com`
    const { id: account } = await provisioning.ensureMailbox(await insertUser(mailboxes.database, address, password))
    const raw = plainMail("sent", "text", `<sent-${order}@example.com>`)
    const message = await insertHeldMail(mailboxes.database, address, raw, "Sent")
    if (order === "before") await append(address, `Bcc: hidden@example.com\r\n${raw}`)
    await target.deliver(claimOf(message, 0), never)
    if (order === "after") await append(address, `Bcc: hidden@example.com\r\n${raw}`)
    await expect.poll(async () => (await sent(account)).length, { timeout: 5_000 }).toBe(1)
    await caughtUp()
    expect(await sent(account)).toMatchObject([{ subject: "sent", seen: true, bcc: [{ address: "hidden@example.com" }], metaData: { message: message._id } }])
    expect(await noted(message)).toBe("present")
    expect(eventsOf(message)).toEqual([])
  })

  it("is in Sent when a client submits it twice, and two different mails are two", async () => {
    const address = "twice@example.com"
    const { id: account } = await provisioning.ensureMailbox(await insertUser(mailboxes.database, address, password))
    const raw = plainMail("submitted twice", "text", "<twice@example.com>")
    for (let time = 0; time < 2; time++) await target.deliver(claimOf(await insertHeldMail(mailboxes.database, address, raw, "Sent"), 0), never)
    await target.deliver(claimOf(await insertHeldMail(mailboxes.database, address, plainMail("another"), "Sent"), 0), never)
    await expect.poll(async () => (await sent(account)).map(({ subject }) => subject), { timeout: 5_000 }).toEqual(["another", "submitted twice"])
    await caughtUp()
    expect(await sent(account)).toHaveLength(2)
  })

  it("is in the inbox when two uploads of one delivery ran into each other", async () => {
    const { person, message } = await personWithMail()
    const inbox = (await mailboxes.api.folders(person.account)).find(({ path }) => path === "INBOX")?.id ?? ""
    await mailboxes.api.upload(person.account, inbox, Buffer.from(plainMail("again")), { metaData: writeCopyMark({ message: message._id, delivery: `${message._id}.0` }) })
    await expect.poll(async () => (await mailboxes.api.list(person.account, inbox)).rows.length, { timeout: 5_000 }).toBe(1)
    await caughtUp()
    expect((await mailboxes.api.list(person.account, inbox)).rows).toMatchObject([{ subject: `mail of ${person.address}` }])
    expect(await noted(message)).toBe("present")
  })

  it("is none when an upload comes after the copy was taken away", async () => {
    const { person, message } = await personWithMail()
    const delivery = { ...newDelivery(`${message._id}.2`, "removal", "removal", person.address, person.address, new Date()), copyOf: `${message._id}.1` }
    await new RemovalTarget({ database: mailboxes.database, api: mailboxes.api, log }).deliver(claimOf({ ...message, deliveries: [...message.deliveries, delivery] }, 2), never)
    const inbox = (await mailboxes.api.folders(person.account)).find(({ path }) => path === "INBOX")?.id ?? ""
    await mailboxes.api.upload(person.account, inbox, Buffer.from(plainMail("late")), { metaData: writeCopyMark({ message: message._id, delivery: `${message._id}.0` }) })
    await expect.poll(async () => (await mailboxes.api.list(person.account, inbox)).rows.length, { timeout: 5_000 }).toBe(0)
  })
})

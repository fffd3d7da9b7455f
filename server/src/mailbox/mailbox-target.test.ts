import { randomBytes } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import { ObjectId } from "mongodb"
import { pino } from "pino"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { speakPop3 } from "../../test/support/mail-client-actions.ts"
import { claimOf, insertHeldMail, insertUser, plainMail } from "../../test/support/stored-mail.ts"
import { startTestMailboxes, type TestMailboxes } from "../../test/support/wildduck.ts"
import { Bodies } from "../archive/bodies.ts"
import type { Outcome } from "../delivery/delivery-target.ts"
import { hashPassword } from "../identity/passwords.ts"
import type { MessageDocument } from "../store/documents.ts"
import { MailboxTarget } from "./mailbox-target.ts"
import { Provisioning } from "./provisioning.ts"

const never = new AbortController().signal
let mailboxes: TestMailboxes
let provisioning: Provisioning
let target: MailboxTarget

beforeAll(async () => {
  mailboxes = await startTestMailboxes()
  const log = pino({ level: "error" })
  const { database, api } = mailboxes
  provisioning = new Provisioning(database, api, log)
  target = new MailboxTarget({ database, bodies: new Bodies(database), api, provisioning, log, archiveUrl: (id) => `http://localhost/archive/${id}` })
})
afterAll(async () => mailboxes?.stop())

const deliver = async (message: MessageDocument, ...numbers: number[]): Promise<Outcome | undefined> =>
  [...(await target.deliver(claimOf(message, ...(numbers.length > 0 ? numbers : [0])), never)).values()][0]

/** Subjects in a folder, over IMAP. */
async function subjects(address: string, password: string, folder = "INBOX"): Promise<string[]> {
  const imap = await mailboxes.imap(address, password)
  const lock = await imap.getMailboxLock(folder)
  const found: string[] = []
  for await (const mail of imap.fetch("1:*", { envelope: true })) found.push(mail.envelope?.subject ?? "")
  lock.release()
  await imap.logout()
  return found
}

describe("a mail for a mailbox", () => {
  it("is provisioned on the way, stored and read over IMAP, byte for byte", async () => {
    await insertUser(mailboxes.database, "anna@example.com", "secret of Anna")
    const raw = plainMail("Grüße", "Zeile\r\n.Punkt")
    const message = await insertHeldMail(mailboxes.database, "anna@example.com", raw)
    expect(await deliver(message)).toMatchObject({ kind: "delivered", event: "mailbox-delivered" })
    const imap = await mailboxes.imap("anna@example.com", "secret of Anna")
    expect((await imap.list()).map((folder) => folder.path).toSorted()).toEqual(["Drafts", "INBOX", "Junk", "Sent", "Trash"])
    await imap.mailboxOpen("INBOX")
    const mail = await imap.fetchOne("*", { source: true, flags: true, internalDate: true })
    expect(mail && mail.source?.toString()).toBe(message.trace + raw)
    expect(mail && [...(mail.flags ?? [])]).toEqual([])
    await imap.logout()
    expect(await mailboxes.database.copies.findOne({ _id: `${message._id}.0` })).toMatchObject({ state: "present", user: "anna@example.com", messageId: message._id })
  })

  it("is not stored twice when an earlier attempt is repeated", async () => {
    await insertUser(mailboxes.database, "bert@example.com", "secret of Bert")
    const message = await insertHeldMail(mailboxes.database, "bert@example.com", plainMail("once"))
    expect((await deliver(message))?.kind).toBe("delivered")
    expect((await deliver(message))?.kind).toBe("delivered")
    expect(await subjects("bert@example.com", "secret of Bert")).toEqual(["once"])
  })

  it("is read over POP3 as well", async () => {
    await insertUser(mailboxes.database, "paul@example.com", "secret of Paul")
    const raw = plainMail("by POP3")
    const message = await insertHeldMail(mailboxes.database, "paul@example.com", raw)
    await deliver(message)
    const [list, mail] = await speakPop3({ mailboxes, address: "paul@example.com", password: "secret of Paul" }, ["STAT", "RETR 1"])
    expect(list).toMatch(/^\+OK 1 /)
    expect(mail?.slice(mail.indexOf("\r\n") + 2).trimEnd()).toBe((message.trace + raw).trimEnd())
  })

  it("is filed in Sent as read", async () => {
    await insertUser(mailboxes.database, "cora@example.com", "secret of Cora")
    await deliver(await insertHeldMail(mailboxes.database, "cora@example.com", plainMail("sent by me"), "Sent"))
    expect(await subjects("cora@example.com", "secret of Cora", "Sent")).toEqual(["sent by me"])
    expect(await subjects("cora@example.com", "secret of Cora")).toEqual([])
  })

  it("survives WildDuck being killed in the middle: every mail once", async () => {
    await insertUser(mailboxes.database, "dora@example.com", "secret of Dora")
    const messages: MessageDocument[] = []
    for (let number = 0; number < 40; number++) messages.push(await insertHeldMail(mailboxes.database, "dora@example.com", plainMail(`mail ${number}`)))
    let open = messages
    let killed = false
    let deferred = 0
    for (let round = 0; open.length > 0 && round < 60; round++) {
      const results = open.map(async (message) => ({ message, outcome: await deliver(message) }))
      if (!killed) {
        killed = true
        await Promise.race(results.slice(0, 5))
        const { pid } = mailboxes.process.status()
        if (pid === undefined) throw new Error("WildDuck does not run")
        process.kill(pid, "SIGKILL")
      }
      const settled = await Promise.all(results)
      for (const { outcome } of settled) if (outcome?.kind === "deferred") deferred++
      expect(settled.every(({ outcome }) => outcome?.kind === "delivered" || (outcome?.kind === "deferred" && outcome.failure === "host"))).toBe(true)
      open = settled.filter(({ outcome }) => outcome?.kind !== "delivered").map(({ message }) => message)
      if (open.length > 0) await sleep(500)
    }
    expect(deferred).toBeGreaterThan(0)
    expect((await subjects("dora@example.com", "secret of Dora")).toSorted()).toEqual(messages.map((_, number) => `mail ${number}`).toSorted())
  })

  it("goes into a mailbox made anew where WildDuck has lost it", async () => {
    const user = await insertUser(mailboxes.database, "emil@example.com", "secret of Emil")
    const { id } = await provisioning.ensureMailbox(user)
    await mailboxes.api.deleteAccount(id)
    expect((await deliver(await insertHeldMail(mailboxes.database, "emil@example.com", plainMail("still there"))))?.kind).toBe("delivered")
    expect(await subjects("emil@example.com", "secret of Emil")).toEqual(["still there"])
  })

  it("of a user who is gone is given up, and says so", async () => {
    const message = await insertHeldMail(mailboxes.database, "nobody@example.com", plainMail("for nobody"))
    expect(await deliver(message)).toMatchObject({ kind: "cancelled" })
  })
})

describe("a mail that WildDuck cannot hold", () => {
  const nested = (depth: number): string => {
    let mail = "Content-Type: text/plain\r\n\r\ninnermost\r\n"
    for (let level = depth; level > 0; level--) mail = `Content-Type: multipart/mixed; boundary="b${level}"\r\n\r\n--b${level}\r\n${mail}\r\n--b${level}--\r\n`
    return `From: Sender <sender@outside.example>\r\nSubject: depth ${depth}\r\n${mail}`
  }
  const attached = (depth: number): string => {
    let mail = "Subject: innermost\r\n\r\ntext\r\n"
    for (let level = depth; level > 0; level--) mail = `Subject: depth ${depth}\r\nContent-Type: message/rfc822\r\n\r\n${mail}`
    return mail
  }

  it.each([
    ["nested 120 levels", nested(120), "depth 120", "too deeply"],
    ["of 300,000 lines", `Subject: long\r\n\r\n${"x\r\n".repeat(300_000)}`, "long", "unusual number of lines"],
  ])("%s is replaced by a message that says so", async (_, raw, subject, why) => {
    const address = `${subject.replace(" ", "-")}@example.com`
    await insertUser(mailboxes.database, address, "secret of all")
    const message = await insertHeldMail(mailboxes.database, address, raw)
    expect(await deliver(message)).toMatchObject({ kind: "delivered", event: "mailbox-substituted" })
    const imap = await mailboxes.imap(address, "secret of all")
    await imap.mailboxOpen("INBOX")
    const mail = await imap.fetchOne("*", { envelope: true, source: true })
    expect(mail && mail.envelope).toMatchObject({ subject, from: [{ name: "Sender", address: "sender@outside.example" }], messageId: `<${message._id}@outside.example>` })
    const text = mail ? (mail.source?.toString().replaceAll("=\r\n", "") ?? "") : ""
    expect(text).toContain(why)
    expect(text).toContain("Notfallpostfach")
    expect(text).toContain(`http://localhost/archive/${message._id}`)
    await imap.logout()
  })

  it("is none for its size: an attachment of 30 MB is stored as it is", async () => {
    await insertUser(mailboxes.database, "large@example.com", "secret of all")
    const base64 = `${randomBytes(57).toString("base64")}\r\n`.repeat(Math.ceil(30_000_000 / 57))
    const head = "From: Sender <sender@outside.example>\r\nSubject: large\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b"
    const part = "Content-Type: application/pdf; name=plan.pdf\r\nContent-Disposition: attachment; filename=plan.pdf\r\nContent-Transfer-Encoding: base64"
    const message = await insertHeldMail(mailboxes.database, "large@example.com", `${head}\r\n\r\n--b\r\n\r\nHello\r\n--b\r\n${part}\r\n\r\n${base64}--b--\r\n`)
    expect(await deliver(message)).toMatchObject({ kind: "delivered", event: "mailbox-delivered" })
    expect(await subjects("large@example.com", "secret of all")).toEqual(["large"])
  })

  it.each([["parts", nested], ["attached messages", attached]])("is replaced only beyond the limit: 80 levels of %s are kept or replaced, and never deferred", async (name, make) => {
    const address = `${name.replace(" ", "-")}@example.com`
    await insertUser(mailboxes.database, address, "secret of all")
    for (const depth of [10, 40, 80]) expect((await deliver(await insertHeldMail(mailboxes.database, address, make(depth))))?.kind).toBe("delivered")
    expect((await deliver(await insertHeldMail(mailboxes.database, address, make(10))))).toMatchObject({ event: "mailbox-delivered" })
  })
})

describe("accounts", () => {
  it("take a new password at once, and refuse the old one", async () => {
    const user = await insertUser(mailboxes.database, "frieda@example.com", "first secret")
    await provisioning.ensureMailbox(user)
    await (await mailboxes.imap("frieda@example.com", "first secret")).logout()
    await mailboxes.database.users.updateOne({ _id: user._id }, { $set: { ...(await hashPassword("second secret")) }, $inc: { version: 1 } })
    await provisioning.pushUser(user._id)
    await expect(mailboxes.imap("frieda@example.com", "first secret")).rejects.toThrow()
    await (await mailboxes.imap("frieda@example.com", "second secret")).logout()
    expect((await mailboxes.database.users.findOne({ _id: user._id }))?.mailbox?.version).toBe(2)
  })

  it("keep the trash longer than mail is held", async () => {
    const { id } = await provisioning.ensureMailbox(await insertUser(mailboxes.database, "georg@example.com"))
    const folders = await mailboxes.database.wildduck.collection("mailboxes").find({ user: ObjectId.createFromHexString(id), specialUse: { $in: ["\\Trash", "\\Junk"] } }).toArray()
    expect(folders.map((folder): unknown => folder["retention"])).toEqual([8_640_000_000, 8_640_000_000])
  })

  it("of users without a password let nobody in", async () => {
    await provisioning.ensureMailbox(await insertUser(mailboxes.database, "gustav@example.com"))
    await expect(mailboxes.imap("gustav@example.com", "")).rejects.toThrow()
    await expect(mailboxes.imap("gustav@example.com", "false")).rejects.toThrow()
  })

  it.each(["o'neil@example.com", "jörg@xn--bcher-kva.example", "a_b=c@example.com", "x-.y@example.com"])("are made for %s, who signs in with the address", async (address) => {
    await provisioning.ensureMailbox(await insertUser(mailboxes.database, address, "secret of many"))
    await (await mailboxes.imap(address, "secret of many")).logout()
  })

  it("are made once, however many ask at the same time on however many nodes", async () => {
    const user = await insertUser(mailboxes.database, "heinz@example.com", "secret of Heinz")
    const other = new Provisioning(mailboxes.database, mailboxes.api, pino({ level: "error" }))
    const results = await Promise.allSettled([provisioning, other, provisioning, other].map(async (node) => node.ensureMailbox(user)))
    const ids = new Set(results.flatMap((result) => (result.status === "fulfilled" ? [result.value.id] : [])))
    expect(ids.size).toBe(1)
    expect(await mailboxes.database.wildduck.collection("users").countDocuments({ username: "heinz@example.com" })).toBe(1)
  })

  it("end with their user", async () => {
    const user = await insertUser(mailboxes.database, "ida@example.com", "secret of Ida")
    const mailbox = await provisioning.ensureMailbox(user)
    await provisioning.removeMailbox({ ...user, mailbox })
    await expect(mailboxes.imap("ida@example.com", "secret of Ida")).rejects.toThrow()
    await provisioning.removeMailbox({ ...user, mailbox })
  })
})

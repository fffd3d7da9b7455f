import { pino } from "pino"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { insertUser } from "../../test/support/stored-mail.ts"
import { startTestMailboxes, type TestMailboxes } from "../../test/support/wildduck.ts"
import { hashPassword } from "../identity/passwords.ts"
import type { DomainDocument } from "../store/documents.ts"
import { Provisioning } from "./provisioning.ts"
import { Reconciliation } from "./reconciliation.ts"

let mailboxes: TestMailboxes
let reconciliation: Reconciliation
const log = pino({ level: "silent" })

beforeAll(async () => {
  mailboxes = await startTestMailboxes()
  reconciliation = new Reconciliation({ database: mailboxes.database, provisioning: new Provisioning(mailboxes.database, mailboxes.api, log), log, interval: 200, perSecond: 1_000 })
})
afterAll(async () => {
  await reconciliation?.stop()
  await mailboxes?.stop()
})

async function insertDomain(name: string, continuity: DomainDocument["continuity"]): Promise<void> {
  await mailboxes.database.domains.insertOne({
    _id: name, primary: null, retentionDays: 90, relay: { addresses: [], smarthost: null }, continuity, createdAt: new Date(),
    mode: { mode: "normal", since: new Date(), reason: "initial", detail: null, by: "automatic", forced: false, version: 0, successes: 0, nextProbeAt: null, failureRun: null, outageId: null },
  })
}
const mailboxOf = async (address: string) => (await mailboxes.database.users.findOne({ _id: address }))?.mailbox

describe("making mailboxes ready", () => {
  it("makes those of covered users, and of nobody else", async () => {
    await insertDomain("all.example", { enabled: true, activation: "automatic", coverage: "all" })
    await insertDomain("some.example", { enabled: true, activation: "automatic", coverage: "selected" })
    await insertDomain("off.example", { enabled: false, activation: "automatic", coverage: "all" })
    for (const address of ["a@all.example", "b@all.example", "in@some.example", "out@some.example", "a@off.example", "a@unknown.example"]) await insertUser(mailboxes.database, address, "some secret")
    await mailboxes.database.users.updateOne({ _id: "in@some.example" }, { $set: { selected: true } })
    expect(await reconciliation.round()).toBe(3)
    expect(await mailboxOf("a@all.example")).toMatchObject({ version: 1 })
    expect(await mailboxOf("b@all.example")).toMatchObject({ version: 1 })
    expect(await mailboxOf("in@some.example")).toMatchObject({ version: 1 })
    for (const address of ["out@some.example", "a@off.example", "a@unknown.example"]) expect(await mailboxOf(address)).toBeNull()
    expect(await reconciliation.round()).toBe(0)
    await (await mailboxes.imap("in@some.example", "some secret")).logout()
  })

  it("brings a password to WildDuck that was changed while it was away", async () => {
    const { pid } = mailboxes.process.status()
    if (pid === undefined) throw new Error("WildDuck does not run")
    process.kill(pid, "SIGKILL")
    await mailboxes.database.users.updateOne({ _id: "a@all.example" }, { $set: { ...(await hashPassword("another secret")) }, $inc: { version: 1 } })
    reconciliation.start()
    await expect.poll(async () => (await mailboxOf("a@all.example"))?.version, { timeout: 20_000 }).toBe(2)
    await (await mailboxes.imap("a@all.example", "another secret")).logout()
    await expect(mailboxes.imap("a@all.example", "some secret")).rejects.toThrow()
  })

  it("gives a new user of an old address a mailbox of their own", async () => {
    const old = await mailboxOf("b@all.example")
    await mailboxes.database.users.deleteOne({ _id: "b@all.example" })
    await insertUser(mailboxes.database, "b@all.example", "new secret")
    reconciliation.nudge()
    await expect.poll(async () => mailboxOf("b@all.example"), { timeout: 10_000 }).toMatchObject({ version: 1 })
    expect((await mailboxOf("b@all.example"))?.id).not.toBe(old?.id)
    await (await mailboxes.imap("b@all.example", "new secret")).logout()
  })
})

import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { acceptMails, createDomain, startContinuityNode, until, type ContinuityNode, type NodeOptions } from "../../test/support/continuity-node.ts"
import { testDatabase } from "../../test/support/mongo.ts"
import { startPrimary, type PrimaryBehaviour, type TestPrimary } from "../../test/support/primary.ts"
import { openDatabase, type Database } from "../store/database.ts"
import type { DomainDocument, MessageDocument } from "../store/documents.ts"

const domain = "example.com"
const users = ["anna", "bert", "cleo"]

let primary: TestPrimary
let database: Database
let url: string
let name: string
const nodes: ContinuityNode[] = []
const modes: string[] = []

beforeEach(async () => {
  ;({ url, dbName: name } = testDatabase())
  primary = await startPrimary()
  database = await openDatabase(url, { lifeboat: name, wildduck: `${name}_wd` })
  modes.length = 0
})

afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop()
  await primary.stop()
  await database.db.dropDatabase()
  await database.close()
})

async function node(options: NodeOptions = {}): Promise<ContinuityNode> {
  const started = await startContinuityNode(url, name, options)
  nodes.push(started)
  started.domains.onChange((_name, document) => {
    if (document && document.mode.mode !== (modes.at(-1) ?? "normal")) modes.push(document.mode.mode)
  })
  return started
}

async function company(options: NodeOptions & { continuity?: Partial<DomainDocument["continuity"]> } = {}): Promise<ContinuityNode> {
  await createDomain(database, primary.port, users, options.continuity)
  return node(options)
}

const inMode = (which: ContinuityNode, mode: string, timeoutMs = 10_000) => until(mode, () => which.mode()?.mode === mode, timeoutMs)
const messages = () => database.messages.find().toArray()
const mailboxCopies = (all: MessageDocument[]) => all.flatMap((message) => message.deliveries).filter((delivery) => delivery.target === "mailbox").length
const primaryStates = (all: MessageDocument[]) => all.flatMap((message) => message.deliveries).filter((delivery) => delivery.target === "primary").map((delivery) => delivery.state)
const everyMailOnce = (ids: readonly string[]) => {
  const arrived = primary.messages().map((mail) => /id (\w+)/.exec(mail.raw.toString())?.[1] ?? "")
  expect(arrived.toSorted()).toEqual([...ids].toSorted())
}

describe("an outage", () => {
  it.each<[string, PrimaryBehaviour, string, number]>([
    ["refused", { refuse: true }, "primary-refused", 2_000],
    ["silent", { silent: true }, "primary-silent", 3_000],
    ["a 5xx banner", { banner: "554 5.3.2 out of order" }, "primary-error", 2_000],
    ["a 4xx banner", { banner: "421 4.3.2 closing" }, "primary-deferring", 2_000],
    ["a 5xx to EHLO", { ehlo: "550 5.3.2 no" }, "primary-error", 2_000],
    ["4xx to MAIL", { mail: () => "452 4.3.1 disk full" }, "primary-deferring", 2_000],
  ])("%s: noticed, rescued, drained in order, reported", async (_name, behaviour, reason, within) => {
    const company1 = await company()
    await primary.behave(behaviour)
    const before = await acceptMails(company1, 5, ["anna"])
    expect(await inMode(company1, "emergency")).toBeLessThan(within)
    expect(company1.mode()).toMatchObject({ reason, forced: false, by: "automatic" })
    expect(await until("rescued", async () => mailboxCopies(await messages()) === 5)).toBeLessThan(5_000)
    const during = await acceptMails(company1, 5, ["bert"])
    const outage = await database.outages.findOne({ domain })
    expect(outage).toMatchObject({ end: null, reason })
    expect(await company1.continuity.outageReport(domain, outage?._id ?? "")).toMatchObject({ accepted: 10, held: 10, missing: 0, end: null })

    await primary.behave({})
    await inMode(company1, "normal", 20_000)
    everyMailOnce([...before, ...during])
    expect(modes).toEqual(["emergency", "recovering", "normal"])
    const report = () => company1.continuity.outageReport(domain, outage?._id ?? "")
    await until("ended", async () => (await report())?.end !== null)
    expect(await report()).toMatchObject({ accepted: 10, delivered: 10, held: 0, deletedByUser: 0, failed: 0, missing: 0 })
    await until("events", async () => (await database.events.countDocuments({ event: "rescued" })) === 5)
  })

  it("without any mail is noticed by probing", async () => {
    const company1 = await company()
    await until("probed", () => company1.mode()?.watch?.upAt != null)
    await primary.stop()
    await inMode(company1, "emergency")
  })

  it("of a primary that defers every mail at its end is noticed by the run", async () => {
    const company1 = await company()
    await primary.behave({ data: () => "452 4.3.1 disk full" })
    await acceptMails(company1, 6, ["anna"])
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(company1.mode()?.mode).toBe("normal")
    await inMode(company1, "emergency")
    expect(company1.mode()).toMatchObject({ reason: "primary-deferring", detail: "452 4.3.1 disk full" })
    expect(await until("rescued", async () => mailboxCopies(await messages()) === 6)).toBeLessThan(5_000)
  })

  it("of a primary that defers recipients it took before is noticed by two of them", async () => {
    const company1 = await company({ thresholds: { idleProbeEvery: 10_000 } })
    await acceptMails(company1, 1, users)
    await until("probed for two addresses", () => primary.commands().filter((command) => command === "MAIL ").length >= 3)
    await primary.behave({ rcpt: () => "451 4.3.0 directory not available" })
    await acceptMails(company1, 3, ["anna"])
    expect(await inMode(company1, "emergency")).toBeLessThan(5_000)
    expect(company1.mode()).toMatchObject({ reason: "primary-deferring", detail: "451 4.3.0 directory not available" })
    await primary.behave({})
    await inMode(company1, "normal", 20_000)
    expect(primary.messages()).toHaveLength(4)
  })

  it("leaves uncovered recipients queued, counts them, and covers them from the moment they are selected", async () => {
    const company1 = await company({ continuity: { coverage: "selected" } })
    await primary.behave({ refuse: true })
    await acceptMails(company1, 3, ["anna"], () => false)
    await inMode(company1, "emergency")
    await acceptMails(company1, 2, ["bert"], () => false)
    await until("counted", async () => (await messages()).every((message) => message.deliveries[0]?.outageId !== null))
    expect(mailboxCopies(await messages())).toBe(0)
    await database.users.updateOne({ _id: "anna@example.com" }, { $set: { selected: true } })
    await company1.continuity.settingsChanged(domain, "admin@example.com")
    expect(await until("rescued", async () => mailboxCopies(await messages()) === 3)).toBeLessThan(5_000)
    const outage = await database.outages.findOne({ domain })
    expect(await company1.continuity.outageReport(domain, outage?._id ?? "")).toMatchObject({ accepted: 5, held: 5, missing: 0 })
    await primary.behave({})
    await inMode(company1, "normal", 20_000)
    await until("all delivered", () => primary.messages().length === 5)
    expect(await company1.continuity.outageReport(domain, outage?._id ?? "")).toMatchObject({ accepted: 5, delivered: 5, missing: 0 })
  })

  it("shows in its report what is missing", async () => {
    const company1 = await company()
    await primary.behave({ refuse: true })
    const [first, second] = await acceptMails(company1, 3, ["anna"])
    await inMode(company1, "emergency")
    await until("rescued", async () => mailboxCopies(await messages()) === 3)
    await database.bodies.deleteOne({ _id: first ?? "" })
    await database.messages.updateOne({ _id: second ?? "" }, { $push: { "envelope.rcptTo": "bert@example.com" } })
    const outage = await database.outages.findOne({ domain })
    expect(await company1.continuity.outageReport(domain, outage?._id ?? "")).toMatchObject({ accepted: 4, held: 2, missing: 2 })
  })
})

describe("no outage", () => {
  it("is a greylisting primary: all mail arrives once, the mode stays", async () => {
    const company1 = await company()
    await primary.behave({ greylistMs: 2_000 })
    const ids = await acceptMails(company1, 10, users)
    await until("all delivered", () => primary.messages().length >= 10, 20_000)
    await until("settled", async () => primaryStates(await messages()).every((state) => state === "delivered"))
    expect(new Set(primary.messages().map((mail) => /id (\w+)/.exec(mail.raw.toString())?.[1]))).toEqual(new Set(ids))
    expect(modes).toEqual([])
  })

  it("is one full mailbox, though the primary took its mail before", async () => {
    const company1 = await company({ thresholds: { idleProbeEvery: 10_000 } })
    await until("probed for all addresses", () => primary.commands().filter((command) => command === "MAIL ").length >= 4)
    await primary.behave({ rcpt: (recipient) => (recipient === "anna@example.com" ? "452 mailbox full" : undefined) })
    for (let i = 0; i < 10; i++) {
      await acceptMails(company1, 1, ["anna"])
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect(modes).toEqual([])
  })

  it("is a primary that refuses one recipient of three", async () => {
    const company1 = await company()
    await primary.behave({ failRecipients: ["bert@example.com"] })
    await acceptMails(company1, 10, users)
    await until("all over", async () => primaryStates(await messages()).every((state) => state === "delivered" || state === "failed"))
    expect(primaryStates(await messages()).filter((state) => state === "failed")).toHaveLength(10)
    expect(company1.reported).toEqual(Array.from({ length: 10 }, () => "bert@example.com"))
    expect(modes).toEqual([])
  })

  it("is manual activation: mail waits with a pause, and goes on by itself", async () => {
    const company1 = await company({ continuity: { activation: "manual" } })
    await primary.behave({ refuse: true })
    const ids = await acceptMails(company1, 5, ["anna"])
    await until("noted", () => company1.mode()?.detail?.includes("ECONNREFUSED"))
    expect(company1.continuity.gateFor(domain).allowance()).toMatchObject({ concurrency: expect.any(Number) as number })
    await primary.behave({})
    await until("all delivered", () => primary.messages().length === 5, 10_000)
    everyMailOnce(ids)
    expect(modes).toEqual([])
  })
})

it("a primary that flaps every 5 s has one emergency at most while it does, and every mail arrives once", async () => {
  const company1 = await company()
  const ids: string[] = []
  for (let i = 0; i < 32; i++) {
    await primary.behave(i % 2 === 0 ? { refuse: true } : {})
    ids.push(...(await acceptMails(company1, 2, ["anna"])))
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  expect(modes).toEqual(["emergency"])
  await primary.behave({})
  await inMode(company1, "normal", 20_000)
  everyMailOnce(ids)
})

it("a relapse in mid-drain goes back into the same outage and loses nothing", async () => {
  const company1 = await company()
  await primary.behave({ refuse: true })
  const ids = await acceptMails(company1, 300, ["anna"])
  await inMode(company1, "emergency")
  await until("attempts under way at the switch are over", async () => !primaryStates(await messages()).includes("active"))
  await primary.behave({ slowMs: 20 })
  await inMode(company1, "recovering")
  await primary.waitFor(primary.messages().length + 20, 20_000)
  await primary.behave({ refuse: true })
  await until("relapse", () => company1.mode()?.reason === "relapse", 5_000)
  expect(primary.messages().length).toBeLessThan(300)
  await primary.behave({})
  await inMode(company1, "normal", 20_000)
  expect(await database.outages.countDocuments()).toBe(1)
  const arrived = new Set(primary.messages().map((mail) => /id (\w+)/.exec(mail.raw.toString())?.[1] ?? ""))
  expect(arrived).toEqual(new Set(ids))
})

it("new mail goes alongside the held mail of a drain, which keeps its order", async () => {
  const company1 = await company({ thresholds: { connections: 1 } })
  await primary.behave({ refuse: true })
  const held = await acceptMails(company1, 20, ["anna"])
  await inMode(company1, "emergency")
  await primary.behave({ slowMs: 20 })
  await inMode(company1, "recovering")
  const fresh = await acceptMails(company1, 1, ["bert"])
  await inMode(company1, "normal", 20_000)
  const arrived = primary.messages().map((mail) => /id (\w+)/.exec(mail.raw.toString())?.[1] ?? "")
  expect(arrived.filter((id) => held.includes(id))).toEqual(held)
  expect(arrived.indexOf(fresh[0] ?? "")).toBeLessThan(20)
})

it("two nodes agree: one outage, one emergency, one copy of each mail (invariant 5: the mode changes by compare-and-set)", async () => {
  const first = await company()
  const second = await node()
  await primary.behave({ refuse: true })
  const ids = [...(await acceptMails(first, 20, ["anna"])), ...(await acceptMails(second, 20, ["bert"]))]
  await Promise.all([inMode(first, "emergency"), inMode(second, "emergency")])
  expect(first.mode()?.since).toEqual(second.mode()?.since)
  await until("rescued", async () => mailboxCopies(await messages()) === 40)
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(mailboxCopies(await messages())).toBe(40)
  await primary.behave({})
  await Promise.all([inMode(first, "normal", 20_000), inMode(second, "normal", 20_000)])
  everyMailOnce(ids)
  expect(await database.outages.countDocuments()).toBe(1)
  expect(modes.filter((mode) => mode === "recovering").length).toBeLessThanOrEqual(2)
})

it("a node that starts into an emergency goes on with it, record included", async () => {
  const first = await company()
  await primary.behave({ refuse: true })
  await acceptMails(first, 3, ["anna"])
  await inMode(first, "emergency")
  await nodes.splice(0)[0]?.stop()
  await database.outages.deleteMany({})
  await primary.behave({})
  const second = await node()
  await until("record", async () => (await database.outages.countDocuments()) === 1)
  await inMode(second, "normal", 20_000)
  expect(primary.messages()).toHaveLength(3)
  await until("ended", async () => (await database.outages.countDocuments({ end: { $ne: null } })) === 1)
})

describe("forced", () => {
  it("emergency with the primary up stays until released", async () => {
    const company1 = await company()
    await company1.continuity.force(domain, "emergency", "admin@example.com")
    expect(company1.mode()).toMatchObject({ mode: "emergency", forced: true, by: "admin@example.com" })
    await acceptMails(company1, 3, ["anna"])
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(primary.messages()).toHaveLength(0)
    await company1.continuity.force(domain, null, "admin@example.com")
    await inMode(company1, "normal", 20_000)
    expect(primary.messages()).toHaveLength(3)
  })

  it("normal with held mail drains it", async () => {
    const company1 = await company()
    await primary.behave({ refuse: true })
    await acceptMails(company1, 10, ["anna"])
    await inMode(company1, "emergency")
    await primary.behave({})
    await company1.continuity.force(domain, "normal", "admin@example.com")
    await primary.waitFor(10)
    expect(company1.mode()).toMatchObject({ mode: "normal", forced: true })
    await until("nothing held", () => company1.continuity.gateFor(domain).allowance().claim === "due")
  })

  it("emergency is refused where the service is off, where there is no primary and where there is no domain", async () => {
    const company1 = await company({ continuity: { enabled: false } })
    await expect(company1.continuity.force(domain, "emergency", "a")).rejects.toMatchObject({ code: "service-disabled" })
    await expect(company1.continuity.force("other.example", null, "a")).rejects.toMatchObject({ code: "not-found" })
    await database.domains.updateOne({ _id: domain }, { $set: { primary: null, "continuity.enabled": true } })
    await expect(company1.continuity.force(domain, "emergency", "a")).rejects.toMatchObject({ code: "no-primary" })
  })
})

it("mail refused in a drain waits for the administrator, who has it tried again or reported", async () => {
  const company1 = await company()
  await primary.behave({ refuse: true })
  await acceptMails(company1, 2, ["anna", "bert"])
  await inMode(company1, "emergency")
  await primary.behave({ failRecipients: ["anna@example.com"] })
  await inMode(company1, "normal", 20_000)
  const outage = await database.outages.findOne({ domain })
  const report = () => company1.continuity.outageReport(domain, outage?._id ?? "")
  expect(await report()).toMatchObject({ accepted: 4, delivered: 2, held: 2, failed: 0, missing: 0 })
  expect(company1.reported).toEqual([])
  const waiting = (await messages()).flatMap((message) => message.deliveries).find((delivery) => delivery.heldFor === "administrator")
  expect(await company1.continuity.failRefused(domain, { deliveryId: waiting?.id ?? "" })).toBe(1)
  expect(company1.reported).toEqual(["anna@example.com"])
  await expect(company1.continuity.failRefused(domain, { deliveryId: waiting?.id ?? "" })).rejects.toMatchObject({ code: "not-found" })
  await primary.behave({})
  expect(await company1.continuity.releaseRefused(domain, "all")).toBe(1)
  await primary.waitFor(3)
  await until("written", async () => (await report())?.held === 0)
  expect(await report()).toMatchObject({ accepted: 4, delivered: 3, failed: 1, held: 0, missing: 0 })
  expect(await database.outages.findOne({ domain })).toMatchObject({ counts: { accepted: 4 } })
})

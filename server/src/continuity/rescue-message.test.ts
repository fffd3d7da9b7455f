import { describe, expect, it } from "vitest"
import type { Delivery, MessageDocument } from "../store/documents.ts"
import { newDelivery } from "../routing/route.ts"
import { rescueMessage, type RescueContext } from "./rescue-message.ts"

const received = new Date("2026-03-02T09:00:00Z")
const now = new Date("2026-03-02T09:01:00Z")

function message(...deliveries: Delivery[]): MessageDocument {
  return {
    _id: "m", receivedAt: received, expireAt: new Date("2026-06-01T00:00:00Z"), direction: "inbound", domains: ["example.com"], owners: [],
    envelope: { mailFrom: "x@elsewhere.test", rcptTo: deliveries.map((delivery) => delivery.recipient), smtpUtf8: false, eightBit: false },
    client: { address: "127.0.0.1", name: "", helo: "", tls: false, user: null }, summary: { subject: "", from: "", to: "", messageId: null, date: null },
    trace: "", size: 1, hasBody: true, deliveries, version: 1, status: "queued", viaService: false, deliveredAt: null,
  }
}

const primary = (n: number, name: string, change: Partial<Delivery> = {}): Delivery => ({
  ...newDelivery(`m.${n}`, "primary", "primary:example.com", `${name}@example.com`, `${name}@example.com`, received), ...change,
})
const context: RescueContext = { hop: "primary:example.com", outageId: "o1", now, coveredUser: (delivery) => (delivery.recipient.startsWith("anna") ? "anna@example.com" : null) }
const rescue = (...deliveries: Delivery[]) => rescueMessage(message(...deliveries), context)

describe("rescueMessage", () => {
  it.each<[string, Partial<Delivery>]>([
    ["queued", {}],
    ["deferred", { state: "deferred", due: new Date(now.getTime() + 60_000), attempts: 2, firstFailedAt: received }],
    ["left behind by a dead worker", { state: "active", due: received, lease: { token: "t", until: received } }],
  ])("holds a covered delivery that is %s, and puts its mail in the mailbox", (_name, change) => {
    const result = rescue(primary(0, "anna", change))
    expect(result?.change).toMatchObject({ viaService: true, status: "delayed" })
    expect(result?.change.deliveries).toMatchObject([
      { id: "m.0", state: "held", heldFor: "drain", due: received, lease: null, outageId: "o1" },
      { id: "m.1", target: "mailbox", hop: "mailbox", folder: "INBOX", copyOf: "m.0", user: "anna@example.com", recipient: "anna@example.com", state: "queued", due: now, outageId: "o1" },
    ])
    expect(result?.recipients).toEqual([{ deliveryId: "m.1", recipient: "anna@example.com" }])
  })

  it.each<[string, Partial<Delivery>]>([
    ["at work", { state: "active", due: new Date(now.getTime() + 60_000), lease: { token: "t", until: now } }],
    ["held already", { state: "held", heldFor: "drain", due: received, outageId: "o1" }],
    ["held for the administrator", { state: "held", heldFor: "administrator", due: received }],
    ["delivered", { state: "delivered", due: null, finishedAt: now }],
    ["failed", { state: "failed", due: null, finishedAt: now }],
    ["for another hop", { hop: "primary:other.example" }],
  ])("leaves a delivery that is %s", (_name, change) => expect(rescue(primary(0, "anna", change))).toBeUndefined())

  it("leaves an uncovered recipient queued, under the outage's name", () => {
    const result = rescue(primary(0, "bert"))
    expect(result?.change).toMatchObject({ viaService: false, status: "queued", deliveries: [{ state: "queued", due: received, outageId: "o1" }] })
    expect(result?.change.deliveries).toHaveLength(1)
    expect(rescue(primary(0, "bert", { outageId: "o0" }))).toBeUndefined()
  })

  it("treats each recipient alone", () => {
    const result = rescue(primary(0, "bert"), primary(1, "anna"), primary(2, "anna2", { state: "delivered", finishedAt: now, due: null }))
    expect(result?.change.deliveries.map((delivery) => [delivery.id, delivery.target, delivery.state])).toEqual([
      ["m.0", "primary", "queued"], ["m.1", "primary", "held"], ["m.2", "primary", "delivered"], ["m.3", "mailbox", "queued"],
    ])
  })

  it("is done once", () => {
    const first = rescue(primary(0, "anna"), primary(1, "bert"))
    expect(rescue(...(first?.change.deliveries ?? []))).toBeUndefined()
  })

  it("puts no second copy beside one that is there, and keeps the outage it began in", () => {
    const mailbox: Delivery = { ...newDelivery("m.1", "mailbox", "mailbox", "anna@example.com", "anna@example.com", received, "INBOX"), copyOf: "m.0", state: "delivered", finishedAt: received }
    const result = rescue(primary(0, "anna", { state: "deferred", outageId: "o0" }), mailbox)
    expect(result?.change.deliveries).toHaveLength(2)
    expect(result?.change.deliveries[0]).toMatchObject({ state: "held", outageId: "o0" })
  })

  it("puts no second copy in for a mail asked for again while its copy still waits, but one where its user had deleted that", () => {
    const first = primary(0, "anna", { state: "held", heldFor: "drain", outageId: "o1" })
    const copy: Delivery = { ...newDelivery("m.1", "mailbox", "mailbox", "anna@example.com", "anna@example.com", received, "INBOX"), copyOf: "m.0", state: "delivered", finishedAt: received }
    expect(rescue(first, copy, primary(2, "anna"))?.change.deliveries).toHaveLength(3)
    const deleted = primary(0, "anna", { state: "cancelled", finishedAt: received, due: null })
    expect(rescue(deleted, copy, primary(2, "anna"))?.change.deliveries[3]).toMatchObject({ target: "mailbox", copyOf: "m.2" })
  })

  it("puts a new copy in after the last one was taken out", () => {
    const old: Delivery[] = [
      primary(0, "anna", { state: "delivered", finishedAt: received, due: null }),
      { ...newDelivery("m.1", "mailbox", "mailbox", "anna@example.com", "anna@example.com", received, "INBOX"), copyOf: "m.0", state: "delivered", finishedAt: received },
      { ...newDelivery("m.2", "removal", "removal", "anna@example.com", "anna@example.com", received), copyOf: "m.0", state: "delivered", finishedAt: received },
    ]
    const again = primary(3, "anna")
    expect(rescue(...old, again)?.change.deliveries.slice(3)).toMatchObject([{ id: "m.3", state: "held" }, { id: "m.4", target: "mailbox", state: "queued", copyOf: "m.3" }])
  })

  it("gives a recipient without user at acceptance to the user who has the address now", () => {
    expect(rescue(primary(0, "anna", { user: null }))?.change.deliveries[0]).toMatchObject({ user: "anna@example.com", state: "held" })
  })
})

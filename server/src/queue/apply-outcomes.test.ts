import { describe, expect, it } from "vitest"
import type { Outcome } from "../delivery/delivery-target.ts"
import { newDelivery } from "../routing/route.ts"
import type { Delivery, MessageDocument } from "../store/documents.ts"
import { applyOutcomes, withDeliveries, type OutcomeContext } from "./apply-outcomes.ts"

const now = new Date("2026-11-23T10:00:00Z")
const token = "node/1"
const context: OutcomeContext = {
  now,
  token,
  domain: () => undefined,
  covered: () => true,
  nextAttempt: () => new Date(now.getTime() + 60_000),
  divertAfter: 300_000,
}

function message(...deliveries: Delivery[]): MessageDocument {
  return {
    _id: "m1", receivedAt: new Date("2026-11-23T09:00:00Z"), expireAt: new Date("2027-02-21T09:00:00Z"), direction: "inbound", domains: ["example.com"], owners: ["anna@example.com"],
    envelope: { mailFrom: "x@outside.test", rcptTo: ["anna@example.com"], smtpUtf8: false, eightBit: false },
    client: { address: "127.0.0.1", name: "", helo: "outside.test", tls: false, user: null },
    summary: { subject: "s", from: "x@outside.test", to: "anna@example.com", messageId: null, date: null }, trace: "", size: 1, hasBody: true, version: 3,
    ...withDeliveries(deliveries, deliveries.some((delivery) => delivery.outageId !== null)),
  }
}

const lease = { state: "active" as const, lease: { token, until: now } }
const primary = (extra: Partial<Delivery> = {}): Delivery => ({ ...newDelivery("m1.0", "primary", "primary:example.com", "anna@example.com", "anna@example.com", now), ...lease, ...extra })
const mailbox = (extra: Partial<Delivery> = {}): Delivery => ({ ...newDelivery("m1.1", "mailbox", "mailbox", "anna@example.com", "anna@example.com", now, "INBOX"), copyOf: "m1.0", ...extra })
const delivered: Outcome = { kind: "delivered", reply: "250 2.0.0 ok", server: "127.0.0.1:25" }
const deferred = (failure: "host" | "message" | "recipient"): Outcome => ({ kind: "deferred", failure, reply: "451 4.7.1 later", server: "127.0.0.1:25" })
const failed: Outcome = { kind: "failed", failure: "recipient", reply: "550 5.1.1 no", server: "127.0.0.1:25" }
const apply = (mail: MessageDocument, outcome: Outcome, id = "m1.0", over: Partial<OutcomeContext> = {}) => applyOutcomes(mail, new Map([[id, outcome]]), { ...context, ...over })

describe("applyOutcomes", () => {
  it("delivers in normal mode", () => {
    const { change, reportable } = apply(message(primary()), delivered)
    expect(change).toMatchObject({ status: "delivered", deliveredAt: now, deliveries: [{ state: "delivered", lease: null, due: null, attempts: 1 }] })
    expect(reportable).toEqual([])
  })

  it("ignores an outcome of another lease", () => {
    const mail = message(primary({ lease: { token: "other/1", until: now } }))
    expect(apply(mail, delivered).change.deliveries).toEqual(mail.deliveries)
  })

  it("takes it for delivered when the primary has it, though the lease ended meanwhile and nobody took it over", () => {
    const held = message(primary({ state: "held", heldFor: "drain", lease: null, outageId: "o" }))
    expect(apply(held, delivered).change.deliveries[0]).toMatchObject({ state: "delivered", finishedAt: now })
    expect(apply(held, deferred("host")).change.deliveries).toEqual(held.deliveries)
    const cancelled = message(primary({ state: "cancelled", finishedAt: now, due: null, lease: null }))
    expect(apply(cancelled, delivered).change.deliveries).toEqual(cancelled.deliveries)
  })

  it("takes the mailbox copy away once the primary has the mail, and keeps the status delayed", () => {
    const { change } = apply(message(primary({ outageId: "o", heldFor: "drain" }), mailbox({ state: "delivered", outageId: "o" })), delivered)
    expect(change.deliveries[2]).toMatchObject({ target: "removal", hop: "removal", state: "queued", user: "anna@example.com" })
    expect(change).toMatchObject({ status: "delayed", deliveredAt: now })
  })

  it("takes the copy away even when it reaches the mailbox after the primary has the mail", () => {
    const { change } = apply(message(primary({ state: "delivered", lease: null, finishedAt: now }), mailbox({ ...lease, outageId: "o" })), { ...delivered, event: "mailbox-delivered" }, "m1.1")
    expect(change.deliveries[2]).toMatchObject({ target: "removal", state: "queued" })
  })

  it.each(["queued", "deferred"] as const)("does not fill a mailbox any more with what the primary has, and takes out what a %s attempt may have left", (state) => {
    const { change } = apply(message(primary(), mailbox({ state })), delivered)
    expect(change.deliveries.slice(1)).toMatchObject([{ state: "cancelled", due: null }, { target: "removal", copyOf: "m1.0", state: "queued" }])
  })

  it("leaves a copy alone while it is being put in, and takes it away after that", () => {
    const first = apply(message(primary(), mailbox({ ...lease, lease: { token: "other/1", until: now } })), delivered).change
    expect(first.deliveries).toMatchObject([{ state: "delivered" }, { state: "active" }])
  })

  it("takes away the copy of the delivery that is over, not that of another one to the same recipient", () => {
    const again = primary({ id: "m1.2", state: "held", heldFor: "drain", lease: null })
    const copies = [mailbox({ state: "delivered", finishedAt: now }), again, mailbox({ id: "m1.3", copyOf: "m1.2", state: "delivered", finishedAt: now })]
    const { change } = apply(message(primary(), ...copies), delivered)
    expect(change.deliveries.slice(2)).toMatchObject([{ id: "m1.2", state: "held" }, { id: "m1.3", state: "delivered" }, { target: "removal", copyOf: "m1.0" }])
  })

  it("goes back to the drain when the host fails in mid-drain", () => {
    const { change } = apply(message(primary({ outageId: "o", heldFor: "drain" })), deferred("host"))
    expect(change.deliveries[0]).toMatchObject({ state: "held", heldFor: "drain", due: new Date("2026-11-23T09:00:00Z") })
  })

  it("holds for the administrator what the primary refuses after an outage (A10)", () => {
    const { change, reportable } = apply(message(primary({ outageId: "o", heldFor: "drain" })), failed)
    expect(change).toMatchObject({ status: "held", deliveries: [{ state: "held", heldFor: "administrator" }] })
    expect(reportable).toEqual([])
  })

  it("fails with a report what the primary refuses otherwise", () => {
    const { change, reportable } = apply(message(primary()), failed)
    expect(change.status).toBe("failed")
    expect(reportable).toHaveLength(1)
  })

  it("defers by the schedule, then sends it to the mailbox as well (A5)", () => {
    const first = apply(message(primary()), deferred("recipient")).change
    expect(first.deliveries).toMatchObject([{ state: "deferred", firstFailedAt: now, due: new Date(now.getTime() + 60_000) }])
    const later = apply(message(primary({ firstFailedAt: new Date(now.getTime() - 300_000) })), deferred("recipient"))
    expect(later.change.deliveries[1]).toMatchObject({ target: "mailbox", state: "queued", folder: "INBOX", copyOf: "m1.0" })
    expect(later.change.viaService).toBe(true)
    const uncovered = apply(message(primary({ firstFailedAt: new Date(now.getTime() - 300_000) })), deferred("recipient"), "m1.0", { covered: () => false })
    expect(uncovered.change.deliveries).toHaveLength(1)
  })

  it("never gives up on a mailbox", () => {
    const { change, reportable } = apply(message(mailbox({ ...lease, attempts: 50 })), failed, "m1.1", { nextAttempt: () => "expired" })
    expect(change.deliveries[0]).toMatchObject({ state: "deferred" })
    expect(reportable).toEqual([])
  })

  it("expires with a report at the end of the retention", () => {
    const { change, reportable } = apply(message(primary()), deferred("host"), "m1.0", { nextAttempt: () => "expired" })
    expect(change.status).toBe("expired")
    expect(reportable).toHaveLength(1)
  })

  it("does not count what was not tried", () => {
    const { change } = apply(message(primary()), { kind: "deferred", failure: "host", reply: "", server: "", untried: true })
    expect(change.deliveries[0]).toMatchObject({ state: "queued", attempts: 0, due: new Date(now.getTime() + 1_000), lease: null })
  })

  it("cancels what its user deleted (A9)", () => {
    const { change } = apply(message(primary({ outageId: "o", heldFor: "drain" }), mailbox({ state: "delivered", outageId: "o" })), { kind: "cancelled", reply: "deleted by its user", server: "" })
    expect(change).toMatchObject({ status: "cancelled" })
    expect(change.deliveries).toHaveLength(2)
  })
})

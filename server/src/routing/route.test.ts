import { describe, expect, it } from "vitest"
import type { Mode } from "@lifeboat/shared/continuity-mode"
import type { DomainDocument } from "../store/documents.ts"
import type { Recipient } from "./recipient.ts"
import { directionOf, ownersOf, route } from "./route.ts"

const now = new Date("2026-11-23T10:00:00Z")
const domain = (mode: Mode): DomainDocument => ({
  _id: "example.com", primary: { host: "127.0.0.1", port: 25, tls: "none" }, retentionDays: 90, relay: { addresses: [], smarthost: null },
  continuity: { enabled: true, activation: "automatic", coverage: "all" }, createdAt: now,
  mode: { mode, since: now, reason: "initial", detail: null, by: "automatic", forced: false, version: 1, successes: 0, nextProbeAt: null, failureRun: null, outageId: mode === "normal" ? null : "o1" },
})
const anna: Recipient = { address: "Anna@Example.com", canonical: "anna@example.com", domain: "example.com", user: "anna@example.com", covered: true }
const learned: Recipient = { address: "list@example.com", canonical: "list@example.com", domain: "example.com", user: null, covered: false }
const outside: Recipient = { address: "x@outside.test", canonical: "x@outside.test", domain: null, user: null, covered: false }
const to = (mode: Mode, recipients: Recipient[], submitter: string | null = null) =>
  route({ messageId: "m", now, mailFrom: "b@example.com", recipients, submitter, domains: new Map([["example.com", domain(mode)]]) })

describe("route", () => {
  it.each(["normal", "recovering"] as const)("%s: to the primary", (mode) => {
    expect(to(mode, [anna])).toMatchObject({ viaService: false, deliveries: [{ id: "m.0", target: "primary", hop: "primary:example.com", recipient: "Anna@Example.com", state: "queued", due: now, outageId: null }] })
  })
  it("emergency: into the mailbox at once, to the primary later", () => {
    expect(to("emergency", [anna])).toMatchObject({
      viaService: true,
      deliveries: [
        { target: "mailbox", hop: "mailbox", user: "anna@example.com", folder: "INBOX", copyOf: "m.1", state: "queued", outageId: "o1" },
        { id: "m.1", target: "primary", state: "held", heldFor: "drain", due: now, outageId: "o1" },
      ],
    })
  })
  it("emergency, not covered: queued for the primary, no mailbox (A11)", () => {
    expect(to("emergency", [learned])).toMatchObject({ viaService: false, deliveries: [{ target: "primary", state: "queued", outageId: "o1" }] })
    expect(to("emergency", [learned]).deliveries).toHaveLength(1)
  })
  it("outside and hosted in one mail, with a copy in Sent", () => {
    expect(to("normal", [anna, outside], "b@example.com").deliveries.map((delivery) => [delivery.hop, delivery.folder])).toEqual([["primary:example.com", null], ["outside", null], ["mailbox", "Sent"]])
  })
})

describe("archive view", () => {
  it("names directions", () => {
    expect(directionOf(false, [anna])).toBe("inbound")
    expect(directionOf(true, [anna])).toBe("internal")
    expect(directionOf(true, [anna, outside])).toBe("outbound")
  })
  it("belongs to recipients with an account and to the sender", () => expect(ownersOf("b@example.com", [anna, learned, outside])).toEqual(["b@example.com", "anna@example.com"]))
})

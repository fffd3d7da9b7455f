import type { DeliveryView } from "@lifeboat/shared/schemas/archive"
import { describe, expect, it } from "vitest"
import { whereabouts } from "./whereabouts.ts"

const delivery = (n: number, change: Partial<DeliveryView> = {}): DeliveryView => ({
  id: `m.${n}`, recipient: "anna@example.com", target: "primary", nextHop: "127.0.0.1:25", state: "delivered", attempts: 1, nextAttemptAt: null, reply: null, finishedAt: "2026-03-10T08:14:00.000Z", ...change,
})
const texts = (deliveries: DeliveryView[], own = ["anna@example.com"]) => whereabouts({ deliveries }, own).map(({ recipient, text, tone }) => [recipient, text, tone])

describe("where a mail is", () => {
  it.each([
    [{ state: "queued" }, "trail.onItsWay", "waiting"],
    [{ state: "active" }, "trail.onItsWay", "waiting"],
    [{ state: "deferred", nextAttemptAt: "2026-03-10T09:00:00.000Z" }, "trail.triesAgain", "waiting"],
    [{ state: "held", reply: "421 gone" }, "trail.waitsHere", "waiting"],
    [{ state: "held", reply: "550 5.1.1 no" }, "trail.refused", "failed"],
    [{}, "trail.atOwnServer", "done"],
    [{ recipient: "ben@example.com" }, "trail.atServer", "done"],
    [{ target: "mx" }, "trail.atServer", "done"],
    [{ state: "failed" }, "trail.failed", "failed"],
    [{ state: "cancelled" }, "trail.deleted", "done"],
    [{ state: "expired" }, "trail.expired", "failed"],
  ] as const)("%j", (change, text, tone) => expect(texts([delivery(0, change)])).toEqual([[change && "recipient" in change ? change.recipient : "anna@example.com", text, tone]]))

  it("is in the standby mailbox while it waits", () =>
    expect(texts([delivery(0, { target: "mailbox" }), delivery(1, { state: "held" })])).toEqual([["anna@example.com", "trail.waitsAndReadable", "waiting"]]))

  it("is what the newest delivery to each recipient says, the eleventh after the second", () => {
    const list = [delivery(11, { state: "queued" }), delivery(2), delivery(3, { recipient: "Anna@Example.com".toLowerCase() }), delivery(4, { recipient: "x@elsewhere.example", target: "mx" })]
    expect(texts(list)).toEqual([["anna@example.com", "trail.onItsWay", "waiting"], ["x@elsewhere.example", "trail.atServer", "done"]])
  })

  it("is nowhere to be told without deliveries", () => expect(texts([])).toEqual([]))
})

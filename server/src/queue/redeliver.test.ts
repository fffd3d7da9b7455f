import { describe, expect, it } from "vitest"
import { newDelivery } from "../routing/route.ts"
import type { MessageDocument } from "../store/documents.ts"
import { redeliverMessage } from "./redeliver.ts"

const now = new Date("2026-11-23T10:00:00Z")
const done = { state: "delivered", due: null, finishedAt: now } as const
const message = {
  _id: "m",
  viaService: true,
  deliveries: [
    { ...newDelivery("m.0", "mailbox", "mailbox", "Anna@example.com", "anna@example.com", now, "INBOX"), copyOf: "m.1", ...done },
    { ...newDelivery("m.1", "primary", "primary:example.com", "Anna@example.com", "anna@example.com", now), ...done },
    { ...newDelivery("m.2", "primary", "primary:example.com", "ben@example.com", "ben@example.com", now), ...done },
  ],
} as unknown as MessageDocument

describe("redeliverMessage", () => {
  it("makes a new delivery to the one who asks, and keeps the old ones", () => {
    const again = redeliverMessage(message, new Set(["anna@example.com"]), now)
    expect(again?.ids).toEqual(["m.3"])
    expect(again?.change.deliveries).toHaveLength(4)
    expect(again?.change.deliveries[3]).toMatchObject({ target: "primary", recipient: "Anna@example.com", state: "queued" })
  })
  it("goes to everybody when asked so, each once", () => expect(redeliverMessage(message, undefined, now)?.ids).toEqual(["m.3", "m.4"]))
  it("does nothing for somebody who was not a recipient", () => expect(redeliverMessage(message, new Set(["eve@example.com"]), now)).toBeUndefined())
})

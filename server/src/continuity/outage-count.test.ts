import { describe, expect, it } from "vitest"
import type { DeliveryState } from "@lifeboat/shared/delivery-state"
import type { Delivery } from "../store/documents.ts"
import { newDelivery } from "../routing/route.ts"
import { countMessage, nobody } from "./outage-count.ts"

const primary = (recipient: string, state: DeliveryState, outageId: string | null = "o1"): Delivery => ({
  ...newDelivery(`m.${recipient}`, "primary", "primary:example.com", recipient, null, new Date(0)), state, outageId,
})
const count = (rcptTo: string[], deliveries: Delivery[], body = true) =>
  countMessage({ envelope: { mailFrom: "", rcptTo, smtpUtf8: false, eightBit: false }, deliveries, hasBody: body }, "example.com", "o1", body)

describe("countMessage", () => {
  it.each<[DeliveryState, string]>([
    ["delivered", "delivered"], ["cancelled", "deletedByUser"], ["held", "held"], ["queued", "held"], ["active", "held"], ["deferred", "held"], ["failed", "failed"], ["expired", "failed"],
  ])("%s counts as %s", (state, name) => expect(count(["a@example.com"], [primary("a@example.com", state)])).toEqual({ ...nobody, accepted: 1, [name]: 1 }))

  it("adds up over recipients, and counts those of other domains nowhere", () => {
    const deliveries = [primary("a@example.com", "delivered"), primary("b@example.com", "cancelled"), newDelivery("m.o", "mx", "outside", "c@else.test", null, new Date(0))]
    expect(count(["a@example.com", "b@example.com", "c@else.test"], deliveries)).toEqual({ ...nobody, accepted: 2, delivered: 1, deletedByUser: 1 })
  })

  it("counts a recipient without any delivery as missing", () => {
    expect(count(["a@example.com", "B@EXAMPLE.com"], [primary("a@example.com", "delivered")])).toEqual({ ...nobody, accepted: 2, delivered: 1, missing: 1 })
  })

  it("counts an open delivery without its body as missing, a delivered one not", () => {
    expect(count(["a@example.com", "b@example.com"], [primary("a@example.com", "held"), primary("b@example.com", "delivered")], false)).toEqual({ ...nobody, accepted: 2, delivered: 1, missing: 1 })
  })

  it("leaves out what was delivered before the outage", () => {
    expect(count(["a@example.com", "b@example.com"], [primary("a@example.com", "delivered", null), primary("b@example.com", "held")])).toEqual({ ...nobody, accepted: 1, held: 1 })
  })

  it("counts a mail delivered again in the outage as accepted again", () => {
    const deliveries = [primary("a@example.com", "delivered", null), primary("a@example.com", "held")]
    expect(count(["a@example.com"], deliveries)).toEqual({ ...nobody, accepted: 1, held: 1 })
  })
})

import type { MessageSummary } from "@lifeboat/shared/schemas/archive"
import { expect, it } from "vitest"
import { redeliveryPlan } from "./redelivery-plan.ts"

const mail = (direction: MessageSummary["direction"], from: string, to: string) => ({ direction, from, to }) as MessageSummary

it("tells received from sent, and to whom the sent ones go", () => {
  const plan = redeliveryPlan([
    mail("inbound", "Maria <maria@nordlicht.example>", "anna@example.com"),
    mail("outbound", "Anna <anna@example.com>", '"Lindqvist, Maria" <Maria@Nordlicht.example>, ben@example.com'),
    mail("outbound", "Anna <anna@example.com>", "maria@nordlicht.example"),
    mail("internal", "Anna <Anna@example.com>", "clara@example.com"),
    mail("internal", "Ben <ben@example.com>", "anna@example.com"),
  ], "anna@example.com")
  expect([plan.received, plan.sent]).toEqual([2, 3])
  expect(plan.people.map((address) => address.toLowerCase())).toEqual(["maria@nordlicht.example", "ben@example.com", "clara@example.com"])
})

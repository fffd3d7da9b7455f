import { expect, it } from "vitest"
import { dayOf, daysAgo, endOfDay, filterOf } from "./period.ts"

it("reads the filter of an address, and only what means something", () => {
  expect(filterOf({ q: "x", part: "received", status: "held", from: "2026-03-01T00:00:00.000Z", to: "nonsense" }, ["held"])).toEqual({ q: "x", part: "received", status: "held", outage: "", from: "2026-03-01T00:00:00.000Z", to: "" })
  expect(filterOf({ q: ["a"], part: "sideways", status: "lost" }, ["held"])).toEqual({ q: "", part: "", status: "", outage: "", from: "", to: "" })
})
it("a day ends where the next begins, in the person's own calendar", () => {
  expect(dayOf(new Date(Date.parse(endOfDay("2026-03-28")) - 1))).toBe("2026-03-28")
  expect(new Date(endOfDay("2026-12-31")).getFullYear()).toBe(2027)
  expect([endOfDay(""), daysAgo(7, new Date("2026-03-10T08:00:00.000Z"))]).toEqual([expect.any(String), "2026-03-03T08:00:00.000Z"])
})

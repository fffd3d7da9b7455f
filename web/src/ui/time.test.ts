import { expect, it } from "vitest"
import { exactTime, fullTime, listTime, sinceTime } from "./time.ts"

const now = new Date("2026-03-10T22:30:00Z")
const berlin = { language: "de", zone: "Europe/Berlin" }
const london = { language: "en", zone: "Europe/London" }

it("shows today's mail by its time, in the reader's zone", () => {
  expect(listTime("2026-03-10T08:14:00Z", now, berlin)).toBe("09:14")
  expect(listTime("2026-03-09T23:30:00Z", now, berlin)).toBe("00:30")
  expect(listTime("2026-03-09T23:30:00Z", now, london)).toBe("9 Mar")
})
it("shows older mail by its day, and its year when it was another", () => {
  expect(listTime("2026-01-05T08:14:00Z", now, berlin)).toBe("5. Jan.")
  expect(listTime("2025-12-31T22:00:00Z", now, berlin)).toBe("31.12.25")
})
it("says since when", () => {
  expect(sinceTime("2026-03-10T08:14:00Z", now, berlin)).toBe("09:14")
  expect(sinceTime("2026-03-08T08:14:00Z", now, berlin)).toBe("8. März um 09:14")
})
it("is exact in trails, whole in mails, and empty for what is no time", () => {
  expect(exactTime("2026-03-10T08:14:05Z", berlin)).toBe("10.03.2026, 09:14:05")
  expect(fullTime("2026-03-10T08:14:05Z", london)).toBe("Tue, 10 Mar 2026, 08:14")
  expect([exactTime("", berlin), fullTime("x", berlin), listTime("x", now, berlin), sinceTime("", now, berlin)]).toEqual(["", "", "", ""])
})

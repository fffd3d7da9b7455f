import { expect, it } from "vitest"
import { eventTime, repetition } from "./event-time.ts"

it.each([
  [{ start: "2026-06-01T12:00:00.000Z", end: "2026-06-01T13:00:00.000Z", allDay: false, floating: false }, "de", "Montag, 1. Juni 2026, 14:00–15:00 Uhr"],
  [{ start: "2026-06-01T12:00:00.000Z", end: "2026-06-01T13:00:00.000Z", allDay: false, floating: false }, "en", "Monday, 1 June 2026, 14:00–15:00"],
  [{ start: "2026-06-01T12:00:00.000Z", end: null, allDay: false, floating: false }, "de", "Montag, 1. Juni 2026 um 14:00"],
  [{ start: "2026-06-01T00:00:00.000Z", end: "2026-06-02T00:00:00.000Z", allDay: true, floating: false }, "de", "Montag, 1. Juni 2026"],
  [{ start: "2026-06-01T00:00:00.000Z", end: "2026-06-03T00:00:00.000Z", allDay: true, floating: false }, "de", "Montag, 1. – Dienstag, 2. Juni 2026"],
  [{ start: "2026-06-01T12:00:00.000Z", end: "2026-06-01T13:00:00.000Z", allDay: false, floating: true }, "de", "Montag, 1. Juni 2026, 12:00–13:00 Uhr"],
  [{ start: null, end: null, allDay: false, floating: false }, "de", ""],
])("%j in %s", (event, language, text) => expect(eventTime(event, language, "Europe/Berlin").replaceAll("\u2009", " ").replaceAll("\u202f", " ")).toBe(text))

it("does not move whole days to another zone", () => expect(eventTime({ start: "2026-06-01T00:00:00.000Z", end: null, allDay: true, floating: false }, "de", "America/New_York")).toContain("1. Juni"))

it("says how often", () => {
  expect(repetition("FREQ=WEEKLY;COUNT=3;BYDAY=MO")).toEqual({ every: "week", interval: 1, count: 3, until: undefined })
  expect(repetition("FREQ=MONTHLY;INTERVAL=2;UNTIL=20261231T000000Z")).toEqual({ every: "month", interval: 2, count: undefined, until: new Date("2026-12-31T00:00:00Z") })
  for (const odd of ["", "FREQ=SECONDLY", "FREQ=DAILY;INTERVAL=0", "nonsense"]) expect(repetition(odd)).toBeUndefined()
})

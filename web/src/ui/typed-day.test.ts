import { expect, it } from "vitest"
import { dayText, readDay } from "./typed-day.ts"

it.each([
  ["23.11.2026", "2026-11-23"], ["3.1.26", "2026-01-03"], ["03/01/2026", "2026-01-03"], ["3 1 2026", "2026-01-03"], ["03-01-2026", "2026-01-03"], ["2026-1-3", "2026-01-03"], ["23112026", "2026-11-23"], ["2311", "2025-11-23"],
  ["4.3.", "2026-03-04"], ["5.3.", "2025-03-05"], ["29.2.", "2024-02-29"], [" 1.2. ", "2026-02-01"],
  ["31.2.2026", undefined], ["0.1.2026", undefined], ["1.13.2026", undefined], ["morgen", undefined], ["", undefined], ["1", undefined], ["1.2.202", undefined], ["1.1.1234", undefined],
])("%j is %s on the fourth of March 2026", (text, day) => expect(readDay(text, "2026-03-04")).toBe(day))

it("is written as the page's language has it, and read as it is written", () => {
  expect([dayText("2026-11-03", "de"), dayText("2026-11-03", "en"), dayText("", "de")]).toEqual(["03.11.2026", "03/11/2026", ""])
  for (const language of ["de", "en"] as const) expect(readDay(dayText("2026-11-03", language), "2026-12-01")).toBe("2026-11-03")
})

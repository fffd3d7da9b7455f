import { expect, it } from "vitest"
import { duration } from "./duration.ts"

it.each([
  ["2026-01-01T10:00:00Z", "2026-01-01T10:00:12Z", "12 s"],
  ["2026-01-01T10:00:00Z", "2026-01-01T10:04:09Z", "4 min 09 s"],
  ["2026-01-01T10:00:00Z", "2026-01-02T11:04:30Z", "25 h 04 min"],
  ["2026-01-01T10:00:00Z", "2026-01-01T09:00:00Z", "0 s"],
])("%s to %s is %s", (start, end, expected) => expect(duration(start, end)).toBe(expected))

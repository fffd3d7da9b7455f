import { expect, it } from "vitest"
import { mailDate } from "./mail-date.ts"

it.each([
  ["Mon, 30 Nov 2026 02:00:00 +0000", "2026-11-30T02:00:00.000Z"],
  ["Mon, 30 Nov 1899 02:00:00 +0000", "1899-11-30T02:00:00.000Z"],
  ["Mon, 30 Nov 99999 02:00:00 +0000", undefined],
  ["not a date at all", undefined],
  ["", undefined],
  [null, undefined],
])("%j names %j", (text, time) => expect(mailDate(text)?.toISOString()).toBe(time))

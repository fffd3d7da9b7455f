import { expect, test } from "vitest"
import { nextAttempt, outsideExpiry } from "./retry-schedule.ts"

const start = new Date("2026-01-01T00:00:00Z")
const later = (minutes: number) => new Date(start.getTime() + minutes * 60_000)
const day = 24 * 60
const question = { attempts: 1, firstFailedAt: start, now: start, expireAt: later(90 * day), random: 0.5 }

test("waits 1, 2, 5, 10, 15, 20 and then 30 minutes", () => {
  let now = start
  const waits: number[] = []
  for (let attempts = 1; attempts <= 9; attempts++) {
    const due = nextAttempt({ ...question, attempts, now })
    if (due === "expired") throw new Error("expired early")
    waits.push((due.getTime() - now.getTime()) / 60_000)
    now = due
  }
  expect(waits).toEqual([1, 2, 5, 10, 15, 20, 30, 30, 30])
})

test("keeps jitter within 10 %", () => {
  expect(nextAttempt({ ...question, attempts: 4, now: later(8), random: 0 })).toEqual(later(8 + 9))
  const most = nextAttempt({ ...question, attempts: 4, now: later(8), random: 0.999_999 })
  expect(most).not.toBe("expired")
  expect((most as Date).getTime()).toBeLessThanOrEqual(later(8 + 11).getTime())
  expect((most as Date).getTime()).toBeGreaterThan(later(8 + 10.9).getTime())
})

test("tries a last time at the end, then it is expired", () => {
  const expireAt = later(90 * day)
  expect(nextAttempt({ ...question, attempts: 500, now: later(90 * day - 3), expireAt })).toEqual(expireAt)
  expect(nextAttempt({ ...question, attempts: 501, now: expireAt, expireAt })).toBe("expired")
})

test("goes on for 90 days in steps of about half an hour", () => {
  let now = start
  let attempts = 0
  for (;;) {
    const due = nextAttempt({ ...question, attempts: ++attempts, now })
    if (due === "expired") break
    expect(due.getTime()).toBeGreaterThan(now.getTime())
    now = due
  }
  expect(now).toEqual(question.expireAt)
  expect(attempts).toBeGreaterThan(4_000)
  expect(attempts).toBeLessThan(5_000)
})

test("many attempts by hand in the first minute do not push it out", () => {
  expect(nextAttempt({ ...question, attempts: 40, now: later(1) })).toEqual(later(6))
})

test("a clock set back neither expires it nor makes it wait", () => {
  expect(nextAttempt({ ...question, attempts: 3, firstFailedAt: later(5000), now: start })).toEqual(later(5))
})

test("times are scaled", () => {
  expect(nextAttempt({ ...question, scale: (ms) => ms / 20 })).toEqual(new Date(start.getTime() + 3_000))
})

test("mail to the outside is given up after five days, never after its body", () => {
  expect(outsideExpiry(start, later(90 * day))).toEqual(later(5 * day))
  expect(outsideExpiry(start, later(2 * day))).toEqual(later(2 * day))
})

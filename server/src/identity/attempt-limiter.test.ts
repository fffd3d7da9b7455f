import { describe, expect, it } from "vitest"
import { AttemptLimiter, networkOf } from "./attempt-limiter.ts"

const account = "anna@example.com"
const minute = 60_000

function guess(limiter: AttemptLimiter, times: number, address = "192.0.2.1", at = 0): void {
  for (let i = 0; i < times; i++) limiter.begun(account, address, at)
}

describe("AttemptLimiter", () => {
  it("leaves a few mistakes free, then doubles the wait up to a minute", () => {
    const limiter = new AttemptLimiter()
    guess(limiter, 4)
    expect(limiter.waitMs(account, "192.0.2.1", 0)).toBe(0)
    const waits: number[] = []
    for (let i = 0; i < 8; i++) {
      guess(limiter, 1)
      waits.push(limiter.waitMs(account, "192.0.2.1", 0))
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  })

  it("opens again by itself and forgets after a quarter of an hour", () => {
    const limiter = new AttemptLimiter()
    guess(limiter, 12)
    expect(limiter.waitMs(account, "192.0.2.1", minute)).toBe(0)
    guess(limiter, 1, "192.0.2.1", 20 * minute)
    expect(limiter.waitMs(account, "192.0.2.1", 20 * minute)).toBe(0)
  })

  it("does not keep the user out at another address, however long a stranger guesses", () => {
    const limiter = new AttemptLimiter()
    guess(limiter, 20)
    expect(limiter.waitMs(account, "198.51.100.1", 0)).toBe(0)
  })

  it("slows down guessing from everywhere, except where the user signed in before", () => {
    const limiter = new AttemptLimiter()
    limiter.begun(account, "198.51.100.1", 0)
    limiter.succeeded(account, "198.51.100.1", 0)
    for (let n = 0; n < 60; n++) limiter.begun(account, `10.${n}.0.1`, 1)
    expect(limiter.waitMs(account, "203.0.113.1", 1)).toBeGreaterThan(0)
    expect(limiter.waitMs(account, "198.51.100.7", 1)).toBe(0)
  })

  it("slows down one network that tries many accounts, and no other", () => {
    const limiter = new AttemptLimiter()
    for (let n = 0; n < 60; n++) limiter.begun(`user${n}@example.com`, `192.0.2.${n}`, 0)
    expect(limiter.waitMs("fresh@example.com", "192.0.2.200", 0)).toBeGreaterThan(0)
    expect(limiter.waitMs("fresh@example.com", "192.0.3.1", 0)).toBe(0)
  })

  it("does not count successes", () => {
    const limiter = new AttemptLimiter()
    for (let n = 0; n < 200; n++) {
      limiter.begun(account, "192.0.2.1", 0)
      limiter.succeeded(account, "192.0.2.1", 0)
    }
    expect(limiter.waitMs(account, "192.0.2.1", 0)).toBe(0)
    expect(limiter.waitMs("other@example.com", "192.0.2.1", 0)).toBe(0)
  })
})

describe("networkOf", () => {
  it.each([
    ["192.0.2.17", "192.0.2"],
    ["::ffff:192.0.2.17", "192.0.2"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"],
    ["::1", "0:0:0:0"],
  ])("%s → %s", (address, network) => expect(networkOf(address)).toBe(network))
})

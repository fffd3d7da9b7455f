import { expect, it } from "vitest"
import { RequestLimiter } from "./request-limiter.ts"

it("lets so many through in each span of time, each key for itself", () => {
  const limiter = new RequestLimiter(2, 1_000)
  expect([limiter.take("a", 0), limiter.take("a", 10), limiter.take("a", 400)]).toEqual([0, 0, 600])
  expect(limiter.take("b", 400)).toBe(0)
  expect([limiter.take("a", 1_000), limiter.take("a", 1_001), limiter.take("a", 1_002)]).toEqual([0, 0, 998])
})

import { describe, expect, it } from "vitest"
import { canary, nextRamp, type RampNews } from "./ramp.ts"

const run = (news: readonly RampNews[], limit = 20) => news.reduce((ramp, one) => nextRamp(ramp, one, limit), canary).width
const successes = (count: number): RampNews[] => Array.from({ length: count }, () => "success")

describe("ramp", () => {
  it.each<[string, RampNews[], number]>([
    ["begins with one canary", [], 1],
    ["doubles after the canary", successes(1), 2],
    ["waits for the whole round", successes(2), 2],
    ["doubles after each round", successes(3), 4],
    ["doubles again", successes(7), 8],
    ["goes no further than the limit", successes(500), 20],
    ["halves when the primary is busy", [...successes(7), "busy"], 4],
    ["begins its round again when the primary is busy", [...successes(10), "busy", ...successes(3)], 4],
    ["never falls below one", ["busy", "busy"], 1],
    ["begins anew after a failure of the host", [...successes(100), "host-failure"], 1],
  ])("%s", (_name, news, width) => expect(run(news)).toBe(width))
})

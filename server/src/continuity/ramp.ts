/** How many connections a drain uses: 1 (the canary), then twice as many after each round that succeeded. */
export interface Ramp {
  readonly width: number
  /** Deliveries that succeeded in this round. */
  readonly done: number
}

/** What one outcome means for the ramp: `busy` is a primary that asks for less (421, 452, mails deferred). */
export type RampNews = "success" | "busy" | "host-failure"

/** The canary: one delivery alone. */
export const canary: Ramp = { width: 1, done: 0 }

/** The ramp after one more outcome. A round is over when as many succeeded as run side by side. Pure. */
export function nextRamp(ramp: Ramp, news: RampNews, limit: number): Ramp {
  if (news === "host-failure") return canary
  if (news === "busy") return { width: Math.max(1, Math.floor(ramp.width / 2)), done: 0 }
  if (ramp.width >= limit) return ramp
  const done = ramp.done + 1
  return done < ramp.width ? { width: ramp.width, done } : { width: Math.min(limit, ramp.width * 2), done: 0 }
}

const minute = 60_000

/** Waits after the first, second … failed attempt. The first ones suit greylisting, which lets a mail pass after 1–5 min. */
const waits = [1, 2, 5, 10, 15, 20, 30].map((minutes) => minutes * minute)
const longest = 30 * minute
const jitter = 0.1
const outsideDays = 5

export interface RetryQuestion {
  /** Attempts that failed so far, this one included. */
  readonly attempts: number
  readonly firstFailedAt: Date
  readonly now: Date
  /** When we give up: the domain's retention, for mail to the outside see {@link outsideExpiry}. */
  readonly expireAt: Date
  /** From 0 to below 1. */
  readonly random: number
  /** Divides a waiting time (`config.scaled`); left out: as it is. */
  readonly scale?: (ms: number) => number
}

/**
 * When a deferred delivery is tried again: after 1, 2, 5, 10, 15, 20 and then every 30 minutes, ±10 %, with a last try at
 * the end of its time; after that `expired`. Times count from now, so a clock that jumped cannot expire or delay much.
 * Attempts asked for by hand do not push it far out: the wait is never above 5 min or twice the time it has failed for.
 */
export function nextAttempt(question: RetryQuestion): Date | "expired" {
  const { attempts, firstFailedAt, now, expireAt, random, scale = (ms: number) => ms } = question
  if (now >= expireAt) return "expired"
  const planned = scale(waits[Math.max(0, attempts - 1)] ?? longest)
  const age = Math.max(0, now.getTime() - firstFailedAt.getTime())
  const wait = Math.min(planned, Math.max(scale(5 * minute), 2 * age))
  const due = now.getTime() + wait * (1 - jitter + 2 * jitter * random)
  return new Date(Math.min(Math.max(due, now.getTime() + 1), expireAt.getTime()))
}

/** When mail to the outside is given up (RFC 5321 §4.5.4.1): five days after it arrived, or when its body goes, if that is sooner. */
export function outsideExpiry(receivedAt: Date, bodyExpireAt: Date): Date {
  return new Date(Math.min(receivedAt.getTime() + outsideDays * 24 * 60 * minute, bodyExpireAt.getTime()))
}

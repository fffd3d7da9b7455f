const maxKeys = 10_000

/** Lets so many requests of one key through in a span of time, `windowMs` long. In memory, bounded; `now` is in milliseconds. */
export class RequestLimiter {
  readonly #allowed: number
  readonly #windowMs: number
  readonly #windows = new Map<string, { count: number; readonly until: number }>()

  constructor(allowed: number, windowMs: number) {
    this.#allowed = allowed
    this.#windowMs = windowMs
  }

  /** Counts a request. Milliseconds to wait; 0: go ahead. */
  take(key: string, now: number): number {
    const window = this.#windows.get(key)
    if (window && window.until > now) {
      if (window.count >= this.#allowed) return window.until - now
      window.count++
      return 0
    }
    this.#windows.delete(key)
    this.#windows.set(key, { count: 1, until: now + this.#windowMs })
    for (const [old, { until }] of this.#windows) {
      if (until > now && this.#windows.size <= maxKeys) break
      this.#windows.delete(old)
    }
    return 0
  }
}

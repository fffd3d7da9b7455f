import type { Logger } from "../logger.ts"

const pollMs = 500

/** What a {@link ClaimLoop} does. */
export interface ClaimedWork<T> {
  /** Takes up the next piece that is due; null: there is none. */
  readonly claim: () => Promise<T | null>
  /** Never throws: what fails for now is put off. */
  readonly work: (claimed: T) => Promise<void>
  /** Pieces worked on side by side. */
  readonly atOnce: number
  /** Said in the log when the database does not answer. */
  readonly waits: string
  readonly log: Logger
}

/** Takes up what is due in the database, twice a second and when nudged, and works on some of it side by side. */
export class ClaimLoop<T> {
  readonly #options: ClaimedWork<T>
  readonly #running = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #claiming = false

  constructor(options: ClaimedWork<T>) {
    this.#options = options
  }

  get started(): boolean {
    return this.#timer !== undefined
  }

  start(): void {
    this.#timer ??= setInterval(() => this.nudge(), pollMs)
    this.#timer.unref()
  }

  /** Looks for work at once. */
  nudge(): void {
    void this.#poll()
  }

  /** Takes up nothing more, and waits for what is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    await Promise.all(this.#running)
  }

  async #poll(): Promise<void> {
    if (this.#claiming) return
    this.#claiming = true
    try {
      while (this.started && this.#running.size < this.#options.atOnce) {
        const claimed = await this.#options.claim()
        if (claimed === null) return
        const work = this.#options.work(claimed).finally(() => this.#running.delete(work))
        this.#running.add(work)
      }
    } catch (error) {
      this.#options.log.debug({ error: String(error) }, this.#options.waits)
    } finally {
      this.#claiming = false
    }
  }
}

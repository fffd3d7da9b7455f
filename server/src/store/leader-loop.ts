import { setTimeout as sleep } from "node:timers/promises"
import { Lease } from "./lease.ts"
import type { Database } from "./database.ts"

/** What a {@link LeaderLoop} does. */
export interface LeaderWork {
  readonly database: Database
  /** Name of the lease, in `state`. */
  readonly lease: string
  /** How long another node waits for this one, milliseconds. */
  readonly leaseDuration: number
  /** One turn, begun with the lease held; says for how many milliseconds to rest afterwards. A long turn renews the lease itself. */
  readonly turn: (lease: Lease, signal: AbortSignal) => Promise<number>
  /** A turn, or taking the lease, failed. */
  readonly failed: (error: unknown) => Promise<void> | void
  /** Rest after a failure, and while another node does the work, milliseconds. */
  readonly rest: number
}

/** Does in turns what one node at a time does. Failures end a turn, never the loop. */
export class LeaderLoop {
  readonly #work: LeaderWork
  readonly #lease: Lease
  readonly #stopping = new AbortController()
  #wake = new AbortController()
  #running: Promise<void> | undefined

  constructor(work: LeaderWork) {
    this.#work = work
    this.#lease = new Lease(work.database, work.lease, work.leaseDuration)
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Ends the turn under way and lets another node go on. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  /** Begins the next turn now. */
  nudge(): void {
    this.#wake.abort()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    const { turn, failed } = this.#work
    while (!signal.aborted) {
      this.#wake = new AbortController()
      let { rest } = this.#work
      try {
        if (await this.#lease.take()) rest = await turn(this.#lease, signal)
      } catch (error) {
        if (!signal.aborted) await failed(error)
      }
      await sleep(rest, undefined, { signal: AbortSignal.any([signal, this.#wake.signal]) }).catch(() => undefined)
    }
    await this.#lease.release().catch(() => undefined)
  }
}

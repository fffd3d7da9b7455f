import { mailStreamEvents } from "@lifeboat/shared/mail-stream-events"

/** Every event that any of our streams sends; `alive` is the heartbeat. */
const names = [...mailStreamEvents, "message", "alive"] as const

/** The server sends a sign of life every 15 s: after this time without one the connection is dead, whatever the browser believes. */
const silentMs = 40_000
/** Coming back to a page after sleep or another network: this much silence is enough to ask anew. */
const doubtfulMs = 20_000
const watchMs = 5_000
const retryMs = [1_000, 2_000, 4_000, 8_000, 15_000] as const

/** What of `EventSource` is used. */
export interface Source {
  readonly readyState: number
  addEventListener(name: string, listener: (event: { readonly data?: unknown }) => void): void
  close(): void
}

/** What a connection tells. `open`: it stands, `again` after a break, in which events may have been missed. */
export interface ConnectionListener {
  event(name: string, data: string): void
  open(again: boolean): void
  lost(): void
}

/** The surroundings of a connection; times in milliseconds. */
export interface ConnectionParts {
  open(): Source
  now(): number
  /** Asks whether the session still is; where it is not, the page is told elsewhere and this answers false. */
  signedIn(): Promise<boolean>
}

const closed = 2

/** Keeps one stream of server-sent events open: after errors, refusals, a restart of the server, sleep, another network. */
export class StreamConnection {
  readonly #parts: ConnectionParts
  readonly #listener: ConnectionListener
  #source: Source | undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  readonly #watch: ReturnType<typeof setInterval>
  #lastSign: number
  #failures = 0
  #broken: boolean
  #ended = false

  /** `gap`: somebody else held the stream before, so that the first opening already comes after a break. */
  constructor(parts: ConnectionParts, listener: ConnectionListener, gap: boolean) {
    this.#parts = parts
    this.#listener = listener
    this.#broken = gap
    this.#lastSign = parts.now()
    this.#watch = setInterval(() => this.#doubt(silentMs), watchMs)
    this.#open()
  }

  /** The page was shown again or the network came back. */
  wake(): void {
    if (this.#ended) return
    if (!this.#source || this.#source.readyState === closed) this.#reopen()
    else this.#doubt(doubtfulMs)
  }

  /** The network is gone: no use in holding on. */
  sleep(): void {
    this.#drop()
  }

  end(): void {
    this.#ended = true
    clearInterval(this.#watch)
    clearTimeout(this.#retry)
    this.#source?.close()
  }

  #doubt(limit: number): void {
    if (this.#source && this.#parts.now() - this.#lastSign > limit) this.#reopen()
  }

  #reopen(): void {
    this.#drop()
    this.#open()
  }

  #drop(): void {
    clearTimeout(this.#retry)
    this.#source?.close()
    this.#source = undefined
    this.#lost()
  }

  #lost(): void {
    this.#broken = true
    this.#listener.lost()
  }

  #open(): void {
    if (this.#ended) return
    const source = this.#parts.open()
    this.#source = source
    this.#lastSign = this.#parts.now()
    const current = () => this.#source === source && !this.#ended
    source.addEventListener("open", () => {
      if (!current()) return
      this.#lastSign = this.#parts.now()
      this.#failures = 0
      const again = this.#broken
      this.#broken = false
      this.#listener.open(again)
    })
    for (const name of names) {
      source.addEventListener(name, (event) => {
        if (!current()) return
        this.#lastSign = this.#parts.now()
        if (name !== "alive") this.#listener.event(name, String(event.data))
      })
    }
    source.addEventListener("error", () => {
      if (!current()) return
      this.#lost()
      if (source.readyState === closed) void this.#refused(source)
    })
  }

  /** The server answered, but with no stream: the session may be over, or it is not ready yet. */
  async #refused(source: Source): Promise<void> {
    const wait = retryMs[Math.min(this.#failures++, retryMs.length - 1)]
    const goOn = await this.#parts.signedIn()
    if (this.#ended || this.#source !== source) return
    this.#source = undefined
    if (goOn) this.#retry = setTimeout(() => this.#open(), wait)
  }
}

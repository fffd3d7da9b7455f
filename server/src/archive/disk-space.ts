import { statfs } from "node:fs/promises"
import type { Logger } from "../logger.ts"

const interval = 5_000
/** Free space below which no mail is taken, as a multiple of the largest message. */
const margin = 1.5

/** Whether the disk has room for mail: looked at every 5 s, answered from memory. */
export class DiskSpace {
  readonly #folder: string
  readonly #needed: number
  readonly #log: Logger
  #full = false
  #timer: NodeJS.Timeout | undefined

  /** `messageBytes`: the largest message that may come. */
  constructor(folder: string, messageBytes: number, log: Logger) {
    this.#folder = folder
    this.#needed = messageBytes * margin
    this.#log = log
  }

  get full(): boolean {
    return this.#full
  }

  start(): void {
    const look = () => void this.#look()
    this.#timer = setInterval(look, interval)
    this.#timer.unref()
    look()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #look(): Promise<void> {
    const space = await statfs(this.#folder).catch(() => undefined)
    if (!space) return
    const full = space.bavail * space.bsize < this.#needed
    if (full !== this.#full) this.#log.warn({ full, folder: this.#folder }, full ? "the disk is nearly full: no mail is taken until there is room" : "there is room on the disk again")
    this.#full = full
  }
}

/** How saving stands: nothing to do, changes that wait, on its way, or not possible right now. */
export type SaveState = "clean" | "waiting" | "saving" | "failed"

export interface SaveRhythm {
  /** How long the last saving took, milliseconds. */
  readonly lastDuration: number
  /** Failures since it last worked. */
  readonly failures: number
}

const shortest = 3_000
const longest = 60_000

/** Milliseconds until changes are saved: 3 s, longer where saving itself takes long, and less and less often while it fails. */
export function nextSaveIn({ lastDuration, failures }: SaveRhythm): number {
  if (failures > 0) return Math.min(longest, 2_000 * 2 ** Math.min(failures, 6))
  return Math.min(longest, Math.max(shortest, lastDuration * 6))
}

export interface SaverOptions {
  /** Saves what is there now. Throws where that is not possible now; answers false where it never will be as it stands. */
  readonly save: () => Promise<boolean>
  readonly changed: (state: SaveState) => void
  readonly now: () => number
  readonly later: (run: () => void, milliseconds: number) => () => void
}

/** Saves a draft again and again: never two at once, always the newest, and never less because one failed. */
export class DraftSaver {
  readonly #options: SaverOptions
  #state: SaveState = "clean"
  #version = 0
  #saved = 0
  #running: Promise<boolean> | undefined
  #cancel: (() => void) | undefined
  #stopped = false
  #lastDuration = 0
  #failures = 0

  constructor(options: SaverOptions) {
    this.#options = options
  }

  get clean(): boolean {
    return this.#saved === this.#version
  }

  /** Something was written. */
  touch(): void {
    this.#version++
    if (this.#state !== "saving" && this.#state !== "failed") this.#become("waiting")
    this.#plan()
  }

  /** Tries again at once, as when the connection is back. */
  again(): void {
    if (this.clean || this.#stopped) return
    this.#failures = 0
    void this.flush()
  }

  /** Saves now what is not saved yet; answers whether everything is saved. */
  async flush(): Promise<boolean> {
    this.#unplan()
    if (this.#running) await this.#running
    if (this.clean) return true
    if (this.#stopped) return false
    return this.#run()
  }

  /** No saving from here on; waits for the one that is on its way. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#unplan()
    await this.#running
  }

  /** Goes on after `stop`. */
  resume(): void {
    this.#stopped = false
    if (!this.clean) this.#plan()
  }

  #run(): Promise<boolean> {
    const version = this.#version
    const begun = this.#options.now()
    this.#become("saving")
    this.#running = this.#options.save().then(
      (whole) => {
        this.#failures = 0
        if (whole) this.#saved = version
        return whole
      },
      () => {
        this.#failures++
        return false
      },
    ).then((worked) => {
      this.#running = undefined
      this.#lastDuration = this.#options.now() - begun
      if (this.clean) this.#become("clean")
      else {
        this.#become(worked ? "waiting" : "failed")
        if (worked || this.#failures > 0) this.#plan()
      }
      return worked
    })
    return this.#running
  }

  #plan(): void {
    if (this.#cancel || this.#running || this.#stopped) return
    this.#cancel = this.#options.later(() => {
      this.#cancel = undefined
      void this.#run()
    }, nextSaveIn({ lastDuration: this.#lastDuration, failures: this.#failures }))
  }

  #unplan(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #become(state: SaveState): void {
    this.#state = state
    this.#options.changed(state)
  }
}

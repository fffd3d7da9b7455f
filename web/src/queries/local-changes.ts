/** Marks of a row that were changed here. */
interface Overlay<M> {
  readonly marks: M
  /** When the server had confirmed it; undefined while it is still on its way. */
  settledAt: number | undefined
}

/** How long an answer may still show what was before a change that the server has confirmed, milliseconds. */
const lagMs = 10_000
const mostGone = 20_000

/**
 * What was changed here and may not be in the server's answers yet. What was taken away stays away, whatever list comes:
 * a mail that is moved gets another id, so an id that went never returns. Times are of one steady clock, milliseconds.
 */
export class LocalChanges<T extends M, M extends object> {
  readonly #keysOf: (row: T) => readonly string[]
  readonly #gone = new Set<string>()
  readonly #overlays = new Map<string, Overlay<M>>()

  /** `keysOf`: names under which a row can be taken away; the first one is its own. */
  constructor(keysOf: (row: T) => readonly string[]) {
    this.#keysOf = keysOf
  }

  take(keys: readonly string[]): void {
    for (const key of keys) this.#gone.add(key)
    for (const key of this.#gone) {
      if (this.#gone.size <= mostGone) return
      this.#gone.delete(key)
    }
  }

  giveBack(keys: readonly string[]): void {
    for (const key of keys) this.#gone.delete(key)
  }

  isGone(row: T): boolean {
    return this.#keysOf(row).some((key) => this.#gone.has(key))
  }

  /** Lays marks over a row. Answers what ends it: `settle` once the server has it, `drop` when it refused. */
  mark(key: string, marks: M): { settle(now: number): void; drop(): void } {
    const overlay: Overlay<M> = { marks: { ...this.#overlays.get(key)?.marks, ...marks }, settledAt: undefined }
    this.#overlays.set(key, overlay)
    const current = () => this.#overlays.get(key) === overlay
    return {
      settle: (now) => {
        overlay.settledAt = now
      },
      drop: () => {
        if (current()) this.#overlays.delete(key)
      },
    }
  }

  /** A page of the server, asked for at `askedAt`, without what was taken away here and with what was marked here. */
  admit(rows: readonly T[], askedAt: number): T[] {
    return rows.filter((row) => !this.isGone(row)).map((row) => this.#laidOver(row, askedAt))
  }

  #laidOver(row: T, askedAt: number): T {
    const [key = ""] = this.#keysOf(row)
    const overlay = this.#overlays.get(key)
    if (!overlay) return row
    const { marks, settledAt } = overlay
    const shown = (Object.keys(marks) as (keyof M & keyof T)[]).every((name) => row[name] === (marks as T)[name])
    if (settledAt !== undefined && askedAt > settledAt && (shown || askedAt > settledAt + lagMs)) {
      this.#overlays.delete(key)
      return row
    }
    return shown ? row : { ...row, ...marks }
  }
}

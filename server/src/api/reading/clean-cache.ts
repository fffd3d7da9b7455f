import type { SafeHtml } from "../mail-html.ts"

const maxCharacters = 48_000_000

/**
 * Cleaned mails, so that opening one and fetching its page clean it once. In memory, bounded by characters, the oldest
 * go first. Keys must name a mail that never changes, and everything that decides how it is cleaned; whoever asks has
 * been found to be its owner before.
 */
export class CleanCache {
  readonly #kept = new Map<string, SafeHtml>()
  readonly #limit: number
  #size = 0

  constructor(limit = maxCharacters) {
    this.#limit = limit
  }

  find(key: string): SafeHtml | undefined {
    const known = this.#kept.get(key)
    if (known) {
      this.#kept.delete(key)
      this.#kept.set(key, known)
    }
    return known
  }

  keep(key: string, made: SafeHtml): SafeHtml {
    const size = sizeOf(made)
    if (size > this.#limit / 4 || this.#kept.has(key)) return made
    this.#kept.set(key, made)
    this.#size += size
    for (const [oldest, value] of this.#kept) {
      if (this.#size <= this.#limit) break
      this.#kept.delete(oldest)
      this.#size -= sizeOf(value)
    }
    return made
  }
}

/** A small mail weighs something, too. */
function sizeOf({ html, styles }: SafeHtml): number {
  return html.length + styles.length + 500
}

import type { StoredMail } from "../../mailbox/wildduck-schemas.ts"
import type { StoredReading } from "./stored-reading.ts"

/** A mail of the mailbox with what it says. */
export interface OpenedMail {
  readonly mail: StoredMail
  readonly read: StoredReading
}

const keptMs = 30_000
const maxKept = 40
/** Larger mails are read again rather than kept, characters. */
const maxCharacters = 500_000

/**
 * Mails that are being read or were just now, so that a mail and its page, which are asked for at once, are read once.
 * What a mail says never changes (RFC 3501 §2.3.1.1); its marks do, and are asked for anew. Whoever asks has been found to
 * be its owner before.
 */
export class RecentReadings {
  readonly #kept = new Map<string, { readonly at: number; readonly opened: Promise<OpenedMail> }>()

  /** @param key Folder and number of the mail. @param now Milliseconds that never go back. */
  find(key: string, now: number): Promise<OpenedMail> | undefined {
    const known = this.#kept.get(key)
    return known && now - known.at < keptMs ? known.opened : undefined
  }

  keep(key: string, opened: Promise<OpenedMail>, now: number): Promise<OpenedMail> {
    const entry = { at: now, opened }
    const forget = () => {
      if (this.#kept.get(key) === entry) this.#kept.delete(key)
    }
    this.#kept.delete(key)
    this.#kept.set(key, entry)
    for (const [oldest, { at }] of this.#kept) {
      if (this.#kept.size <= maxKept && now - at < keptMs) break
      this.#kept.delete(oldest)
    }
    opened.then(({ read }) => {
      if (read.text.length + (read.html?.length ?? 0) > maxCharacters) forget()
    }, forget)
    return opened
  }
}

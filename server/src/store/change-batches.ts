import { setTimeout as sleep } from "node:timers/promises"
import type { ChangeStream, Document, ResumeToken } from "mongodb"

/** Changes at most in one batch, and asked for at once. */
export const batchSize = 500
/** How long the database waits for a change before it says that there is none, milliseconds. */
export const idleWait = 500
/** A batch waits this long for more, milliseconds. */
const batchWait = 20

/** A change stream in batches: what has come within a moment is handled together. */
export class ChangeBatches {
  readonly #stream: ChangeStream<Document, Document>
  #pending: Promise<Document | null> | undefined

  constructor(stream: ChangeStream<Document, Document>) {
    this.#stream = stream
  }

  /** The next changes, none after `idleWait`; `token` resumes after them. */
  async next(): Promise<{ readonly changes: Document[]; readonly token: ResumeToken | undefined }> {
    const changes: Document[] = []
    let change = await this.#ask()
    while (change) {
      changes.push(change)
      if (changes.length >= batchSize) break
      const pending = this.#ask()
      const timer = new AbortController()
      const more = await Promise.race([pending, sleep(batchWait, "later" as const, { signal: timer.signal }).catch(() => "later" as const)])
      timer.abort()
      if (more === "later") {
        this.#pending = pending
        // Whoever asks next hears of it.
        pending.catch(() => undefined)
        break
      }
      change = more
    }
    return { changes, token: changes.length > 0 ? (changes.at(-1)?.["_id"] as ResumeToken) : this.#stream.resumeToken }
  }

  async #ask(): Promise<Document | null> {
    const pending = this.#pending ?? this.#stream.tryNext()
    this.#pending = undefined
    return pending
  }
}

import type { ChangeStream, Document } from "mongodb"

const reopenMs = 1_000

/** What a {@link ChangeFollower} follows, and what becomes of it. */
export interface ChangeFollowing<TSchema extends Document, TChange extends Document> {
  readonly open: () => ChangeStream<TSchema, TChange>
  readonly changed: (change: TChange) => void
  /** The stream broke: what changes until it is there again is missed. */
  readonly interrupted: (error: unknown) => void
  /** It is being followed again. */
  readonly resumed?: () => void
}

/**
 * Follows changes from now on, for what is kept in memory or shown live: nothing is stored, and what happens while the
 * stream is broken is missed. It is opened again after a second, also where it ended without an error.
 */
export class ChangeFollower<TSchema extends Document, TChange extends Document> {
  readonly #following: ChangeFollowing<TSchema, TChange>
  #stream: ChangeStream<TSchema, TChange> | undefined
  #reopen: NodeJS.Timeout | undefined
  #answered = false

  constructor(following: ChangeFollowing<TSchema, TChange>) {
    this.#following = following
  }

  /** Whether the stream has answered and has not broken since. */
  get following(): boolean {
    return this.#answered
  }

  /** Begins to follow; nothing where it does. */
  open(): void {
    if (this.#stream || this.#reopen) return
    const stream = this.#following.open()
    this.#stream = stream
    stream.on("resumeTokenChanged", () => {
      if (this.#stream === stream) this.#answered = true
    })
    stream.on("change", (change) => this.#following.changed(change))
    const broken = (error: unknown) => {
      if (this.#stream !== stream) return
      this.#forget()
      void stream.close().catch(() => undefined)
      this.#reopen = setTimeout(() => {
        this.#reopen = undefined
        this.open()
        this.#following.resumed?.()
      }, reopenMs)
      this.#reopen.unref()
      this.#following.interrupted(error)
    }
    stream.on("error", broken)
    stream.on("end", () => broken("the stream ended"))
    stream.on("close", () => broken("the stream ended"))
  }

  async close(): Promise<void> {
    clearTimeout(this.#reopen)
    this.#reopen = undefined
    const stream = this.#stream
    this.#forget()
    await stream?.close().catch(() => undefined)
  }

  #forget(): void {
    this.#stream = undefined
    this.#answered = false
  }
}

import { ApiError } from "@lifeboat/shared/api-errors"
import type { Bodies } from "../../archive/bodies.ts"
import { takeApart, type TakenApart } from "../parts/parse-mail.ts"

const maxAtOnce = 2
const maxWaiting = 50

/** Reads mails of the archive, a few at a time. */
export class MailReader {
  readonly #bodies: Bodies
  readonly #waiting: (() => void)[] = []
  #active = 0

  constructor(bodies: Bodies) {
    this.#bodies = bodies
  }

  /** Throws `body-gone` where retention removed it, `unavailable` when too many wait. */
  async read(messageId: string): Promise<TakenApart> {
    if (this.#waiting.length >= maxWaiting) throw new ApiError("unavailable")
    if (this.#active >= maxAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#active++
    try {
      const bytes = await this.#bodies.read(messageId)
      if (!bytes) throw new ApiError("body-gone")
      return await takeApart(bytes)
    } finally {
      this.#active--
      this.#waiting.shift()?.()
    }
  }
}

/**
 * Keeps the pane's token in the browser's storage of this pane: per device, so that each is named and ended by itself, and
 * there during an outage. Office's roaming settings are neither: they lie in the mailbox on the very server that may be down.
 * Where storage is refused, the token lasts as long as the pane.
 */
export class KeptToken {
  readonly #key: string
  #token: string | undefined

  /** `partition` is Office's key for storage in a frame, `mailbox` keeps two mailboxes in one Outlook apart. */
  constructor(partition: string, mailbox: string) {
    this.#key = `${partition}lifeboat-token ${mailbox.toLowerCase()}`
  }

  read(): string | undefined {
    try {
      this.#token ??= localStorage.getItem(this.#key) ?? undefined
    } catch {
      // Storage is refused: the one in memory counts.
    }
    return this.#token
  }

  write(token: string | undefined): void {
    this.#token = token
    try {
      if (token === undefined) localStorage.removeItem(this.#key)
      else localStorage.setItem(this.#key, token)
    } catch {
      // Storage is refused: the one in memory counts.
    }
  }
}

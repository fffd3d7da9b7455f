import { ApiError, get, path } from "../api/client.ts"
import { StreamConnection } from "./stream-connection.ts"

/** What a page gets of a stream, as in `StreamConnection`. */
export interface StreamListener {
  event(name: string, data: string): void
  open(again: boolean): void
  lost(): void
}

type Told = { readonly kind: "event"; readonly name: string; readonly data: string } | { readonly kind: "open"; readonly again: boolean } | { readonly kind: "lost" } | { readonly kind: "hello" }

function isTold(value: unknown): value is Told {
  return typeof value === "object" && value !== null && "kind" in value && typeof value.kind === "string"
}

/**
 * One stream of a browser, whatever the number of its tabs: the tab that holds the lock has the connection and tells the
 * others; when it closes, the next one goes on. Browsers open few connections to one server, and each tab would take one
 * for ever. Without locks (pages without TLS) every tab has its own.
 */
export class SharedStream {
  readonly #url: string
  readonly #listeners = new Set<StreamListener>()
  readonly #channel: BroadcastChannel | undefined
  readonly #ended = new AbortController()
  #connection: StreamConnection | undefined
  #isOpen = false
  /** Another tab spoke on the channel before: its connection's end is a gap in ours. */
  #heard = false

  /** `name` tells apart whose stream it is. */
  constructor(url: string, name: string) {
    this.#url = url
    const { signal } = this.#ended
    addEventListener("online", () => this.#connection?.wake(), { signal })
    addEventListener("pageshow", () => this.#connection?.wake(), { signal })
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#connection?.wake(), { signal })
    addEventListener("offline", () => (this.#connection ? this.#connection.sleep() : this.#tell({ kind: "lost" })), { signal })
    if (!("locks" in navigator)) {
      this.#connect()
      return
    }
    this.#channel = new BroadcastChannel(`lifeboat.stream ${name}`)
    this.#channel.addEventListener("message", ({ data }) => this.#hear(data))
    this.#channel.postMessage({ kind: "hello" })
    const released = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()))
    void navigator.locks.request(`lifeboat.stream ${name}`, { signal }, () => {
      this.#connect()
      return released
    }).catch(() => undefined)
  }

  /** Whether this tab holds the connection. */
  get leads(): boolean {
    return this.#connection !== undefined
  }

  add(listener: StreamListener): void {
    this.#listeners.add(listener)
    if (this.#isOpen) listener.open(false)
  }

  /** Answers whether nobody listens any more. */
  remove(listener: StreamListener): boolean {
    this.#listeners.delete(listener)
    return this.#listeners.size === 0
  }

  end(): void {
    this.#ended.abort()
    this.#connection?.end()
    this.#channel?.close()
  }

  #connect(): void {
    if (this.#ended.signal.aborted) return
    const spread = (told: Told) => {
      this.#channel?.postMessage(told)
      this.#tell(told)
    }
    this.#connection = new StreamConnection(
      { open: () => new EventSource(this.#url), now: () => performance.timeOrigin + performance.now(), signedIn: stillSignedIn },
      { event: (name, data) => spread({ kind: "event", name, data }), open: (again) => spread({ kind: "open", again }), lost: () => spread({ kind: "lost" }) },
      this.#heard,
    )
  }

  #hear(data: unknown): void {
    if (!isTold(data)) return
    if (data.kind !== "hello") this.#heard = true
    else if (this.#connection && this.#isOpen) this.#channel?.postMessage({ kind: "open", again: false })
    this.#tell(data)
  }

  #tell(told: Told): void {
    if (told.kind === "hello") return
    if (told.kind === "event") for (const listener of this.#listeners) listener.event(told.name, told.data)
    if (told.kind === "lost" && this.#isOpen) {
      this.#isOpen = false
      for (const listener of this.#listeners) listener.lost()
    }
    if (told.kind === "open" && (!this.#isOpen || told.again)) {
      this.#isOpen = true
      for (const listener of this.#listeners) listener.open(told.again)
    }
  }
}

/** The client tells the page when the session is over. */
async function stillSignedIn(): Promise<boolean> {
  try {
    await get(path("session"))
    return true
  } catch (error) {
    return !(error instanceof ApiError && (error.code === "not-signed-in" || error.code === "account-removed"))
  }
}

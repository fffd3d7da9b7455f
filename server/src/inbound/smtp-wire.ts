import type { Socket } from "node:net"
import { TLSSocket, type SecureContext } from "node:tls"
import { DataDecoder } from "./data-decoder.ts"

/** One line from the client, or why there is none. */
export type WireLine =
  | { readonly kind: "line"; readonly bytes: Buffer }
  /** Longer than allowed; it was read to its end and thrown away. */
  | { readonly kind: "too-long" }
  /** Not ended by CRLF, or with a CR or NUL inside. */
  | { readonly kind: "malformed" }
  | { readonly kind: "closed" }

/** Why DATA did not come to its end as a message. */
export type DataFailure = "closed" | "too-big" | "line-too-long"

/** Thrown to the reader of DATA when the mail cannot become a message. */
export class DataError extends Error {
  readonly failure: DataFailure

  constructor(failure: DataFailure) {
    super(`data ended early: ${failure}`)
    this.failure = failure
  }
}

/** The content of DATA as it arrives. */
export interface DataSource extends AsyncIterable<Buffer> {
  /** Resolves when CRLF.CRLF was seen; never when it is not. */
  readonly ended: Promise<void>
  /** Reads what is left and throws it away; false when it is more than `maxBytes`. */
  drain(maxBytes: number): Promise<boolean>
}

/** Bytes read ahead of their use, above which the client has to wait. */
const highWater = 131_072
/** Bytes of replies that a client may leave unread. */
const unreadReplies = 65_536

const lf = 0x0a
const cr = 0x0d
const nothing = Buffer.alloc(0)

/**
 * The wire of one SMTP session: lines and DATA in, replies out, TLS. Knows no command. Replies to pipelined commands
 * are collected and go out when the client's input is used up (RFC 2920).
 */
export class SmtpWire {
  #socket: Socket
  #buffer: Buffer = nothing
  /** How far the buffer was searched for the end of a line. */
  #searched = 0
  #ended = false
  #paused = false
  #wake: (() => void) | undefined
  #replies = ""
  /** When it began to wait for the client (monotonic ms); undefined: the client waits for us. */
  #waitingSince: number | undefined
  #data: { readonly since: number; bytes: number } | undefined
  readonly #onData = (chunk: Buffer): void => {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk])
    if (this.#data) this.#data.bytes += chunk.length
    if (this.#buffer.length > highWater && !this.#paused) {
      this.#paused = true
      this.#socket.pause()
    }
    this.#wakeUp()
  }
  readonly #onEnd = (): void => {
    this.#ended = true
    this.#wakeUp()
  }

  constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    this.#attach(socket)
  }

  /** Since when it has been waiting for the client, monotonic ms; undefined: it is not. */
  get waitingSince(): number | undefined {
    return this.#waitingSince
  }

  /** The DATA under way: since when, and how many bytes so far. */
  get data(): { readonly since: number; readonly bytes: number } | undefined {
    return this.#data
  }

  /** The TLS of the session, once started. */
  get tls(): TLSSocket | undefined {
    return this.#socket instanceof TLSSocket ? this.#socket : undefined
  }

  /** The next line without its CRLF, of at most `limit` bytes. */
  async line(limit: number): Promise<WireLine> {
    let tooLong = false
    let since: number | undefined
    for (;;) {
      const end = this.#buffer.indexOf(lf, this.#searched)
      if (end >= 0) {
        const line = this.#buffer.subarray(0, end)
        this.#consume(end + 1)
        if (tooLong || line.length > limit) return { kind: "too-long" }
        if (line[end - 1] !== cr || line.indexOf(cr) !== end - 1 || line.includes(0)) return { kind: "malformed" }
        return { kind: "line", bytes: line.subarray(0, end - 1) }
      }
      this.#searched = this.#buffer.length
      if (this.#buffer.length > limit) {
        tooLong = true
        this.#consume(this.#buffer.length)
      }
      if (this.#ended) return { kind: "closed" }
      // The whole line counts: a byte now and then does not make a client any faster.
      since ??= performance.now()
      await this.#more(since)
    }
  }

  /**
   * The content of DATA with the dots taken out, ending at CRLF.CRLF. Throws `DataError` as soon as it is larger than
   * `maxBytes`, has a line longer than `maxLine` (bytes), or the client is gone.
   */
  receive(maxBytes: number, maxLine: number): DataSource {
    const decoder = new DataDecoder()
    const lines = new LineMeter(maxLine)
    this.#data = { since: performance.now(), bytes: this.#buffer.length }
    let size = 0
    let done = false
    let atEnd: () => void = () => undefined
    const ended = new Promise<void>((resolve) => (atEnd = resolve))
    const read = async (): Promise<Buffer | undefined> => {
      while (!done) {
        if (this.#buffer.length === 0) {
          if (this.#ended) {
            this.#data = undefined
            throw new DataError("closed")
          }
          await this.#more(performance.now())
          continue
        }
        const { content, rest } = decoder.decode(this.#buffer)
        this.#consume(this.#buffer.length)
        if (rest) {
          done = true
          atEnd()
          this.#data = undefined
          this.#buffer = rest
        }
        if (content.length > 0) return content
      }
      return undefined
    }
    return {
      ended,
      [Symbol.asyncIterator]: () => ({
        next: async (): Promise<IteratorResult<Buffer, undefined>> => {
          const content = await read()
          if (!content) return { done: true, value: undefined }
          size += content.length
          if (size > maxBytes) throw new DataError("too-big")
          if (lines.exceeds(content)) throw new DataError("line-too-long")
          return { done: false, value: content }
        },
      }),
      drain: async (limit) => {
        let left = limit
        for (;;) {
          const content = await read()
          if (!content) return true
          left -= content.length
          if (left < 0) return false
        }
      },
    }
  }

  /** Queues one line of reply; CRLF is added. */
  write(line: string): void {
    this.#replies += `${line}\r\n`
  }

  /** Sends what is queued. */
  flush(): void {
    if (this.#replies === "") return
    const text = this.#replies
    this.#replies = ""
    if (this.#socket.writable) this.#socket.write(text)
  }

  /**
   * Starts TLS as the server. What the client sent in clear behind STARTTLS is thrown away (RFC 3207 §4.2). Resolves
   * with whether the handshake came to its end.
   */
  async startTls(context: SecureContext): Promise<boolean> {
    const plain = this.#socket
    await new Promise<void>((resolve) => {
      const text = this.#replies
      this.#replies = ""
      if (text === "" || !plain.writable) return resolve()
      plain.once("close", () => resolve())
      plain.write(text, () => resolve())
    })
    plain.off("data", this.#onData)
    plain.off("end", this.#onEnd)
    plain.off("close", this.#onEnd)
    plain.pause()
    this.#buffer = nothing
    this.#searched = 0
    if (plain.destroyed) {
      this.#ended = true
      return false
    }
    const secure = new TLSSocket(plain, { isServer: true, secureContext: context })
    this.#socket = secure
    this.#paused = false
    secure.on("error", () => secure.destroy())
    this.#waitingSince = performance.now()
    const ready = await new Promise<boolean>((resolve) => {
      secure.once("secure", () => resolve(true))
      secure.once("close", () => resolve(false))
    })
    this.#waitingSince = undefined
    if (!ready || secure.destroyed) {
      this.#ended = true
      return false
    }
    this.#attach(secure)
    return true
  }

  /** Sends what is queued and closes; cut off when the client does not take it within a second. */
  end(): void {
    this.flush()
    this.#ended = true
    this.#socket.end()
    const socket = this.#socket
    const timer = setTimeout(() => socket.destroy(), 1_000)
    socket.once("close", () => clearTimeout(timer))
    socket.resume()
    this.#wakeUp()
  }

  /** Cuts the connection at once. */
  destroy(): void {
    this.#ended = true
    this.#socket.destroy()
    this.#wakeUp()
  }

  #attach(socket: Socket): void {
    socket.on("data", this.#onData)
    socket.on("end", this.#onEnd)
    socket.on("close", this.#onEnd)
    socket.on("drain", () => this.#wakeUp())
    socket.on("error", () => socket.destroy())
  }

  #consume(bytes: number): void {
    this.#buffer = bytes === this.#buffer.length ? nothing : this.#buffer.subarray(bytes)
    this.#searched = 0
    if (this.#paused && this.#buffer.length < highWater) {
      this.#paused = false
      this.#socket.resume()
    }
  }

  async #more(since: number): Promise<void> {
    this.flush()
    this.#waitingSince = since
    while (this.#socket.writableLength > unreadReplies && !this.#ended) {
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    if (!this.#ended) await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#waitingSince = undefined
  }

  #wakeUp(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}

/** Measures lines across pieces; a line ends in LF. */
class LineMeter {
  readonly #limit: number
  #open = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Takes the next piece; whether a line is longer than the limit by now. */
  exceeds(piece: Buffer): boolean {
    let start = 0
    if (piece.length > this.#limit) {
      for (let end = piece.indexOf(lf); end >= 0; end = piece.indexOf(lf, start)) {
        if (this.#open + end - start > this.#limit) return true
        this.#open = 0
        start = end + 1
      }
    } else {
      const first = piece.indexOf(lf)
      if (first >= 0) {
        if (this.#open + first > this.#limit) return true
        this.#open = 0
        start = piece.lastIndexOf(lf) + 1
      }
    }
    this.#open += piece.length - start
    return this.#open > this.#limit
  }
}

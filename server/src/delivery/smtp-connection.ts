import type { Socket } from "node:net"
import type { Break, Stage } from "./classify-outcome.ts"
import { SmtpFailure } from "./smtp-failure.ts"
import { ReplyError, ReplyParser, type ServerReply } from "./smtp-reply.ts"
import { connectSocket, secureSocket, type Endpoint } from "./smtp-socket.ts"
import { seconds } from "./smtp-timeouts.ts"

/** What the server may do beyond RFC 821, from its EHLO reply: keyword in upper case → its parameters. */
export type Capabilities = ReadonlyMap<string, string>

interface Waiter {
  readonly stage: Stage
  readonly resolve: (reply: ServerReply) => void
  readonly reject: (failure: SmtpFailure) => void
}

/** Replies that may wait to be read: more than the largest pipelined group. */
const unaskedReplies = 2_000

const stageNames: Record<Stage, string> = {
  dns: "name lookup",
  connect: "connecting",
  banner: "greeting",
  ehlo: "EHLO",
  tls: "STARTTLS",
  auth: "AUTH",
  mail: "MAIL FROM",
  rcpt: "RCPT TO",
  data: "DATA",
  body: "message text",
  dot: "final dot",
}

/**
 * The wire to one SMTP server: bytes out, replies in, in order, each with its deadline. Knows nothing of transactions.
 * After any {@link SmtpFailure} it is closed.
 */
export class SmtpConnection {
  readonly endpoint: Endpoint
  capabilities: Capabilities = new Map()
  /** Transactions begun on this connection. */
  transactions = 0
  /** A transaction was left open: RSET belongs before the next MAIL. */
  needsReset = false
  #socket: Socket
  #secure = false
  #parser = new ReplyParser()
  #replies: ServerReply[] = []
  #waiter: Waiter | undefined
  #drained: { resolve: () => void; reject: (failure: SmtpFailure) => void } | undefined
  #failure: { readonly broken: Break; readonly detail: string } | undefined
  #deadline = 0
  #timeoutMs = 0
  #firesAt = 0
  #timer: NodeJS.Timeout | undefined

  private constructor(socket: Socket, endpoint: Endpoint) {
    this.#socket = socket
    this.endpoint = endpoint
    this.#listen(socket)
  }

  /** Opens the TCP connection and reads no banner yet. Throws {@link SmtpFailure} of stage `connect`. */
  static async connect(endpoint: Endpoint, timeoutMs: number, signal: AbortSignal): Promise<SmtpConnection> {
    return new SmtpConnection(await connectSocket(endpoint, timeoutMs, signal), endpoint)
  }

  get secure(): boolean {
    return this.#secure
  }

  /** Nothing went wrong, and nothing has been said unasked: fit for another transaction. */
  get usable(): boolean {
    return this.#failure === undefined && this.#replies.length === 0 && !this.#parser.partial
  }

  /** Writes commands. With several pieces they leave in one system call. Failures show at the next `reply`. */
  write(...pieces: readonly (Buffer | string)[]): void {
    if (this.#failure) return
    if (pieces.length > 1) this.#socket.cork()
    for (const piece of pieces) this.#socket.write(piece)
    if (pieces.length > 1) this.#socket.uncork()
  }

  /** Waits until what was written is on its way, at most `timeoutMs` without the network taking anything. */
  async drain(timeoutMs: number): Promise<void> {
    if (this.#failure) throw this.#failed("body")
    if (!this.#socket.writableNeedDrain) return
    this.#arm(timeoutMs)
    await new Promise<void>((resolve, reject) => {
      this.#drained = { resolve, reject }
    })
  }

  /** A reply that came before it was asked for, as when a server refuses in the middle of a body. */
  earlyReply(): ServerReply | undefined {
    return this.#replies.shift()
  }

  /** The next reply, within `timeoutMs` as a whole, however it dribbles in. Throws {@link SmtpFailure} of that stage. */
  reply(stage: Stage, timeoutMs: number): Promise<ServerReply> {
    const ready = this.#replies.shift()
    if (ready) return Promise.resolve(ready)
    if (this.#failure) return Promise.reject(this.#failed(stage))
    this.#arm(timeoutMs)
    return new Promise((resolve, reject) => {
      this.#waiter = { stage, resolve, reject }
    })
  }

  /** One command and its reply. `line` without CRLF; it must hold no line end. */
  async command(line: string, stage: Stage, timeoutMs: number): Promise<ServerReply> {
    this.write(`${line}\r\n`)
    return this.reply(stage, timeoutMs)
  }

  /**
   * The handshake after STARTTLS was answered with 220. What the server said in the clear is forgotten (RFC 3207 §4.2).
   * The certificate is not checked: servers of companies are often self-signed. Throws {@link SmtpFailure} of stage `tls`.
   */
  async startTls(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const plain = this.#socket
    plain.removeAllListeners()
    this.#parser.reset()
    this.#replies = []
    try {
      this.#socket = await secureSocket(plain, this.endpoint.servername ?? this.endpoint.host, timeoutMs, signal)
    } catch (error) {
      this.#failure = { broken: "tls", detail: "TLS handshake failed" }
      throw error
    }
    this.#secure = true
    this.#listen(this.#socket)
  }

  /** Ends it in the polite way without waiting for the answer. */
  quit(): void {
    if (this.#failure === undefined) {
      this.#socket.end("QUIT\r\n")
      const socket = this.#socket
      const timer = setTimeout(() => socket.destroy(), 2_000)
      timer.unref()
      socket.once("close", () => clearTimeout(timer))
    }
    this.#break("lost", "connection closed", false)
  }

  /** Ends it at once; whoever waits for a reply gets a failure of that kind. */
  destroy(broken: Break = "lost", detail = "connection closed"): void {
    this.#break(broken, detail, true)
  }

  #listen(socket: Socket): void {
    socket.on("data", (chunk: Buffer) => this.#onData(chunk))
    socket.on("error", (error: NodeJS.ErrnoException) => this.#break("lost", `connection lost (${error.code ?? error.message})`, true))
    socket.on("end", () => this.#break("lost", "connection closed by the server", true))
    socket.on("close", () => this.#break("lost", "connection lost", true))
    socket.on("drain", () => {
      const drained = this.#drained
      this.#drained = undefined
      drained?.resolve()
    })
  }

  #onData(chunk: Buffer): void {
    if (this.#failure) return
    try {
      this.#parser.feed(chunk, this.#take)
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error
      this.#break("protocol", error.message, true)
    }
  }

  #take = (reply: ServerReply): void => {
    const waiter = this.#waiter
    this.#waiter = undefined
    if (waiter) waiter.resolve(reply)
    else if (this.#replies.length < unaskedReplies) this.#replies.push(reply)
    else throw new ReplyError("too many replies that nobody asked for")
  }

  #break(broken: Break, detail: string, destroy: boolean): void {
    if (destroy) this.#socket.destroy()
    if (this.#failure) return
    this.#failure = { broken, detail }
    clearTimeout(this.#timer)
    const waiter = this.#waiter
    this.#waiter = undefined
    waiter?.reject(this.#failed(waiter.stage))
    const drained = this.#drained
    this.#drained = undefined
    drained?.reject(this.#failed("body"))
  }

  #failed(stage: Stage): SmtpFailure {
    const { broken, detail } = this.#failure ?? { broken: "lost", detail: "connection lost" }
    return new SmtpFailure(stage, broken, `${detail} (${stageNames[stage]})`)
  }

  /** One timer a connection, moved on only when it fires: thousands of replies a second must not each cost a timer. */
  #arm(timeoutMs: number): void {
    const now = performance.now()
    const deadline = now + timeoutMs
    this.#deadline = deadline
    this.#timeoutMs = timeoutMs
    if (this.#timer !== undefined && this.#firesAt <= deadline) return
    clearTimeout(this.#timer)
    this.#startTimer(timeoutMs, deadline)
  }

  #startTimer(ms: number, firesAt: number): void {
    this.#firesAt = firesAt
    this.#timer = setTimeout(this.#onTimer, ms)
    this.#timer.unref()
  }

  #onTimer = (): void => {
    this.#timer = undefined
    if (this.#failure || (!this.#waiter && !this.#drained)) return
    const left = this.#deadline - performance.now()
    if (left > 1) return this.#startTimer(left, this.#deadline)
    this.#break("timeout", `no reply within ${seconds(this.#timeoutMs)}`, true)
  }
}

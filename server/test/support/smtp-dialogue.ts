import { connect as connectTcp, type Socket } from "node:net"
import { connect as connectTls } from "node:tls"

/** One reply of a server, all lines of it. */
export interface DialogueReply {
  readonly code: number
  /** Lines without code and separator. */
  readonly lines: readonly string[]
  /** `<code> <text of the last line>`, to match against. */
  readonly text: string
}

/** A mail for `SmtpDialogue.mail`. */
export interface DialogueMail {
  readonly from: string
  readonly to: readonly string[]
  /** Written between DATA and CRLF.CRLF with dots stuffed as it is, bytes unchanged. */
  readonly content: string | Buffer
  readonly parameters?: string
}

/** A raw SMTP client: says exactly what the test tells it to, byte for byte, and reads replies. */
export class SmtpDialogue {
  #socket: Socket
  #buffer = Buffer.alloc(0)
  #ended = false
  #wake: (() => void) | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#attach(socket)
  }

  /** Connects; the greeting is not read yet. `localAddress`: where it comes from (127.0.0.0/8). */
  static async connect(port: number, options: { readonly tls?: boolean; readonly localAddress?: string } = {}): Promise<SmtpDialogue> {
    const where = { host: "127.0.0.1", port, ...(options.localAddress ? { localAddress: options.localAddress } : {}) }
    const socket = options.tls ? connectTls({ ...where, rejectUnauthorized: false }) : connectTcp(where)
    await new Promise<void>((resolve, reject) => {
      socket.once(options.tls ? "secureConnect" : "connect", resolve)
      socket.once("error", reject)
    })
    return new SmtpDialogue(socket)
  }

  /** Connects, reads the greeting and says EHLO. */
  static async open(port: number, options: { readonly tls?: boolean; readonly localAddress?: string } = {}): Promise<SmtpDialogue> {
    const dialogue = await SmtpDialogue.connect(port, options)
    const greeting = await dialogue.reply()
    if (greeting.code !== 220) throw new Error(`greeting: ${greeting.text}`)
    await dialogue.command("EHLO client.test")
    return dialogue
  }

  /** Writes bytes as they are. */
  write(bytes: string | Buffer): void {
    this.#socket.write(bytes)
  }

  /** Sends one line and reads its reply. */
  async command(line: string): Promise<DialogueReply> {
    this.write(`${line}\r\n`)
    return this.reply()
  }

  /** Sends lines in one packet (PIPELINING) and reads as many replies. */
  async pipeline(lines: readonly string[]): Promise<DialogueReply[]> {
    this.write(lines.map((line) => `${line}\r\n`).join(""))
    const replies: DialogueReply[] = []
    for (let i = 0; i < lines.length; i++) replies.push(await this.reply())
    return replies
  }

  /** The next reply. Rejects when there is none within `timeoutMs` or the connection ends before. */
  async reply(timeoutMs = 10_000): Promise<DialogueReply> {
    const lines: string[] = []
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const end = this.#buffer.indexOf("\r\n")
      if (end >= 0) {
        const line = this.#buffer.toString("utf8", 0, end)
        this.#buffer = this.#buffer.subarray(end + 2)
        lines.push(line.slice(4))
        if (!/^\d{3}[ -]/.test(line)) throw new Error(`not a reply: ${line}`)
        if (line[3] === " ") return { code: Number(line.slice(0, 3)), lines, text: line }
        continue
      }
      if (this.#ended) throw new Error("the connection ended before the reply")
      await this.#more(deadline)
    }
  }

  /** Whether a reply comes within `ms`: to show that the server still waits for more. */
  async silentFor(ms: number): Promise<boolean> {
    const deadline = Date.now() + ms
    while (this.#buffer.length === 0 && !this.#ended) {
      try {
        await this.#more(deadline)
      } catch {
        return true
      }
    }
    return false
  }

  /** STARTTLS with its handshake. `behind`: bytes sent in clear in the same packet. */
  async startTls(behind = ""): Promise<void> {
    this.write(`STARTTLS\r\n${behind}`)
    const reply = await this.reply()
    if (reply.code !== 220) throw new Error(reply.text)
    const plain = this.#socket
    plain.removeAllListeners("data")
    plain.removeAllListeners("end")
    plain.removeAllListeners("close")
    const secure = connectTls({ socket: plain, rejectUnauthorized: false })
    await new Promise<void>((resolve, reject) => {
      secure.once("secureConnect", resolve)
      secure.once("error", reject)
      secure.once("close", () => reject(new Error("closed in the handshake")))
    })
    this.#socket = secure
    this.#attach(secure)
  }

  /** A whole transaction; the reply to its end, or the first refusal of MAIL, the last RCPT, or DATA. */
  async mail(mail: DialogueMail): Promise<DialogueReply> {
    const sender = await this.command(`MAIL FROM:<${mail.from}>${mail.parameters ? ` ${mail.parameters}` : ""}`)
    if (sender.code !== 250) return sender
    let accepted = 0
    let last = sender
    for (const recipient of mail.to) {
      last = await this.command(`RCPT TO:<${recipient}>`)
      if (last.code === 250) accepted++
    }
    if (accepted === 0) return last
    const data = await this.command("DATA")
    if (data.code !== 354) return data
    this.write(Buffer.concat([Buffer.from(mail.content), Buffer.from("\r\n.\r\n")]))
    return this.reply(60_000)
  }

  /** Resolves when the server has closed the connection. */
  async closed(timeoutMs = 10_000): Promise<void> {
    const deadline = Date.now() + timeoutMs
    while (!this.#ended) await this.#more(deadline)
  }

  /** Cuts the connection. */
  close(): void {
    this.#socket.destroy()
  }

  #attach(socket: Socket): void {
    socket.on("data", (chunk: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk])
      this.#wake?.()
    })
    const ended = () => {
      this.#ended = true
      this.#wake?.()
    }
    socket.on("end", ended)
    socket.on("close", ended)
    socket.on("error", ended)
  }

  async #more(deadline: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve, reject) => {
      this.#wake = resolve
      timer = setTimeout(() => reject(new Error("no answer in time")), Math.max(0, deadline - Date.now()))
    }).finally(() => {
      clearTimeout(timer)
      this.#wake = undefined
    })
  }
}

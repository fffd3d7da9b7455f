import { once } from "node:events"
import { connect, type TLSSocket } from "node:tls"

/** A signed-in POP3 client over TLS. */
export class Pop3Dialogue {
  readonly #socket: TLSSocket
  #received = ""

  private constructor(socket: TLSSocket) {
    this.#socket = socket
    socket.setEncoding("latin1")
    socket.on("data", (chunk: string) => (this.#received += chunk))
    socket.on("error", () => undefined)
  }

  /** Connects and signs in; throws with the server's answer when it refuses. */
  static async open(port: number, address: string, password: string): Promise<Pop3Dialogue> {
    const pop3 = new Pop3Dialogue(connect({ host: "127.0.0.1", port, rejectUnauthorized: false }))
    await pop3.#line()
    await pop3.command(`USER ${address}`)
    await pop3.command(`PASS ${password}`)
    return pop3
  }

  /** One command with an answer of one line, without `+OK `. */
  async command(command: string): Promise<string> {
    this.#socket.write(`${command}\r\n`)
    return this.#line()
  }

  /** One mail, byte for byte (latin1), dots unstuffed. */
  async retrieve(number: number): Promise<string> {
    await this.command(`RETR ${number}`)
    const text = await this.#until("\r\n.\r\n")
    return text.replaceAll("\r\n..", "\r\n.")
  }

  /** How many mails there are. */
  async count(): Promise<number> {
    return Number((await this.command("STAT")).split(" ")[0])
  }

  /** Ends the session, so that what was deleted is gone. */
  async quit(): Promise<void> {
    await this.command("QUIT")
    this.#socket.destroy()
  }

  async #line(): Promise<string> {
    const line = await this.#until("\r\n")
    if (line.startsWith("+OK")) return line.slice(4)
    this.#socket.destroy()
    throw new Error(`POP3: ${line}`)
  }

  async #until(end: string): Promise<string> {
    for (;;) {
      const at = this.#received.indexOf(end)
      if (at >= 0) {
        const text = this.#received.slice(0, at)
        this.#received = this.#received.slice(at + end.length)
        return text
      }
      if (this.#socket.destroyed) throw new Error("POP3: the connection ended")
      const over = new AbortController()
      const signal = AbortSignal.any([over.signal, AbortSignal.timeout(20_000)])
      await Promise.race([once(this.#socket, "data", { signal }), once(this.#socket, "close", { signal })]).finally(() => over.abort())
    }
  }
}

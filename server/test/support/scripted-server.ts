import { once } from "node:events"
import { createServer, type Socket } from "node:net"

/** One connection of a scripted server. */
export interface ScriptedConnection {
  readonly socket: Socket
  /** Counts from 1. */
  readonly number: number
  /** Writes a line (CRLF is added). */
  say(line: string): void
  /** Whether lines belong to the text of a mail; the script sets it. */
  inData: boolean
}

/** What a server does that no proper SMTP server does. */
export interface Script {
  /** Default: greets. */
  onConnect?(connection: ScriptedConnection): void
  /** One line without its end; in data every line, dot lines included. Return true when handled, else the default dialogue answers. */
  onLine?(line: string, connection: ScriptedConnection): boolean | undefined
  /** Keywords of EHLO. Default PIPELINING. */
  readonly capabilities?: readonly string[]
}

export interface ScriptedServer {
  readonly host: string
  readonly port: number
  /** All lines that arrived, in order, of all connections. */
  readonly lines: readonly string[]
  /** All bytes that arrived. */
  bytes(): Buffer
  connections(): number
  stop(): Promise<void>
}

/** A TCP server on loopback that follows a script and otherwise answers like a mail server that takes everything. */
export async function startScripted(script: Script): Promise<ScriptedServer> {
  const lines: string[] = []
  const chunks: Buffer[] = []
  const sockets = new Set<Socket>()
  let count = 0
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on("close", () => sockets.delete(socket))
    socket.on("error", () => undefined)
    const connection: ScriptedConnection = {
      socket,
      number: ++count,
      inData: false,
      say: (line) => {
        if (socket.writable) socket.write(`${line}\r\n`)
      },
    }
    if (script.onConnect) script.onConnect(connection)
    else connection.say("220 scripted ESMTP")
    let pending = ""
    socket.on("data", (chunk) => {
      chunks.push(chunk)
      pending += chunk.toString("latin1")
      for (let end = pending.indexOf("\r\n"); end >= 0; end = pending.indexOf("\r\n")) {
        const line = pending.slice(0, end)
        pending = pending.slice(end + 2)
        lines.push(line)
        if (script.onLine?.(line, connection)) continue
        answer(line, connection, script.capabilities ?? ["PIPELINING"])
      }
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const bound = server.address()
  return {
    host: "127.0.0.1",
    port: bound !== null && typeof bound === "object" ? bound.port : 0,
    lines,
    bytes: () => Buffer.concat(chunks),
    connections: () => count,
    async stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, "close")
    },
  }
}

function answer(line: string, connection: ScriptedConnection, capabilities: readonly string[]): void {
  if (connection.inData) {
    if (line !== ".") return
    connection.inData = false
    connection.say("250 2.0.0 taken")
    return
  }
  const verb = line.slice(0, 4).toUpperCase()
  if (verb === "EHLO") for (const text of ["scripted", ...capabilities]) connection.say(`250${text === (capabilities.at(-1) ?? "scripted") ? " " : "-"}${text}`)
  else if (verb === "DATA") {
    connection.inData = true
    connection.say("354 go on")
  } else if (verb === "QUIT") {
    connection.say("221 2.0.0 bye")
    connection.socket.end()
  } else connection.say("250 2.0.0 ok")
}

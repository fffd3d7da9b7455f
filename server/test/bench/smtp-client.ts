import { fork } from "node:child_process"
import { createServer, type Socket } from "node:net"
import { SmtpTarget } from "../../src/delivery/smtp-target.ts"
import type { Claim } from "../../src/delivery/delivery-target.ts"
import { primaryTimeouts } from "../../src/delivery/smtp-timeouts.ts"

/**
 * Throughput of the SMTP client alone: mails of 10 KB from memory to a sink in a process of its own, which answers like
 * `smtp-sink`. `node smtp-client.ts [mails] [connections] [bytes]`.
 */
const [mails = 20_000, connections = 4, bytes = 10_240] = process.argv.slice(2).filter((text) => /^\d+$/.test(text)).map(Number)

if (process.argv.includes("--sink")) {
  sink()
} else {
  const child = fork(new URL(import.meta.url), ["--sink"], { stdio: ["ignore", "inherit", "inherit", "ipc"] })
  const port = await new Promise<number>((resolve) => child.once("message", (message) => resolve(Number(message))))
  const line = `${"abcdefghijklmnopqrstuvwxyz 0123456789 ".repeat(2).slice(0, 74)}\r\n`
  const body = Buffer.from(`Subject: load\r\n\r\n${line.repeat(Math.ceil(bytes / line.length))}`.slice(0, bytes - 2) + "\r\n")
  const target = new SmtpTarget({
    resolve: () => ({ host: "127.0.0.1", port, tls: "opportunistic" }),
    hostname: "bench.test",
    timeouts: primaryTimeouts((ms) => ms),
    bodies: { open: () => Promise.resolve(undefined), readSmall: (ids) => Promise.resolve(new Map(ids.map((id) => [id, body]))) },
    limits: { connections, idleMs: 1_000, transactions: 1_000 },
  })
  const signal = new AbortController().signal
  let next = 0
  let delivered = 0
  const start = performance.now()
  const cpu = process.cpuUsage()
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (next < mails) {
        const outcomes = await target.deliver(claimOf(next++, body.length), signal)
        for (const outcome of outcomes.values()) if (outcome.kind === "delivered") delivered++
      }
    }),
  )
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  console.log(`${delivered} of ${mails} mails of ${bytes} bytes over ${connections} connections: ${Math.round(delivered / seconds)}/s, ${Math.round((user + system) / mails)} µs CPU a mail`)
  target.close()
  child.kill()
}

function claimOf(n: number, size: number): Claim {
  const now = new Date()
  const id = `m${n}`
  return {
    token: "t",
    message: {
      _id: id, receivedAt: now, expireAt: now, direction: "inbound", domains: ["example.com"], owners: [],
      envelope: { mailFrom: "sender@outside.test", rcptTo: ["user@example.com"], smtpUtf8: false, eightBit: false },
      client: { address: "127.0.0.1", name: "", helo: "", tls: false, user: null },
      summary: { subject: "load", from: "", to: "", messageId: null, date: null },
      trace: `Received: from outside.test (127.0.0.1) by bench.test with ESMTP id ${id};\r\n\tMon, 1 Jan 2024 00:00:00 +0000\r\n`,
      size, hasBody: true, deliveries: [], version: 1, status: "queued", viaService: false, deliveredAt: null,
    },
    deliveries: [
      {
        id: `${id}.0`, hop: "primary:example.com", target: "primary", recipient: "user@example.com", user: null, folder: null, copyOf: null, state: "active", due: null,
        attempts: 0, lease: null, reply: null, server: null, firstFailedAt: null, finishedAt: null, outageId: null, heldFor: null,
      },
    ],
  }
}

/** Answers every command at once and throws the mail away, as smtp-sink does. */
function sink(): void {
  const server = createServer({ noDelay: true }, (socket: Socket) => {
    socket.write("220 sink ESMTP\r\n")
    socket.on("error", () => undefined)
    let inData = false
    let tail = ""
    let pending = ""
    socket.on("data", (chunk) => {
      let replies = ""
      let text = chunk.toString("latin1")
      while (text !== "") {
        if (inData) {
          const seen = tail + text
          const end = seen.indexOf("\r\n.\r\n")
          if (end < 0) {
            tail = seen.slice(-4)
            break
          }
          text = seen.slice(end + 5)
          inData = false
          replies += "250 2.0.0 Ok\r\n"
          continue
        }
        pending += text
        text = ""
        for (let end = pending.indexOf("\r\n"); end >= 0; end = pending.indexOf("\r\n")) {
          const command = pending.slice(0, 4).toUpperCase()
          pending = pending.slice(end + 2)
          if (command === "EHLO") replies += "250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
          else if (command === "DATA") {
            replies += "354 go on\r\n"
            inData = true
            tail = "\r\n"
            text = pending
            pending = ""
            break
          } else if (command === "QUIT") {
            socket.end(`${replies}221 2.0.0 Bye\r\n`)
            return
          } else replies += "250 2.1.0 Ok\r\n"
        }
      }
      if (replies !== "") socket.write(replies)
    })
  })
  server.listen(0, "127.0.0.1", () => {
    const bound = server.address()
    if (bound !== null && typeof bound === "object") process.send?.(bound.port)
  })
  process.on("disconnect", () => process.exit())
}

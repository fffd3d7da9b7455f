import { createServer, type AddressInfo, type Socket } from "node:net"
import { replyText, smtpReplies, type SmtpReply } from "@lifeboat/shared/smtp-replies"
import { ConnectionCount, defaultPace, isTooSlow, type Pace } from "./limits.ts"
import type { MailServer, MailServerDependencies, ServerPolicy } from "./mail-server.ts"
import { mailTls, Session, type Authenticate } from "./session.ts"
import { SmtpWire } from "./smtp-wire.ts"

/** How one port differs from the others. */
export interface ListenerOptions {
  readonly port: number
  readonly policy: ServerPolicy
  readonly implicitTls: boolean
  readonly authenticate?: Authenticate
  /** Clients that may open as many connections as there are. */
  readonly trusted?: (address: string) => boolean
}

/** A client that did nothing for this long may lose its place to a new one when all are taken, ms. */
const evictable = 2_000

/** Opens one SMTP port. Rejects when the port is taken. */
export async function listen(dependencies: MailServerDependencies, options: ListenerOptions): Promise<MailServer> {
  const pace: Pace = { ...defaultPace, ...dependencies.pace }
  const { config, log } = dependencies
  const context = mailTls(dependencies.tls)
  const count = new ConnectionCount(config.limits)
  const sessions = new Map<Session, { readonly wire: SmtpWire; readonly finished: Promise<void> }>()
  let closing = false

  const begin = (socket: Socket): void => {
    socket.on("error", () => socket.destroy())
    const address = plainAddress(socket.remoteAddress)
    if (address === undefined) return void socket.destroy()
    if (closing) return turnAway(socket, smtpReplies.shuttingDown, options.implicitTls)
    const trusted = options.trusted?.(address) ?? false
    if (count.exhausted(address, trusted) || (count.full && !evictSlowest())) {
      log.warn({ address, connections: count.all }, "too many connections")
      return turnAway(socket, smtpReplies.tooManyConnections, options.implicitTls)
    }
    count.add(address)
    socket.once("close", () => count.remove(address))
    const wire = new SmtpWire(socket)
    const session = new Session(wire, address, dependencies, options.policy, options.authenticate, context)
    const finished = session.run(options.implicitTls).finally(() => sessions.delete(session))
    sessions.set(session, { wire, finished })
  }

  /** Makes room by ending the session that has kept us waiting longest; false: none is idle. */
  const evictSlowest = (): boolean => {
    const now = performance.now()
    let slowest: Session | undefined
    let since = now - evictable
    for (const [session, { wire }] of sessions) {
      const beginning = wire.data?.since ?? wire.waitingSince
      if (wire.waitingSince !== undefined && beginning !== undefined && beginning < since) {
        slowest = session
        since = beginning
      }
    }
    slowest?.cutOff(smtpReplies.tooManyConnections)
    return slowest !== undefined
  }

  const sweep = setInterval(
    () => {
      const now = performance.now()
      for (const [session, { wire }] of sessions) {
        if (isTooSlow({ since: wire.waitingSince, data: wire.data }, now, count.stress, pace)) session.cutOff(smtpReplies.tooSlow)
      }
    },
    Math.max(20, Math.min(1_000, pace.idleUnderStress / 4)),
  )
  sweep.unref()

  const server = createServer({ allowHalfOpen: true }, begin)
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen({ port: options.port, host: config.host, backlog: 511 }, () => {
      server.off("error", reject)
      server.on("error", (error) => log.error({ error: String(error) }, "an SMTP port reports an error"))
      resolve()
    })
  })
  return {
    port: portOf(server.address()),
    get connections() {
      return count.all
    },
    close: async () => {
      closing = true
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const session of sessions.keys()) session.stop(smtpReplies.shuttingDown)
      const timer = setTimeout(() => {
        for (const [session, { wire }] of sessions) {
          session.cutOff(smtpReplies.shuttingDown)
          wire.destroy()
        }
      }, pace.stopping)
      await Promise.all([...sessions.values()].map(({ finished }) => finished))
      await closed
      clearTimeout(timer)
      clearInterval(sweep)
    },
  }
}

/** IPv4 addresses in their own form also on a socket that speaks both. */
function plainAddress(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "")
}

function turnAway(socket: Socket, reply: SmtpReply, implicitTls: boolean): void {
  if (!implicitTls) socket.write(`${reply.code} ${replyText(reply)}\r\n`)
  socket.end()
  socket.resume()
  setTimeout(() => socket.destroy(), 1_000).unref()
}

function portOf(address: string | AddressInfo | null): number {
  return typeof address === "object" && address !== null ? address.port : 0
}

import { once } from "node:events"
import { createServer, type Server, type Socket } from "node:net"
import { SMTPServer, type SMTPServerError, type SMTPServerSession } from "smtp-server"

/** A mail that the test primary took, byte for byte as it stood between DATA and the final dot (dots unstuffed). */
export interface Received {
  /** `p1`, `p2` … in order of arrival. */
  readonly id: string
  readonly raw: Buffer
  readonly envelope: { readonly mailFrom: string; readonly rcptTo: readonly string[]; readonly eightBit: boolean; readonly smtpUtf8: boolean }
  readonly receivedAt: Date
  readonly tls: boolean
  /** User of AUTH; null without. */
  readonly user: string | null
}

/** A full reply (`451 4.7.1 greylisted`), or undefined to go on as a healthy server. */
export type ReplyOf<Subject extends unknown[]> = (...subject: Subject) => string | undefined

/** How the primary behaves from the next command on; what is left out is healthy. Replies of 421 close the connection. */
export interface PrimaryBehaviour {
  /** Full reply in place of the greeting; the connection is closed after it. */
  readonly banner?: string
  /** Accepts connections and never says a word. */
  readonly silent?: boolean
  /** The listener is closed and open connections are cut: connection refused. */
  readonly refuse?: boolean
  /** Full reply to EHLO and HELO. */
  readonly ehlo?: string
  readonly mail?: ReplyOf<[mailFrom: string]>
  readonly rcpt?: ReplyOf<[recipient: string, mailFrom: string]>
  /** Reply to the final dot; a mail is stored only when this gives undefined or a 2xx. */
  readonly data?: ReplyOf<[mail: Received]>
  /** Sender and recipient seen for the first time get 451 4.7.1 until that many milliseconds have passed. */
  readonly greylistMs?: number
  /** Addresses answered with 550 5.1.1 at RCPT. */
  readonly failRecipients?: readonly string[]
  /** Milliseconds before each reply to MAIL, RCPT and the final dot. */
  readonly slowMs?: number
  /** After the final dot the connection is cut in place of a reply; `stored` says whether the mail was kept. */
  readonly loseAfterDot?: "stored" | "dropped"
  /** Most mails taken over one connection; the next MAIL gets 421. */
  readonly mailsPerConnection?: number
  /** Most connections at a time; further ones are greeted with 421. */
  readonly maxConnections?: number
}

/** Fixed features of a test primary. `port` 0 or left out: a free one. */
export interface PrimaryOptions {
  readonly port?: number
  /** STARTTLS is offered, with a self-signed certificate of the library. Default false. */
  readonly tls?: boolean
  /** AUTH PLAIN and LOGIN are demanded. */
  readonly auth?: { readonly user: string; readonly password: string }
  readonly size?: number
  readonly pipelining?: boolean
  readonly eightBit?: boolean
  readonly smtpUtf8?: boolean
}

/** A running test primary: a real SMTP server on loopback with settable behaviour. */
export interface TestPrimary {
  readonly host: string
  readonly port: number
  /** All mails taken, in order of arrival. */
  messages(): readonly Received[]
  /** Mails by recipient as in RCPT TO. */
  mailbox(recipient: string): readonly Received[]
  /** Replaces the behaviour as a whole; `{}` is healthy. */
  behave(behaviour: PrimaryBehaviour): Promise<void>
  /** Open connections now. */
  connections(): number
  /** Connections taken since the start. */
  accepted(): number
  /** Every MAIL and RCPT command that arrived: `MAIL a@b`, `RCPT c@d`, `DATA`. */
  commands(): readonly string[]
  /** Resolves once at least `count` mails were taken; rejects after `timeoutMs` saying how many there were. */
  waitFor(count: number, timeoutMs?: number): Promise<readonly Received[]>
  /** Forgets mails, commands and greylisting. */
  clear(): void
  /** Closes the listener and cuts all connections; mails stay. */
  stop(): Promise<void>
  /** Listens again on the same port. */
  start(): Promise<void>
}

/** Starts a test primary on 127.0.0.1. */
export async function startPrimary(options: PrimaryOptions = {}): Promise<TestPrimary> {
  let behaviour: PrimaryBehaviour = {}
  let listener: Server | undefined
  let port = options.port ?? 0
  let accepted = 0
  let arrived = 0
  let received: Received[] = []
  let commands: string[] = []
  const mailboxes = new Map<string, Received[]>()
  const greylist = new Map<string, number>()
  const sockets = new Map<string, Socket>()
  const waiting = new Set<() => void>()

  const refusal = (reply: string | undefined): SMTPServerError | null => {
    if (reply === undefined || reply.startsWith("2")) return null
    return Object.assign(new Error(reply.slice(4)), { responseCode: Number(reply.slice(0, 3)) })
  }
  const answer = (then: () => void) => {
    if (behaviour.slowMs) setTimeout(then, behaviour.slowMs)
    else then()
  }
  const greylisted = (mailFrom: string, recipient: string): string | undefined => {
    if (behaviour.greylistMs === undefined) return undefined
    const key = `${mailFrom} ${recipient}`
    const first = greylist.get(key)
    if (first === undefined) greylist.set(key, Date.now())
    return first !== undefined && Date.now() - first >= behaviour.greylistMs ? undefined : "451 4.7.1 greylisted, please try again later"
  }
  const senderOf = (session: SMTPServerSession) => (session.envelope.mailFrom ? session.envelope.mailFrom.address : "")
  const disabledCommands = [...(options.tls ? [] : ["STARTTLS"]), ...(options.auth ? [] : ["AUTH"])]
  const mailsOf = new Map<string, number>()

  const smtp = new SMTPServer({
    name: "primary.test",
    disabledCommands,
    disableReverseLookup: true,
    allowInsecureAuth: true,
    authOptional: options.auth === undefined,
    logger: false,
    socketTimeout: 600_000,
    closeTimeout: 10,
    ...(options.size === undefined ? {} : { size: options.size, rejectOversized: true }),
    hidePIPELINING: options.pipelining === false,
    hide8BITMIME: options.eightBit === false,
    hideSMTPUTF8: options.smtpUtf8 === false,
    onConnect(_session, callback) {
      const tooMany = behaviour.maxConnections !== undefined && sockets.size > behaviour.maxConnections
      callback(refusal(behaviour.banner ?? (tooMany ? "421 4.7.0 too many connections" : undefined)))
    },
    onAuth(auth, _session, callback) {
      const { user, password } = options.auth ?? { user: "", password: "" }
      if (auth.username === user && auth.password === password) callback(null, { user })
      else callback(Object.assign(new Error("5.7.8 wrong credentials"), { responseCode: 535 }))
    },
    onMailFrom(address, session, callback) {
      commands.push(`MAIL ${address.address}`)
      const taken = mailsOf.get(session.id) ?? 0
      const limit = behaviour.mailsPerConnection !== undefined && taken >= behaviour.mailsPerConnection ? "421 4.7.0 enough on this connection" : undefined
      answer(() => callback(refusal(limit ?? behaviour.mail?.(address.address))))
    },
    onRcptTo(address, session, callback) {
      commands.push(`RCPT ${address.address}`)
      const sender = senderOf(session)
      const reply = behaviour.failRecipients?.includes(address.address) ? "550 5.1.1 no such user" : (behaviour.rcpt?.(address.address, sender) ?? greylisted(sender, address.address))
      answer(() => callback(refusal(reply)))
    },
    onData(stream, session, callback) {
      commands.push("DATA")
      const chunks: Buffer[] = []
      stream.on("data", (chunk: Buffer) => chunks.push(chunk))
      stream.on("end", () => {
        const mail: Received = {
          id: `p${++arrived}`,
          raw: Buffer.concat(chunks),
          envelope: {
            mailFrom: senderOf(session),
            rcptTo: session.envelope.rcptTo.map((recipient) => recipient.address),
            eightBit: session.envelope.bodyType === "8bitmime",
            smtpUtf8: session.envelope.smtpUtf8 === true,
          },
          receivedAt: new Date(),
          tls: session.secure,
          user: typeof session.user === "string" ? session.user : null,
        }
        const reply = behaviour.data?.(mail)
        const error = refusal(reply)
        if (error === null && behaviour.loseAfterDot !== "dropped") keep(mail)
        mailsOf.set(session.id, (mailsOf.get(session.id) ?? 0) + 1)
        if (behaviour.loseAfterDot) sockets.get(session.id)?.destroy()
        else answer(() => (error ? callback(error) : callback(null, reply?.slice(4) ?? `2.0.0 taken as ${mail.id}`)))
      })
    },
  })
  smtp.on("error", () => undefined)

  const keep = (mail: Received) => {
    received.push(mail)
    for (const recipient of new Set(mail.envelope.rcptTo)) {
      const box = mailboxes.get(recipient)
      if (box) box.push(mail)
      else mailboxes.set(recipient, [mail])
    }
    for (const wake of waiting) wake()
  }

  const take = (socket: Socket) => {
    const id = `c${++accepted}`
    sockets.set(id, socket)
    socket.on("error", () => undefined)
    socket.on("close", () => {
      sockets.delete(id)
      mailsOf.delete(id)
    })
    if (behaviour.silent) return
    if (behaviour.ehlo !== undefined) refuseGreeting(socket, behaviour.ehlo)
    else smtp.connect(socket, { id })
  }

  const open = async () => {
    if (listener) return
    const server = createServer({ noDelay: true }, take)
    server.listen(port, "127.0.0.1", 1024)
    await once(server, "listening")
    const bound = server.address()
    if (bound !== null && typeof bound === "object") port = bound.port
    listener = server
  }
  const close = async () => {
    const server = listener
    listener = undefined
    const closed = server ? once(server, "close") : undefined
    server?.close()
    for (const socket of sockets.values()) socket.destroy()
    await closed
  }

  await open()
  return {
    host: "127.0.0.1",
    get port() {
      return port
    },
    messages: () => received,
    mailbox: (recipient) => mailboxes.get(recipient) ?? [],
    async behave(next) {
      behaviour = next
      if (next.refuse) await close()
      else await open()
    },
    connections: () => sockets.size,
    accepted: () => accepted,
    commands: () => commands,
    waitFor(count, timeoutMs = 10_000) {
      return new Promise((resolve, reject) => {
        const check = () => {
          if (received.length < count) return
          clearTimeout(timer)
          waiting.delete(check)
          resolve(received)
        }
        const timer = setTimeout(() => {
          waiting.delete(check)
          reject(new Error(`the primary has ${received.length} of ${count} mails after ${timeoutMs} ms`))
        }, timeoutMs)
        waiting.add(check)
        check()
      })
    },
    clear() {
      received = []
      commands = []
      mailboxes.clear()
      greylist.clear()
    },
    stop: close,
    start: open,
  }
}

/** Greets, and answers the first two commands (EHLO, HELO) with `reply`; any further one with 503. */
function refuseGreeting(socket: Socket, reply: string): void {
  socket.write("220 primary.test ESMTP\r\n")
  let pending = ""
  socket.on("data", (chunk) => {
    pending += chunk.toString("latin1")
    for (let end = pending.indexOf("\r\n"); end >= 0; end = pending.indexOf("\r\n")) {
      const line = pending.slice(0, end)
      pending = pending.slice(end + 2)
      if (/^QUIT/i.test(line)) socket.end("221 2.0.0 bye\r\n")
      else socket.write(/^(EHLO|HELO)/i.test(line) ? `${reply}\r\n` : "503 5.5.1 greet first\r\n")
      if (reply.startsWith("421")) socket.end()
    }
  })
}

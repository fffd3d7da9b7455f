import { classifyOutcome, failureClass, isSuccess, type Incident, type Stage } from "./classify-outcome.ts"
import type { ConnectionPool } from "./connection-pool.ts"
import type { FailureClass } from "./delivery-target.ts"
import type { SmtpConnection } from "./smtp-connection.ts"
import { SmtpFailure, incidentOf, refusedBy } from "./smtp-failure.ts"
import type { SmtpTimeouts } from "./smtp-timeouts.ts"
import { openConnection, serverName, type NextHop } from "./smtp-opening.ts"
import { checkedPath, isAscii, withAsciiDomain } from "./smtp-path.ts"
import { replyLine, type ServerReply } from "./smtp-reply.ts"

export interface ProbeOptions {
  /** The name in EHLO. */
  readonly hostname: string
  readonly timeouts: SmtpTimeouts
  /** An address that the primary is known to take: asked for by RCPT. Left out: the probe ends after MAIL. */
  readonly recipient?: string
}

/** What a probe found. `ms`: how long it took; `reply`: the full reply or the error in its place. */
export type ProbeResult =
  | { readonly ok: true; readonly tls: boolean; readonly ms: number; readonly reply: string }
  | { readonly ok: false; readonly stage: Stage; readonly failure: FailureClass; readonly reply: string; readonly tls: boolean; readonly ms: number }

/**
 * Whether a mail server would take mail now: a fresh connection, EHLO, TLS as its policy says, MAIL FROM:<>, RCPT, QUIT
 * (which drops the transaction, RFC 5321 §4.1.1.10). No mail is sent. Never rejects; when `signal` ends it, the result is a failure of class `message`.
 */
export async function probePrimary(primary: NextHop, options: ProbeOptions, signal: AbortSignal = never): Promise<ProbeResult> {
  const start = performance.now()
  const ms = () => Math.round(performance.now() - start)
  let connection: SmtpConnection | undefined
  const onAbort = () => connection?.destroy("aborted", "stopping")
  signal.addEventListener("abort", onAbort)
  const bad = (incident: Incident): ProbeResult => {
    const { reply } = classifyOutcome(incident, serverName(primary))
    return { ok: false, stage: incident.stage, failure: failureClass(incident), reply, tls: connection?.secure ?? false, ms: ms() }
  }
  try {
    connection = await openConnection(primary, options, signal)
    const { refusal, last } = await ask(connection, "", options.recipient, options.timeouts)
    if (refusal) {
      connection.quit()
      return bad(refusal)
    }
    connection.quit()
    return { ok: true, tls: connection.secure, ms: ms(), reply: replyLine(last) }
  } catch (error) {
    connection?.destroy()
    return bad(error instanceof SmtpFailure ? incidentOf(error) : { stage: "connect", broken: "local", detail: String(error) })
  } finally {
    signal.removeEventListener("abort", onAbort)
  }
}

/** What a primary says about an address. `temporary`: it could not say, so neither can we (451). */
export type CalloutResult =
  | { readonly verdict: "accepted"; readonly reply: string }
  | { readonly verdict: "refused"; readonly reply: string }
  | { readonly verdict: "temporary"; readonly reply: string; readonly failure: FailureClass }

export interface CalloutOptions extends Omit<ProbeOptions, "recipient"> {
  /** Sender of the second try where the primary takes no null sender. */
  readonly fallbackSender: string
  /** Connections to use again; left out: a connection of its own. */
  readonly pool?: ConnectionPool
}

/**
 * Callout verification: would the primary take mail for this address? Only its reply to RCPT can refuse one; everything
 * else is temporary. Never rejects.
 */
export async function calloutRecipient(primary: NextHop, address: string, options: CalloutOptions, signal: AbortSignal = never): Promise<CalloutResult> {
  const { pool } = options
  try {
    if (!pool) return await calloutAlone(primary, address, options, signal)
    for (let fresh = false; ; fresh = true) {
      const stale = Symbol("stale")
      const result = await pool.use(
        async (connection, reused) => {
          connection.transactions++
          try {
            return await verify(connection, address, options)
          } catch (error) {
            if (reused && !fresh && !signal.aborted && error instanceof SmtpFailure && error.stage === "mail") return stale
            throw error
          }
        },
        signal,
        fresh,
      )
      if (typeof result !== "symbol") return result
      pool.dropIdle()
    }
  } catch (error) {
    return temporary(error instanceof SmtpFailure ? incidentOf(error) : { stage: "connect", broken: "local", detail: String(error) }, primary)
  }
}

async function calloutAlone(primary: NextHop, address: string, options: CalloutOptions, signal: AbortSignal): Promise<CalloutResult> {
  const connection = await openConnection(primary, options, signal)
  const onAbort = () => connection.destroy("aborted", "stopping")
  signal.addEventListener("abort", onAbort)
  try {
    return await verify(connection, address, options)
  } finally {
    signal.removeEventListener("abort", onAbort)
    connection.quit()
  }
}

async function verify(connection: SmtpConnection, address: string, options: CalloutOptions): Promise<CalloutResult> {
  let { refusal, last } = await ask(connection, "", address, options.timeouts)
  // Some servers take no null sender, against RFC 5321 §4.5.5; that says nothing about the address.
  if (refusal?.stage === "mail" && last.code >= 500) ({ refusal, last } = await ask(connection, options.fallbackSender, address, options.timeouts))
  if (!refusal) return { verdict: "accepted", reply: replyLine(last) }
  const outcome = classifyOutcome(refusal, serverName(connection.endpoint))
  if (outcome.kind === "failed" && refusal.stage === "rcpt") return { verdict: "refused", reply: outcome.reply }
  return { verdict: "temporary", reply: outcome.reply, failure: failureClass(refusal) }
}

function temporary(incident: Incident, primary: NextHop): CalloutResult {
  const { reply } = classifyOutcome(incident, serverName(primary))
  return { verdict: "temporary", reply, failure: failureClass(incident) }
}

interface Answer {
  /** The reply that decided. */
  readonly last: ServerReply
  readonly refusal: { readonly stage: Stage; readonly reply: ServerReply } | undefined
}

/** MAIL and RCPT, in one group where offered; RSET is left to whoever uses the connection next. Throws {@link SmtpFailure} when it breaks or says 421. */
async function ask(connection: SmtpConnection, sender: string, recipient: string | undefined, { command: timeoutMs }: SmtpTimeouts): Promise<Answer> {
  const utf8Offered = connection.capabilities.has("SMTPUTF8")
  const address = recipient === undefined || utf8Offered ? recipient : withAsciiDomain(recipient)
  if (connection.needsReset) await connection.command("RSET", "mail", timeoutMs)
  const mail = `MAIL FROM:<${sender}>${utf8Offered && address !== undefined && !isAscii(address) ? " SMTPUTF8" : ""}\r\n`
  const rcpt = address === undefined ? "" : `RCPT TO:<${checkedPath(address)}>\r\n`
  const grouped = rcpt !== "" && connection.capabilities.has("PIPELINING")
  connection.needsReset = true
  connection.write(grouped ? mail + rcpt : mail)
  const mailReply = await connection.reply("mail", timeoutMs)
  if (mailReply.code === 421) throw refusedBy("mail", mailReply)
  const taken = isSuccess(mailReply)
  if (rcpt === "" || (!taken && !grouped)) return { last: mailReply, refusal: taken ? undefined : { stage: "mail", reply: mailReply } }
  if (!grouped) connection.write(rcpt)
  const rcptReply = await connection.reply("rcpt", timeoutMs)
  if (!taken) return { last: mailReply, refusal: { stage: "mail", reply: mailReply } }
  if (rcptReply.code === 421) throw refusedBy("rcpt", rcptReply)
  return { last: rcptReply, refusal: isSuccess(rcptReply) ? undefined : { stage: "rcpt", reply: rcptReply } }
}

const never = new AbortController().signal

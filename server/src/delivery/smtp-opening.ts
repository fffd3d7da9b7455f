import type { TlsPolicy } from "@lifeboat/shared/schemas/domain"
import { isSuccess } from "./classify-outcome.ts"
import { SmtpConnection, type Capabilities } from "./smtp-connection.ts"
import { SmtpFailure, refusedBy } from "./smtp-failure.ts"
import type { Endpoint } from "./smtp-socket.ts"
import type { SmtpTimeouts } from "./smtp-timeouts.ts"
import type { ServerReply } from "./smtp-reply.ts"

/**
 * A server to hand mail to. `tls`: `opportunistic` takes what it gets and goes on in the clear where TLS fails;
 * `required` never speaks a word of mail in the clear, but takes a self-signed certificate, as companies have.
 */
export interface NextHop extends Endpoint {
  readonly tls: TlsPolicy
  readonly auth?: { readonly user: string; readonly password: string }
}

/** `host:port` as tracking shows it. */
export function serverName(hop: Endpoint): string {
  return `${hop.servername ?? hop.host}:${hop.port}`
}

export interface OpeningOptions {
  /** The name in EHLO. */
  readonly hostname: string
  readonly timeouts: SmtpTimeouts
  /** HELO where EHLO is not known: for the outside, where such servers exist. Default false. */
  readonly helo?: boolean
}

/** A connection that has greeted, and has TLS and AUTH as the next hop wants them. Throws {@link SmtpFailure}. */
export async function openConnection(hop: NextHop, options: OpeningOptions, signal: AbortSignal): Promise<SmtpConnection> {
  if (hop.tls !== "opportunistic") return open(hop, hop.tls, options, signal)
  try {
    return await open(hop, "opportunistic", options, signal)
  } catch (error) {
    if (!(error instanceof SmtpFailure) || error.stage !== "tls" || error.broken === "aborted") throw error
    return open(hop, "none", options, signal)
  }
}

async function open(hop: NextHop, tls: TlsPolicy, options: OpeningOptions, signal: AbortSignal): Promise<SmtpConnection> {
  const { timeouts } = options
  const connection = await SmtpConnection.connect(hop, timeouts.connect, signal)
  const onAbort = () => connection.destroy("aborted", "stopping")
  signal.addEventListener("abort", onAbort)
  try {
    const banner = await connection.reply("banner", timeouts.banner)
    if (banner.code !== 220) throw refusedBy("banner", banner)
    await greet(connection, options)
    if (tls !== "none") await secure(connection, tls, options, signal)
    if (hop.auth) await authenticate(connection, hop.auth, timeouts.command)
    return connection
  } catch (error) {
    if (error instanceof SmtpFailure && error.reply) connection.quit()
    else connection.destroy()
    throw error
  } finally {
    signal.removeEventListener("abort", onAbort)
  }
}

async function greet(connection: SmtpConnection, { hostname, timeouts, helo }: OpeningOptions): Promise<void> {
  const reply = await connection.command(`EHLO ${hostname}`, "ehlo", timeouts.command)
  if (isSuccess(reply)) {
    connection.capabilities = capabilitiesOf(reply)
    return
  }
  if (!helo || reply.code < 500) throw refusedBy("ehlo", reply)
  const older = await connection.command(`HELO ${hostname}`, "ehlo", timeouts.command)
  if (!isSuccess(older)) throw refusedBy("ehlo", older)
  connection.capabilities = new Map()
}

async function secure(connection: SmtpConnection, tls: TlsPolicy, options: OpeningOptions, signal: AbortSignal): Promise<void> {
  if (!connection.capabilities.has("STARTTLS")) {
    if (tls === "required") throw new SmtpFailure("tls", "tls", "TLS is required, but the server does not offer STARTTLS")
    return
  }
  const reply = await connection.command("STARTTLS", "tls", options.timeouts.command)
  if (reply.code !== 220) throw refusedBy("tls", reply)
  await connection.startTls(options.timeouts.command, signal)
  try {
    await greet(connection, options)
  } catch (error) {
    // With TLS 1.3 a server's objection to the handshake shows only here.
    if (error instanceof SmtpFailure && !error.reply && error.broken === "lost") throw new SmtpFailure("tls", "tls", `${error.message}, right after the TLS handshake`)
    throw error
  }
}

/** AUTH PLAIN, else LOGIN (RFC 4954). A refusal is a setting's fault, so the host's, and never shows the password. */
async function authenticate(connection: SmtpConnection, auth: { readonly user: string; readonly password: string }, timeoutMs: number): Promise<void> {
  const offered = (connection.capabilities.get("AUTH") ?? "").toUpperCase().split(" ")
  const encode = (text: string) => Buffer.from(text, "utf8").toString("base64")
  let reply: ServerReply
  if (offered.includes("PLAIN")) {
    reply = await connection.command(`AUTH PLAIN ${encode(`\0${auth.user}\0${auth.password}`)}`, "auth", timeoutMs)
  } else if (offered.includes("LOGIN")) {
    reply = await connection.command("AUTH LOGIN", "auth", timeoutMs)
    if (reply.code === 334) reply = await connection.command(encode(auth.user), "auth", timeoutMs)
    if (reply.code === 334) reply = await connection.command(encode(auth.password), "auth", timeoutMs)
  } else {
    throw new SmtpFailure("auth", "protocol", "the server offers neither AUTH PLAIN nor AUTH LOGIN")
  }
  if (reply.code !== 235) throw refusedBy("auth", reply)
}

function capabilitiesOf(reply: ServerReply): Capabilities {
  const capabilities = new Map<string, string>()
  for (const line of reply.lines.slice(1)) {
    const space = line.search(/[ =]/)
    const keyword = (space < 0 ? line : line.slice(0, space)).toUpperCase()
    if (keyword !== "") capabilities.set(keyword, space < 0 ? "" : line.slice(space + 1).trim())
  }
  return capabilities
}

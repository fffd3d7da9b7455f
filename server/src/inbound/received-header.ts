import type { Incoming } from "../archive/incoming.ts"
import { hasField } from "../filter/header-fields.ts"

/** What a trace header tells (RFC 5321 §4.4). */
export interface Trace {
  readonly hostname: string
  readonly messageId: string
  readonly receivedAt: Date
  readonly client: { readonly address: string; readonly helo: string }
  readonly protocol: string
  readonly tls: { readonly protocol: string; readonly cipher: string } | null
  readonly recipients: readonly string[]
}

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
const two = (value: number): string => String(value).padStart(2, "0")

/** A date as in RFC 5322 §3.3, in UTC. */
export function mailDate(date: Date): string {
  return (
    `${days[date.getUTCDay()]}, ${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()} ` +
    `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`
  )
}

/**
 * The Received field of one message, folded, ending in CRLF. Everything a client chose is reduced to harmless
 * characters; the recipient is named only when it is the only one, so that blind copies stay blind.
 */
export function receivedHeader(trace: Trace): string {
  const tls = trace.tls ? ` (${harmless(trace.tls.protocol)} ${harmless(trace.tls.cipher)})` : ""
  const [only] = trace.recipients
  const forOne = trace.recipients.length === 1 && only !== undefined && /^[^\s<>()\\",;:\u0000-\u001f\u007f]{1,320}$/u.test(only) ? `\r\n\tfor <${only}>` : ""
  return (
    `Received: from ${harmless(trace.client.helo)} (${literal(trace.client.address)})\r\n` +
    `\tby ${harmless(trace.hostname)} (Lifeboat) with ${trace.protocol}${tls}\r\n` +
    `\tid ${trace.messageId}${forOne};\r\n\t${mailDate(trace.receivedAt)}\r\n`
  )
}

/**
 * The whole block put before the body of a mail: its Received field; Date and Message-ID where a mail of our own users
 * has none (RFC 6409 §8); and an empty line where the body does not begin with a header field, so that its first line
 * can never continue a header of ours. Ends in CRLF.
 */
export function traceOf(incoming: Incoming, hostname: string): string {
  const { body, client, envelope, recipients, receivedAt, submitter, transport } = incoming
  const received = receivedHeader({
    hostname,
    messageId: body.messageId,
    receivedAt,
    client,
    protocol: protocolOf(transport, envelope.smtpUtf8, submitter !== null),
    tls: transport?.tls ?? null,
    recipients: recipients.map((recipient) => recipient.address),
  })
  const missing = submitter === null || !beginsWithHeader(body.header) ? [] : ["date", "message-id"].filter((name) => !hasField(body.header, name))
  return (
    received +
    (missing.includes("date") ? `Date: ${mailDate(receivedAt)}\r\n` : "") +
    (missing.includes("message-id") ? `Message-ID: <${body.messageId}@${harmless(hostname)}>\r\n` : "") +
    joint(body.header)
  )
}

/** What stands between the trace and the mail. The separator line of a mailbox file that slipped in becomes a field, as Postfix makes it. */
function joint(header: Buffer): string {
  if (beginsWithHeader(header)) return ""
  return /^>*From /.test(header.toString("latin1", 0, 80)) ? "X-Mailbox-Line: " : "\r\n"
}

/** The WITH keyword (RFC 3848, RFC 6531 §3.7.3). */
function protocolOf(transport: Incoming["transport"], smtpUtf8: boolean, authenticated: boolean): string {
  if (!transport) return "HTTP"
  const base = smtpUtf8 ? "UTF8SMTP" : transport.extended ? "ESMTP" : "SMTP"
  return base + (transport.tls ? "S" : "") + (authenticated ? "A" : "")
}

function beginsWithHeader(header: Buffer): boolean {
  if (header.length === 0) return true
  const start = header.subarray(0, 1_000).toString("latin1")
  return /^(?:\r?\n|[!-9;-~]+[ \t]*:)/.test(start)
}

function literal(address: string): string {
  return address.includes(":") ? `[IPv6:${harmless(address)}]` : `[${harmless(address)}]`
}

function harmless(text: string): string {
  const short = text.slice(0, 255).replace(/[^A-Za-z0-9.:_[\]-]/g, "_")
  return short === "" ? "unknown" : short
}

import { reasonOf, reportText } from "./dsn-text.ts"

/** A recipient that a mail did not reach. */
export interface DsnFailure {
  readonly recipient: string
  /** Full SMTP reply, or the error in its place. */
  readonly reply: string
  /** `host:port` that gave the reply; null: none was reached. */
  readonly server: string | null
  /** Given up after its time, not refused. */
  readonly expired: boolean
}

export interface DsnRequest {
  /** The name of this installation (Reporting-MTA). */
  readonly hostname: string
  /** Makes the Message-ID: the same id makes the same report. Letters, digits, dots and hyphens. */
  readonly id: string
  readonly now: Date
  readonly original: {
    readonly mailFrom: string
    readonly receivedAt: Date
    /** Decoded subject, for the text. */
    readonly subject: string
    /** Message-ID header with its angle brackets; null: none. */
    readonly messageId: string | null
    /** The header block as received. */
    readonly header: Buffer
  }
  readonly failures: readonly DsnFailure[]
}

/** A report ready to be accepted like any mail: from the null sender to the original one. */
export interface Dsn {
  readonly mailFrom: ""
  readonly rcptTo: string
  readonly raw: Buffer
  readonly smtpUtf8: boolean
}

const headerBytes = 65_536
const lineBytes = 998

/**
 * The report to the sender of a mail that failed for good (RFC 3464, RFC 6522): German and English text, the machine-readable
 * part, the original's header. Undefined where none may be sent: to the null sender (RFC 5321 §4.5.5), for a mail that is a
 * report itself, or without failures.
 */
export function buildDsn(request: DsnRequest): Dsn | undefined {
  const { hostname, original, failures, now } = request
  if (original.mailFrom === "" || failures.length === 0 || isReport(original.header)) return undefined
  const boundary = `=_lifeboat_${request.id.replace(/[^A-Za-z0-9.-]/g, "")}`.slice(0, 70)
  const sender = oneLine(original.mailFrom)
  const entries = failures.map((failure) => {
    const status = statusOf(failure)
    return { ...failure, recipient: oneLine(failure.recipient), reply: oneLine(failure.reply), status, reason: reasonOf(status, failure.expired) }
  })
  const reference = original.messageId !== null && /^<[^\s<>]{1,900}>$/.test(original.messageId) ? original.messageId : undefined
  const header = originalHeader(original.header)
  const eightBit = header.some((byte) => byte > 127)
  const head = [
    `From: Mail Delivery System <MAILER-DAEMON@${hostname}>`,
    `To: <${sender}>`,
    "Subject: Ihre Nachricht konnte nicht zugestellt werden / Your message could not be delivered",
    `Date: ${mailDate(now)}`,
    `Message-ID: <${request.id}@${hostname}>`,
    ...(reference ? [`In-Reply-To: ${reference}`, `References: ${reference}`] : []),
    "Auto-Submitted: auto-replied",
    "MIME-Version: 1.0",
    `Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="${boundary}"`,
    "",
    `--${boundary}`,
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    wrap(Buffer.from(reportText(oneLine(original.subject), entries).replaceAll("\n", "\r\n"), "utf8").toString("base64")),
    `--${boundary}`,
    "Content-Type: message/delivery-status",
    "",
    `Reporting-MTA: dns; ${hostname}`,
    `Arrival-Date: ${mailDate(original.receivedAt)}`,
    "",
    ...entries.flatMap((entry) => [
      `Final-Recipient: ${typed(entry.recipient)}`,
      "Action: failed",
      `Status: ${entry.status}`,
      ...(entry.server === null ? [] : [`Remote-MTA: dns; ${oneLine(entry.server).replace(/:\d+$/, "")}`]),
      `Diagnostic-Code: smtp; ${ascii(entry.reply)}`,
      `Last-Attempt-Date: ${mailDate(now)}`,
      "",
    ]),
    `--${boundary}`,
    "Content-Type: text/rfc822-headers",
    ...(eightBit ? ["Content-Transfer-Encoding: 8bit"] : []),
    "",
    "",
  ].join("\r\n")
  const raw = Buffer.concat([Buffer.from(head, "utf8"), header, Buffer.from(`\r\n--${boundary}--\r\n`)])
  return { mailFrom: "", rcptTo: original.mailFrom, raw, smtpUtf8: /[^ -~]/.test(sender) }
}

/** The enhanced status code of the failure; 5.4.7 for one that ran out of time, 5.0.0 where the server gave none. */
function statusOf(failure: DsnFailure): string {
  if (failure.expired) return "5.4.7"
  return /^5\d\d[ -](5\.\d{1,3}\.\d{1,3})\b/.exec(failure.reply)?.[1] ?? "5.0.0"
}

function isReport(header: Buffer): boolean {
  return /^content-type:[^\r\n]*(\r?\n[ \t][^\r\n]*)*report-type="?delivery-status/im.test(header.toString("latin1"))
}

/** The original's header with CRLF as line ends, no line above the limit, without the empty line that ended it. */
function originalHeader(header: Buffer): Buffer {
  const lines = header.subarray(0, headerBytes).toString("latin1").split(/\r\n|\r|\n/)
  const kept = lines.filter((line) => line !== "").map((line) => `${line.slice(0, lineBytes)}\r\n`)
  return Buffer.from(kept.join(""), "latin1")
}

/** An address with its type (RFC 3464 §2.3.2); beyond ASCII in the form of RFC 6533 §3 for seven bits. */
function typed(address: string): string {
  if (!/[^ -~]/.test(address)) return `rfc822; ${address}`
  const encoded = [...address].map((char) => (/[!-~]/.test(char) && !/[\\+=]/.test(char) ? char : `\\x{${(char.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`))
  return `utf-8; ${encoded.join("")}`
}

function ascii(text: string): string {
  return text.replace(/[^ -~]/g, "?").slice(0, 900)
}

function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").trim()
}

function wrap(base64: string): string {
  return (base64.match(/.{1,76}/g) ?? []).join("\r\n")
}

/** A date as in RFC 5322 §3.3, in UTC. */
function mailDate(date: Date): string {
  return date.toUTCString().replace("GMT", "+0000")
}

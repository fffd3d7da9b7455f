/** One reply of a server (RFC 5321 §4.2) with its enhanced status code (RFC 3463), if it gave one. */
export interface ServerReply {
  /** 200 to 599. */
  readonly code: number
  /** `5.1.1`, or undefined. */
  readonly enhanced: string | undefined
  /** Lines of the reply without code; of EHLO the keywords. Bounded and free of control characters. */
  readonly lines: readonly string[]
}

/** Bounds on what a server may say in one reply. */
const lineBytes = 4096
const replyLines = 200
const textCharacters = 1000

/** Thrown by {@link ReplyParser} for bytes that are no SMTP reply, or for one that does not end. */
export class ReplyError extends Error {}

/**
 * Takes apart what a server sends. Lines may end in LF alone (seen in the wild); everything else must follow
 * RFC 5321 §4.2.1. Memory is bounded: 4 KB a line, 200 lines a reply.
 */
export class ReplyParser {
  #rest: Buffer | undefined
  #code = 0
  #lines: string[] = []

  /** Whether bytes of an unfinished reply are waiting. */
  get partial(): boolean {
    return this.#rest !== undefined || this.#lines.length > 0
  }

  /** Hands over each reply that `chunk` completes. Throws {@link ReplyError}; the connection is then of no more use. */
  feed(chunk: Buffer, take: (reply: ServerReply) => void): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = undefined
    let start = 0
    for (let end = bytes.indexOf(10, start); end >= 0; end = bytes.indexOf(10, start)) {
      if (end - start > lineBytes) throw new ReplyError(`a reply line is longer than ${lineBytes} bytes`)
      const reply = this.#line(bytes.toString("utf8", start, end > start && bytes[end - 1] === 13 ? end - 1 : end))
      if (reply) take(reply)
      start = end + 1
    }
    if (bytes.length - start > lineBytes) throw new ReplyError(`a reply line is longer than ${lineBytes} bytes`)
    if (start < bytes.length) this.#rest = start === 0 ? bytes : bytes.subarray(start)
  }

  /** Forgets everything that came before: nothing said before TLS counts after it (RFC 3207 §4.2). */
  reset(): void {
    this.#rest = undefined
    this.#lines = []
  }

  #line(line: string): ServerReply | undefined {
    const code = Number(line.slice(0, 3))
    const mark = line.charCodeAt(3)
    const first = line.charCodeAt(0)
    const last = mark === 32 || line.length === 3
    if (line.length < 3 || !Number.isInteger(code) || first < 50 || first > 53 || code < 200 || (!last && mark !== 45)) {
      throw new ReplyError(`not an SMTP reply: ${printable(line).slice(0, 100)}`)
    }
    if (this.#lines.length > 0 && code !== this.#code) throw new ReplyError(`a reply of several lines changes its code from ${this.#code} to ${code}`)
    this.#code = code
    this.#lines.push(printable(line.slice(4)))
    if (!last) {
      if (this.#lines.length >= replyLines) throw new ReplyError(`a reply has more than ${replyLines} lines`)
      return undefined
    }
    const lines = this.#lines
    this.#lines = []
    return { code, enhanced: enhancedCode(code, lines[0] ?? ""), lines }
  }
}

/** The whole reply as one line for tracking: `550 5.1.1 no such user`. At most 1,000 characters. */
export function replyLine(reply: ServerReply): string {
  const { code, enhanced, lines } = reply
  if (lines.length === 1) return `${code} ${lines[0]}`.trimEnd().slice(0, textCharacters)
  const prefix = enhanced === undefined ? "" : `${enhanced} `
  const text = lines.map((line) => (prefix !== "" && line.startsWith(prefix) ? line.slice(prefix.length) : line)).join(" ")
  return `${code} ${prefix}${text}`.trimEnd().slice(0, textCharacters)
}

const enhancedForm = /^([245])\.(\d{1,3})\.(\d{1,3})(?: |$)/

function enhancedCode(code: number, text: string): string | undefined {
  if (text.charCodeAt(1) !== 46) return undefined
  const match = enhancedForm.exec(text)
  return match && Number(match[1]) === Math.floor(code / 100) ? `${match[1]}.${match[2]}.${match[3]}` : undefined
}

const control = /[\u0000-\u001f\u007f-\u009f]/g

function printable(text: string): string {
  return text.replace(control, " ")
}

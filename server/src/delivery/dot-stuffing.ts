const CR = 13
const LF = 10
const DOT = 46
const crlf = Buffer.from("\r\n")
const ending = Buffer.from(".\r\n")

/**
 * Puts a body into the form that DATA wants (RFC 5321 §4.5.2): every line ends in CRLF, a dot at the start of a line is
 * doubled. Bare CR and bare LF become CRLF, so that no body can hold an end of data, for any reading of line ends
 * (SMTP smuggling). Everything else passes as it is. Works on a body in pieces; one encoder a body.
 */
export class DotStuffing {
  #atLineStart = true
  /** A CR was the last byte of the piece before: written or not depending on what follows. */
  #heldCr = false

  /** The next piece as it goes over the wire; the same buffer where nothing had to change. */
  encode(chunk: Buffer): Buffer {
    if (chunk.length === 0) return chunk
    if (!this.#heldCr && isClean(chunk, this.#atLineStart)) {
      if (chunk[chunk.length - 1] === CR) {
        this.#heldCr = true
        this.#atLineStart = false
        return chunk.subarray(0, -1)
      }
      this.#atLineStart = chunk[chunk.length - 1] === LF
      return chunk
    }
    return this.#rewrite(chunk)
  }

  /** What is left to write: the end of an unfinished line and the final dot. */
  end(): Buffer {
    return this.#heldCr || !this.#atLineStart ? Buffer.concat([crlf, ending]) : ending
  }

  #rewrite(chunk: Buffer): Buffer {
    // Worst case: every byte becomes two (bare line ends, lines that are a dot), and a held CR comes first.
    const out = Buffer.allocUnsafe(chunk.length * 2 + 2)
    let at = 0
    let lineStart = this.#atLineStart
    let heldCr = this.#heldCr
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]
      if (heldCr && byte !== LF) {
        out[at++] = CR
        out[at++] = LF
        lineStart = true
      }
      heldCr = byte === CR
      if (heldCr) continue
      if (byte === LF) {
        out[at++] = CR
        out[at++] = LF
        lineStart = true
        continue
      }
      if (lineStart && byte === DOT) out[at++] = DOT
      out[at++] = byte ?? 0
      lineStart = false
    }
    this.#heldCr = heldCr
    this.#atLineStart = lineStart
    return out.subarray(0, at)
  }
}

/** A whole body with its final dot, as few pieces as possible; the body itself is copied only when it must change. */
export function stuffed(parts: readonly Buffer[]): Buffer[] {
  const encoder = new DotStuffing()
  const out: Buffer[] = []
  for (const part of parts) if (part.length > 0) out.push(encoder.encode(part))
  out.push(encoder.end())
  return out
}

/** Whether nothing has to change: only CRLF as line ends (a CR as the very last byte is left to the caller), no line starts with a dot. */
function isClean(chunk: Buffer, atLineStart: boolean): boolean {
  if (chunk[0] === LF || (atLineStart && chunk[0] === DOT)) return false
  const end = chunk.length - 1
  let lf = chunk.indexOf(LF, 1)
  let cr = chunk.indexOf(CR)
  while (lf >= 0) {
    if (cr !== lf - 1 || (lf < end && chunk[lf + 1] === DOT)) return false
    if (lf === end) return true
    lf = chunk.indexOf(LF, lf + 1)
    cr = chunk.indexOf(CR, cr + 1)
  }
  return cr < 0 || cr === end
}

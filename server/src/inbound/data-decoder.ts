const cr = 0x0d
const lf = 0x0a
const dot = 0x2e
const lineWithDot = Buffer.from("\r\n.")

/** What one piece of DATA gave: content, and once the end was seen, the bytes behind it. */
export interface Decoded {
  readonly content: Buffer
  /** Bytes after CRLF.CRLF; undefined: the data goes on. */
  readonly rest: Buffer | undefined
}

/**
 * Takes DATA apart (RFC 5321 §4.5.2): removes stuffed dots and finds the end. Only CRLF.CRLF ends data and only a dot
 * behind CRLF is a stuffed one; bare CR and bare LF are content like any other byte, so nothing can be smuggled.
 */
export class DataDecoder {
  /** The next byte is the first of a line: the last bytes were CRLF, or nothing came yet. */
  #lineStart = true
  #endsInCr = false
  /** A dot at the start of a line, perhaps with CR, that may be the end. */
  #carry: Buffer | undefined

  /** Takes the next piece, however it was cut. */
  decode(piece: Buffer): Decoded {
    const bytes = this.#carry ? Buffer.concat([this.#carry, piece]) : piece
    this.#carry = undefined
    if (bytes.length === 0) return { content: bytes, rest: undefined }
    const parts: Buffer[] = []
    let start = 0
    let position = 0
    if (this.#endsInCr && bytes[0] === lf) {
      this.#lineStart = true
      position = 1
      if (bytes.length === 1) {
        this.#endsInCr = false
        return { content: bytes, rest: undefined }
      }
    }
    this.#endsInCr = false
    for (;;) {
      if (this.#lineStart && bytes[position] === dot) {
        const second = bytes[position + 1]
        const third = bytes[position + 2]
        if (second === undefined || (second === cr && third === undefined)) {
          this.#carry = Buffer.from(bytes.subarray(position))
          parts.push(bytes.subarray(start, position))
          return { content: join(parts), rest: undefined }
        }
        parts.push(bytes.subarray(start, position))
        if (second === cr && third === lf) return { content: join(parts), rest: bytes.subarray(position + 3) }
        start = ++position
      }
      this.#lineStart = false
      const next = bytes.indexOf(lineWithDot, position)
      if (next < 0) break
      position = next + 2
      this.#lineStart = true
    }
    parts.push(bytes.subarray(start))
    const last = bytes[bytes.length - 1]
    this.#endsInCr = last === cr
    this.#lineStart = last === lf && bytes.length - 2 >= start && bytes[bytes.length - 2] === cr
    return { content: join(parts), rest: undefined }
  }
}

function join(parts: Buffer[]): Buffer {
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
}

/** One header field: its name in lower case and its value with the folding taken out, as UTF-8 as far as it is. */
export interface HeaderField {
  readonly name: string
  readonly value: string
}

const lf = 0x0a
const colon = 0x3a

/**
 * The fields of a header block, in order, lazily. Never throws: lines that are no field are passed over, names are
 * never keys of an object. Understands CRLF and bare LF.
 */
export function* headerFields(header: Buffer): Generator<HeaderField> {
  let start = 0
  while (start < header.length) {
    let end = lineEnd(header, start)
    if (isEmptyLine(header, start, end)) return
    while (end < header.length && isBlank(header[end])) end = lineEnd(header, end)
    const at = header.subarray(start, end).indexOf(colon)
    if (at > 0) {
      const name = header.toString("latin1", start, start + at).trimEnd().toLowerCase()
      if (/^[!-9;-~]+$/.test(name)) yield { name, value: header.toString("utf8", start + at + 1, end).replace(/\r?\n(?=[ \t])/g, "").trim() }
    }
    start = end
  }
}

/** How many lines that begin a field the block has; cheaper than reading them. */
export function countFields(header: Buffer): number {
  let count = 0
  for (let start = 0; start < header.length; ) {
    const end = lineEnd(header, start)
    if (isEmptyLine(header, start, end)) break
    if (!isBlank(header[start])) count++
    start = end
  }
  return count
}

/** Whether the block has a field of this name (in lower case). */
export function hasField(header: Buffer, name: string): boolean {
  for (const field of headerFields(header)) if (field.name === name) return true
  return false
}

function lineEnd(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(lf, from)
  return end < 0 ? bytes.length : end + 1
}

function isEmptyLine(bytes: Buffer, start: number, end: number): boolean {
  return end - start === 1 ? bytes[start] === lf : end - start === 2 && bytes[start] === 0x0d && bytes[start + 1] === lf
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09
}

/** Properties by their id (MS-OXPROPS), those of the types that mail needs: text and bytes. */
export type MapiProperties = ReadonlyMap<number, string | Buffer>

const sizes: Readonly<Record<number, number>> = { 0x2: 4, 0x3: 4, 0x4: 4, 0x5: 8, 0x6: 8, 0x7: 8, 0xa: 4, 0xb: 4, 0x14: 8, 0x40: 8, 0x48: 16 }
const text8 = 0x1e
const text16 = 0x1f
const object = 0x0d
const binary = 0x102
const several = 0x1000
const maxProperties = 5_000
const maxValues = 10_000

/**
 * Reads a list of MAPI properties as TNEF encloses it (MS-OXTNEF §2.1.3.4). `decode` reads 8-bit text in the codepage of
 * the mail. What is broken ends the list; what was read until then counts. Never throws.
 */
export function readMapiProperties(bytes: Buffer, decode: (bytes: Buffer) => string): MapiProperties {
  const found = new Map<number, string | Buffer>()
  let at = 0
  const need = (length: number): boolean => length >= 0 && at + length <= bytes.length
  if (!need(4)) return found
  const count = Math.min(bytes.readUInt32LE(0), maxProperties)
  at = 4
  for (let n = 0; n < count; n++) {
    if (!need(4)) return found
    const type = bytes.readUInt16LE(at)
    const id = bytes.readUInt16LE(at + 2)
    at += 4
    if (id >= 0x8000 && !skipName()) return found
    const kind = type & ~several
    const variable = kind === text8 || kind === text16 || kind === object || kind === binary
    let values = 1
    if (variable || (type & several) !== 0) {
      if (!need(4)) return found
      values = bytes.readUInt32LE(at)
      at += 4
      if (values > maxValues) return found
    }
    for (let value = 0; value < values; value++) {
      if (!variable) {
        const size = sizes[kind]
        if (size === undefined || !need(size)) return found
        at += size
        continue
      }
      if (!need(4)) return found
      const length = bytes.readUInt32LE(at)
      at += 4
      if (!need(length)) return found
      const content = bytes.subarray(at, at + length)
      at += length + ((4 - (length % 4)) % 4)
      if (value === 0 && !found.has(id)) found.set(id, kind === text16 ? trimmed(content.toString("utf16le")) : kind === text8 ? trimmed(decode(content)) : content)
    }
  }
  return found

  /** Named properties carry a GUID and a number or a name of their own. */
  function skipName(): boolean {
    if (!need(24)) return false
    const byName = bytes.readUInt32LE(at + 16) === 1
    const length = bytes.readUInt32LE(at + 20)
    at += 24
    if (!byName) return true
    if (!need(length)) return false
    at += length + ((4 - (length % 4)) % 4)
    return true
  }
}

function trimmed(text: string): string {
  const end = text.indexOf("\0")
  return (end < 0 ? text : text.slice(0, end)).toWellFormed()
}

/** What the dictionary holds at the start (MS-OXRTFCP §2.1.2.1). */
const prefilled = Buffer.from(
  "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx",
  "latin1",
)
const dictionarySize = 4096
const compressed = 0x75465a4c
const uncompressed = 0x414c454d

/** Decompresses RTF as Outlook keeps it (MS-OXRTFCP), to `limit` bytes at most; undefined for anything else. */
export function decompressRtf(bytes: Buffer, limit: number): Buffer | undefined {
  if (bytes.length < 16) return undefined
  const rawSize = bytes.readUInt32LE(4)
  const form = bytes.readUInt32LE(8)
  if (form === uncompressed) return bytes.subarray(16, 16 + Math.min(rawSize, limit))
  if (form !== compressed) return undefined
  const dictionary = Buffer.alloc(dictionarySize, 0x20)
  prefilled.copy(dictionary)
  let write = prefilled.length
  const size = Math.min(rawSize, limit)
  const out = Buffer.alloc(size)
  let length = 0
  const put = (byte: number) => {
    out[length++] = byte
    dictionary[write] = byte
    write = (write + 1) % dictionarySize
  }
  for (let at = 16; at < bytes.length && length < size; ) {
    const control = bytes[at++] ?? 0
    for (let bit = 0; bit < 8 && length < size; bit++) {
      if ((control & (1 << bit)) === 0) {
        if (at >= bytes.length) break
        put(bytes[at++] ?? 0)
        continue
      }
      if (at + 1 >= bytes.length) return out.subarray(0, length)
      const reference = bytes.readUInt16BE(at)
      at += 2
      let read = reference >> 4
      if (read === write) return out.subarray(0, length)
      for (let n = (reference & 15) + 2; n > 0 && length < size; n--) {
        put(dictionary[read] ?? 0)
        read = (read + 1) % dictionarySize
      }
    }
  }
  return out.subarray(0, length)
}

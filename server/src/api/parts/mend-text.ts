const looked = 20_000

/** For each character of a charset of one byte, the byte. */
function bytesOf(charset: string): ReadonlyMap<string, number> {
  const decoder = new TextDecoder(charset)
  const map = new Map<string, number>()
  for (let byte = 0x80; byte < 0x100; byte++) {
    map.set(String.fromCharCode(byte), byte)
    map.set(decoder.decode(Uint8Array.of(byte)), byte)
  }
  return map
}

const western = bytesOf("windows-1252")
const baltic = bytesOf("windows-1257")
/** Stands for any later byte of a character that was lost. */
const lost = 0x80

/** The text whose UTF-8 bytes were read as characters of another charset; undefined where they were not. */
function reread(text: string, charset: ReadonlyMap<string, number>, unknown: number | undefined): string | undefined {
  if (!/[\u0080-\uffff]/.test(text)) return undefined
  const bytes = Buffer.alloc(text.length)
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const byte = code < 0x80 ? code : code === 0xfffd ? unknown : charset.get(text.charAt(at))
    if (byte === undefined) return undefined
    bytes[at] = byte
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** A text that was UTF-8 and called something western, as it was meant; every other text as it is. That text of another charset happens to be valid UTF-8 does not occur. */
export function mendText(text: string): string {
  return reread(text.slice(0, looked), western, undefined) === undefined ? text : (reread(text, western, undefined) ?? text)
}

/** Whether a text was UTF-8 without saying so, and read as Baltic (windows-1257), as the mailbox store reads what says nothing. It may have lost characters by that. */
export function isMisread(text: string): boolean {
  return reread(text.slice(0, looked).replace(/[\u0080-\uffff]*$/, ""), baltic, lost) !== undefined
}

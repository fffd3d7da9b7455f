import type { PartText } from "@lifeboat/shared/schemas/mail-parts"

/** Bytes of a file that are shown as text. */
export const maxTextBytes = 1_048_576

/**
 * Bytes as text. Says the charset it was read in: a byte order mark, the declared one, UTF-8 where it is that, UTF-16
 * where every other byte is nought, else windows-1252, which takes anything. Never throws. `truncated`: there is more.
 */
export function readText(bytes: Uint8Array, declared: string | undefined, truncated: boolean): PartText {
  const charset = markedCharset(bytes) ?? knownCharset(declared) ?? guessedCharset(bytes, truncated)
  // What was cut in the middle of a character is not shown as a broken one.
  const text = new TextDecoder(charset).decode(bytes, { stream: truncated })
  return { text: text.replaceAll("\r\n", "\n"), truncated, charset }
}

function markedCharset(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8"
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le"
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : undefined
}

function knownCharset(name: string | undefined): string | undefined {
  if (name === undefined || /^\s*(?:us-)?ascii\s*$/i.test(name)) return undefined
  try {
    return new TextDecoder(name).encoding
  } catch {
    return undefined
  }
}

function guessedCharset(bytes: Uint8Array, truncated: boolean): string {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: truncated })
    if (!bytes.subarray(0, 4096).includes(0)) return "utf-8"
  } catch {
    return "windows-1252"
  }
  const start = bytes.subarray(0, 4096)
  const noughts = (odd: number) => start.filter((byte, at) => at % 2 === odd && byte === 0).length
  if (noughts(1) > start.length / 4) return "utf-16le"
  return noughts(0) > start.length / 4 ? "utf-16be" : "utf-8"
}

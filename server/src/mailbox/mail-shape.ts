/** What decides whether WildDuck can keep a mail: it holds the tree of MIME parts in one document, and each line costs it about a microsecond. */
export interface MailShape {
  /** Levels of MIME parts within each other; counted no further than `maxDepth` + 1. */
  readonly depth: number
  /** Lines shorter than 40 bytes, those without a character among them; counted no further than `maxShortLines` + 1. Longer ones, base64 above all, are bounded by the size. */
  readonly shortLines: number
}

/** Beyond these WildDuck refuses a mail (deep ones) or stands still for seconds (two million short lines: 4 s, 36 MB of base64: 1 s). */
export const maxDepth = 80
export const maxShortLines = 200_000
export const maxBytes = 60_000_000

const shortLine = 40
const headerBytes = 65_536

/** Measures a mail in one pass over its bytes. Understands CRLF and bare LF; hostile mail costs no more than other mail. */
export function measureShape(mail: Uint8Array): MailShape {
  const bytes = Buffer.from(mail.buffer, mail.byteOffset, mail.byteLength)
  // One entry a level: the boundary between its parts, or null for an attached message, which ends with the level above.
  const levels: (string | null)[] = []
  let deepest = 0
  let shortLines = 0
  let inHeader = true
  let header = ""
  for (let start = 0; start < bytes.length; ) {
    const feed = bytes.indexOf(0x0a, start)
    const end = feed < 0 ? bytes.length : feed
    const length = end > start && bytes[end - 1] === 0x0d ? end - 1 - start : end - start
    if (length < shortLine && ++shortLines > maxShortLines) break
    if (inHeader) {
      if (length === 0) {
        const opened = openedBy(header)
        header = ""
        inHeader = opened === null
        if (opened !== undefined) levels.push(opened)
        deepest = Math.max(deepest, levels.length)
        if (deepest > maxDepth) break
      } else if (header.length < headerBytes) {
        header += `${bytes.toString("latin1", start, start + Math.min(length, headerBytes))}\n`
      }
    }
    if (length > 2 && bytes[start] === 0x2d && bytes[start + 1] === 0x2d) {
      const line = bytes.toString("latin1", start + 2, start + Math.min(length, 300)).trimEnd()
      const level = levels.findLastIndex((boundary) => boundary !== null && (line === boundary || line === `${boundary}--`))
      if (level >= 0) {
        const closed = line === `${levels[level]}--`
        levels.length = closed ? level : level + 1
        inHeader = !closed
        header = ""
      }
    }
    start = end + 1
  }
  return { depth: deepest, shortLines }
}

/** What a header opens: the boundary of a multipart, null for an attached message, undefined for anything else. */
function openedBy(header: string): string | null | undefined {
  const type = /^content-type:(.*(?:\n[ \t].*)*)/im.exec(header)?.[1]?.replaceAll("\n", " ") ?? ""
  if (/^\s*message\/(?:rfc822|global)\b/i.test(type)) return null
  if (!/^\s*multipart\//i.test(type)) return undefined
  const match = /;\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/i.exec(type)
  return match ? (match[1]?.replace(/\\(.)/g, "$1") ?? match[2] ?? undefined)?.trimEnd() : undefined
}

/** A stretch of a plain text: words, or a link to click. */
export interface Piece {
  readonly text: string
  readonly href?: string
}

/** Lines of one quoting depth (RFC 3676 §4.5), depth 0 being the writer's own text; or what stands below `-- ` (§4.3). */
export interface Block {
  readonly depth: number
  readonly signature: boolean
  readonly lines: number
  readonly pieces: readonly Piece[]
}

const link = /\b(?:https?:\/\/|www\.)[^\s<>"'`]{2,2000}|\b[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+\b/gi
/** Longer texts are not searched for links, characters. */
const searched = 200_000

/** Finds web and mail addresses; punctuation that ends the sentence stays outside. What a link leads to is written on it, so that a text cannot deceive. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = []
  let end = 0
  for (const match of text.matchAll(link)) {
    let label = match[0].replace(/[.,;:!?]+$/, "")
    if (label.endsWith(")") && !label.includes("(")) label = label.slice(0, -1)
    const href = /^https?:/i.test(label) ? label : /^www\./i.test(label) ? `https://${label}` : `mailto:${label}`
    // What stands before an @ is there to be taken for the host.
    if (!URL.canParse(href) || (/^https?:/i.test(href) && new URL(href).username !== "")) continue
    if (match.index > end) found.push({ text: text.slice(end, match.index) })
    found.push({ text: label, href })
    end = match.index + label.length
  }
  if (end < text.length) found.push({ text: text.slice(end) })
  return found
}

/** A plain text as blocks, with its links found; nothing in it runs backwards, or a link would read as another one. Nothing in it is ever markup: pieces are text, and links lead to the web or write a mail. */
export function blocks(text: string): Block[] {
  const result: { depth: number; signature: boolean; lines: string[] }[] = []
  for (const raw of text.replaceAll(/[\u202d\u202e]/g, "").replaceAll(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n")) {
    const marks = /^(?:> ?)*/.exec(raw)?.[0] ?? ""
    const depth = Math.min(marks.replaceAll(" ", "").length, 5)
    const line = raw.slice(marks.length)
    const last = result.at(-1)
    const signature = depth === 0 && (line === "-- " || line === "--" || (last?.signature === true && last.depth === 0))
    if (last?.depth === depth && last.signature === signature) last.lines.push(line)
    else result.push({ depth, signature, lines: [line] })
  }
  return result.map(({ depth, signature, lines }) => {
    const joined = lines.join("\n")
    return { depth, signature, lines: lines.length, pieces: text.length <= searched ? pieces(joined) : [{ text: joined }] }
  })
}

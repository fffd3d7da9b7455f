/** A stretch of a plain text: words, or a link to click. */
export interface Piece {
  readonly text: string
  readonly href?: string
}

/** Lines of one quoting depth (RFC 3676 §4.5); depth 0 is the writer's own text. */
export interface Block {
  readonly depth: number
  readonly lines: readonly (readonly Piece[])[]
}

const link = /\b(?:https?:\/\/|www\.)[^\s<>"'`]{2,2000}|\b[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+\b/gi

/** Finds web and mail addresses; punctuation that ends the sentence stays outside. */
export function pieces(line: string): Piece[] {
  const found: Piece[] = []
  let end = 0
  for (const match of line.matchAll(link)) {
    let text = match[0].replace(/[.,;:!?]+$/, "")
    if (text.endsWith(")") && !text.includes("(")) text = text.slice(0, -1)
    if (match.index > end) found.push({ text: line.slice(end, match.index) })
    const href = /^https?:/i.test(text) ? text : /^www\./i.test(text) ? `https://${text}` : `mailto:${text}`
    found.push({ text, href })
    end = match.index + text.length
  }
  if (end < line.length) found.push({ text: line.slice(end) })
  return found
}

/** A plain text as blocks of quoting depth, with its links found. Long texts are not searched for links beyond 200,000 characters. */
export function blocks(text: string): Block[] {
  const result: { depth: number; lines: Piece[][] }[] = []
  const searched = text.length <= 200_000
  for (const raw of text.replaceAll("\r\n", "\n").split("\n")) {
    const marks = /^(?:> ?)*/.exec(raw)?.[0] ?? ""
    const depth = Math.min(marks.replaceAll(" ", "").length, 5)
    const line = raw.slice(marks.length)
    const last = result.at(-1)
    const block = last?.depth === depth ? last : (result.push({ depth, lines: [] }), result.at(-1))
    block?.lines.push(searched ? pieces(line) : [{ text: line }])
  }
  return result
}

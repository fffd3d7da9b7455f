import { parseSearch } from "@lifeboat/shared/search-query"

/** A piece of a text; `hit`: it is what was searched for. */
export interface Piece {
  readonly text: string
  readonly hit: boolean
}

const notInWord = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

/** What to look for in rows of a search: its words and phrases, longest first; undefined where there are none. */
export function hitPattern(q: string): RegExp | undefined {
  const { words, phrases, from, to, subject } = parseSearch(q)
  const wanted = [...new Set([...words, ...phrases, ...from, ...to, ...subject])].filter((word) => word.length > 1).toSorted((a, b) => b.length - a.length)
  return wanted.length === 0 ? undefined : new RegExp(`(?<![\\p{L}\\p{N}])(?:${wanted.map(notInWord).join("|")})`, "giu")
}

/** A text in pieces, those that were searched for apart. Words are found at their beginnings, as the search does. */
export function pieces(text: string, pattern: RegExp): Piece[] {
  const out: Piece[] = []
  let end = 0
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) out.push({ text: text.slice(end, match.index), hit: false })
    out.push({ text: match[0], hit: true })
    end = match.index + match[0].length
  }
  if (end < text.length) out.push({ text: text.slice(end), hit: false })
  return out
}

/** What a person looks for. Words and phrases are in lower case, as typed otherwise; dates are days (`2026-11-23`) in UTC. */
export interface SearchQuery {
  readonly words: readonly string[]
  readonly phrases: readonly string[]
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly subject: readonly string[]
  readonly has: readonly "attachment"[]
  readonly is: readonly ("unread" | "flagged")[]
  readonly before: string | undefined
  readonly after: string | undefined
  /** A folder's name or special use, `anywhere` or `archive`; undefined: where the person is. */
  readonly in: string | undefined
}

type Chip = "from" | "to" | "subject"
const names: Readonly<Record<string, Chip | "has" | "is" | "before" | "after" | "in">> = {
  from: "from", von: "from", to: "to", an: "to", subject: "subject", betreff: "subject", has: "has", hat: "has", is: "is", ist: "is", before: "before", vor: "before", after: "after", nach: "after", in: "in",
}
const part = /(?:([\p{L}]+):)?(?:"([^"]*)"?|([^\s"]+))/gu
const day = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/

/**
 * Reads a search line: words, phrases in quotes, and `from: to: subject: has: is: before: after: in:` (German names work
 * too) with either. What is no operator, or has a value that means nothing, is searched as the words that it is.
 */
export function parseSearch(text: string): SearchQuery {
  const query = { words: [] as string[], phrases: [] as string[], from: [] as string[], to: [] as string[], subject: [] as string[], has: [] as "attachment"[], is: [] as ("unread" | "flagged")[], before: undefined as string | undefined, after: undefined as string | undefined, in: undefined as string | undefined }
  for (const [whole, rawName, phrase, bare] of text.toLowerCase().matchAll(part)) {
    const value = (phrase ?? bare ?? "").trim()
    if (value === "") continue
    const name = rawName === undefined ? undefined : names[rawName]
    if (name === "from" || name === "to" || name === "subject") query[name].push(value)
    else if (name === "has" && /^(attachments?|anh[aä]nge?)$/.test(value)) query.has.push("attachment")
    else if (name === "is" && /^(unread|ungelesen)$/.test(value)) query.is.push("unread")
    else if (name === "is" && /^(flagged|markiert)$/.test(value)) query.is.push("flagged")
    else if ((name === "before" || name === "after") && day.test(value)) query[name] = value
    else if (name === "in") query.in = value
    else if (phrase !== undefined && rawName === undefined && /\s/.test(value)) query.phrases.push(value)
    else query.words.push(...(phrase === undefined ? whole : `${rawName ?? ""} ${value}`).split(/[\s:"]+/u).filter((word) => word !== ""))
  }
  return query
}

/** What is still being typed at the end of a search line: its last word, of which only the beginning may stand there yet. */
export interface TypedWord {
  readonly field: "words" | "from" | "to" | "subject"
  /** As {@link parseSearch} has it, at the end of that list. */
  readonly value: string
}

/** The word that a person is typing; undefined behind a space or a quote, and after other operators. */
export function typedWord(text: string): TypedWord | undefined {
  if (!/[\p{L}\p{N}]$/u.test(text)) return undefined
  const [whole = "", rawName, phrase, bare] = [...text.toLowerCase().matchAll(part)].at(-1) ?? []
  if (phrase !== undefined) return undefined
  const query = parseSearch(whole)
  const field = (["from", "to", "subject", "words"] as const).find((name) => query[name].length > 0)
  const value = field === undefined ? undefined : query[field].at(-1)
  return field === undefined || value === undefined || (rawName === undefined && bare === undefined) ? undefined : { field, value }
}

/** A search line that {@link parseSearch} reads as this query: chips first, then phrases and words. */
export function writeSearch(query: SearchQuery): string {
  const named = (["from", "to", "subject", "has", "is"] as const).flatMap((name) => query[name].map((value) => `${name}:${quoted(value)}`))
  const single = (["before", "after", "in"] as const).flatMap((name) => (query[name] === undefined ? [] : [`${name}:${quoted(query[name])}`]))
  return [...named, ...single, ...query.phrases.map((phrase) => `"${phrase.replaceAll('"', " ")}"`), ...query.words].join(" ")
}

function quoted(value: string): string {
  const text = value.replaceAll('"', " ").trim()
  return /[\s:]/.test(text) ? `"${text}"` : text
}

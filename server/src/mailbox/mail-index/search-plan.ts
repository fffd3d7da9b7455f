import { parseSearch, typedWord } from "@lifeboat/shared/search-query"
import { attachmentMark, fieldMarks, phraseBits, wordsOf } from "./mail-words.ts"

/** One thing that every mail found has, as the index answers it. */
export type Condition =
  | { readonly kind: "word"; readonly word: string }
  | { readonly kind: "prefix"; readonly prefix: string }
  | { readonly kind: "phrase"; readonly bits: readonly number[] }
  | { readonly kind: "unseen" }
  | { readonly kind: "flagged" }

/** Words one after the other, in one field or anywhere: to be read in the mail itself, the index only says where it may be. */
export interface Phrase {
  readonly field: "subject" | "from" | "to" | "any"
  readonly words: readonly string[]
}

/** What a search asks of the index. */
export interface SearchPlan {
  readonly conditions: readonly Condition[]
  readonly phrases: readonly Phrase[]
  /** Arrival: from this day on, and before that day. */
  readonly after: Date | undefined
  readonly before: Date | undefined
  /** As typed behind `in:`. */
  readonly place: string | undefined
}

/** Reads a search line. The word still being typed counts as a beginning. Punctuation within a word makes a phrase of it. */
export function planSearch(text: string, unseen = false): SearchPlan {
  const query = parseSearch(text)
  const typed = typedWord(text)
  const conditions: Condition[] = []
  const phrases: Phrase[] = []
  const take = (field: Phrase["field"], value: string, typing: boolean) => {
    const mark = field === "any" ? "" : fieldMarks[field]
    const words = wordsOf(value)
    const last = typing ? words.pop() : undefined
    conditions.push(...words.map((word): Condition => ({ kind: "word", word: mark + word })))
    if (last !== undefined) conditions.push({ kind: "prefix", prefix: mark + last })
    if (words.length > 1) {
      conditions.push({ kind: "phrase", bits: phraseBits(words) })
      phrases.push({ field, words })
    }
  }
  for (const [field, name] of [["any", "words"], ["from", "from"], ["to", "to"], ["subject", "subject"]] as const) {
    query[name].forEach((value, index) => take(field, value, typed?.field === name && index === query[name].length - 1))
  }
  for (const phrase of query.phrases) take("any", phrase, false)
  if (query.has.includes("attachment")) conditions.push({ kind: "word", word: attachmentMark })
  if (unseen || query.is.includes("unread")) conditions.push({ kind: "unseen" })
  if (query.is.includes("flagged")) conditions.push({ kind: "flagged" })
  return {
    conditions: conditions.filter((condition, index) => conditions.findIndex((other) => JSON.stringify(other) === JSON.stringify(condition)) === index),
    phrases,
    after: query.after === undefined ? undefined : new Date(query.after),
    before: query.before === undefined ? undefined : new Date(query.before),
    place: query.in,
  }
}

/** Whether a plan asks for anything: a line of punctuation alone does not. */
export function asksForSomething({ conditions, after, before, place }: SearchPlan): boolean {
  return conditions.length > 0 || after !== undefined || before !== undefined || place !== undefined
}

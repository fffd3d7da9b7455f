/** A search line as the field shows it: operators that are complete as chips, and the text behind them. */
export interface SearchText {
  readonly chips: readonly string[]
  readonly rest: string
}

const operator = /^(?:from|von|to|an|subject|betreff|has|hat|is|ist|before|vor|after|nach|in):(?:"[^"]*"|[^\s"]+)$/i

/** The parts of a line, phrases in quotes whole. */
const parts = (line: string) => line.match(/[^\s"]*"[^"]*"?|\S+/g) ?? []

/** Takes a line apart; every complete operator becomes a chip. */
export function takeApart(line: string): SearchText {
  const chips: string[] = []
  const rest: string[] = []
  for (const part of parts(line)) (operator.test(part) ? chips : rest).push(part)
  return { chips, rest: rest.join(" ") }
}

export const together = ({ chips, rest }: SearchText): string => [...chips, rest.trim()].filter((part) => part !== "").join(" ")

/** While typing: an operator becomes a chip once a space follows it. */
export function whileTyping({ chips, rest }: SearchText): SearchText {
  if (!/\s$/.test(rest)) return { chips, rest }
  const found = takeApart(rest)
  return found.chips.length === 0 ? { chips, rest } : { chips: [...chips, ...found.chips.filter((chip) => !chips.includes(chip))], rest: found.rest === "" ? "" : `${found.rest} ` }
}

const offered = {
  de: ["von:", "an:", "betreff:", "hat:anhang", "ist:ungelesen", "ist:markiert", "vor:", "nach:", "in:"],
  en: ["from:", "to:", "subject:", "has:attachment", "is:unread", "is:flagged", "before:", "after:", "in:"],
} as const
const labels = ["from", "to", "subject", "attachment", "unread", "flagged", "before", "after", "in"] as const

/** What the field offers for the word that is being typed: operators to begin, or whole filters. `label` names a text. */
export interface Suggestion {
  readonly insert: string
  readonly label: (typeof labels)[number]
}

/** Operators in the person's language that begin with the last word, all of them while nothing is typed; those that are set are left out. */
export function suggestions({ chips, rest }: SearchText, language: "de" | "en"): Suggestion[] {
  const word = typedPart(rest).toLowerCase()
  return offered[language].flatMap((insert, index) => {
    const label = labels[index]
    const other = offered[language === "de" ? "en" : "de"][index] ?? ""
    const fits = (insert.startsWith(word) || (word !== "" && other.startsWith(word))) && insert !== word
    return label !== undefined && fits && !chips.includes(insert) ? [{ insert, label }] : []
  })
}

/** What stands at the end of a line and is still being typed, with the quote it may have opened; empty behind a space. */
function typedPart(rest: string): string {
  const last = parts(rest).at(-1) ?? ""
  return rest.endsWith(last) && !/^[^"]*"[^"]*"$/.test(last) ? last : ""
}

const personal = /^(?:(from|von|to|an):)?"?([^":]*)$/i

/** The person that is being typed: the operator as it stands there, and what to look for; undefined where there is nothing to look for yet. */
export function typedPerson(rest: string): { readonly operator: string | undefined; readonly q: string } | undefined {
  const [, operator, typed = ""] = personal.exec(typedPart(rest)) ?? []
  const q = typed.trim()
  return q.length < (operator === undefined ? 2 : 1) ? undefined : { operator: operator?.toLowerCase(), q }
}

/** The filter for mails of (or to) a person: what was typed says which; a word alone means the sender. */
export function filterFor(address: string, operator: string | undefined, language: "de" | "en"): string {
  return `${operator ?? (language === "de" ? "von" : "from")}:${address}`
}

/** The text with a suggestion in the place of the last word. */
export function accept(text: SearchText, insert: string): SearchText {
  const rest = text.rest.slice(0, text.rest.length - typedPart(text.rest).length) + insert
  return insert.endsWith(":") ? { chips: text.chips, rest } : whileTyping({ chips: text.chips, rest: `${rest} ` })
}

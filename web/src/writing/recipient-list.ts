import { readRecipient, type Recipient } from "./recipient-text.ts"

/** Chips that a field draws at first, and how many more on request: thousands at once would stand still. */
export const drawnAtFirst = 100
export const drawnMore = 500

const known = new Map<string, Recipient>()

/** `readRecipient`, remembered: a list of thousands is asked about at every keystroke. */
export function recipientOf(text: string): Recipient {
  let recipient = known.get(text)
  if (!recipient) {
    if (known.size > 20_000) known.clear()
    known.set(text, (recipient = readRecipient(text)))
  }
  return recipient
}

/** What a chip shows: the name where there is one, else the address. A name that looks like an address never stands in for the real one. */
export function chipText(text: string): string {
  const { address } = recipientOf(text)
  const name = /^\s*"?(.*?)"?\s*<[^<>]*>\s*$/s.exec(text)?.[1]?.replace(/\\(.)/g, "$1").trim()
  if (address === undefined || name === undefined || name === "") return text
  return !name.includes("@") ? name : name.toLowerCase() === address ? address : text
}

/** `list` with `fresh` behind it, nobody twice. */
export function withRecipients(list: readonly string[], fresh: readonly string[]): string[] {
  const keyOf = (text: string) => recipientOf(text).address ?? text
  const there = new Set(list.map(keyOf))
  return [...list, ...fresh.filter((text) => !there.has(keyOf(text)) && there.add(keyOf(text)))]
}

/** The recipients that are no addresses, those with the first fault first. */
export const invalidIn = (list: readonly string[]): string[] => list.filter((text) => recipientOf(text).address === undefined)

/** Recipients counted once each over all fields. */
export const countRecipients = (...lists: readonly (readonly string[])[]): number => new Set(lists.flat().map((text) => recipientOf(text).address ?? text)).size

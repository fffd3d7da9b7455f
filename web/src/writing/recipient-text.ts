import { canonicalAddress } from "@lifeboat/shared/address"

/** A recipient as typed or pasted; `address` is missing where the text holds none that is valid. */
export interface Recipient {
  readonly text: string
  readonly address: string | undefined
}

/** Splits what was typed or pasted at commas, semicolons and line ends outside of quotes and angle brackets. */
export function splitRecipients(text: string): string[] {
  const parts: string[] = []
  let part = ""
  let inQuotes = false
  let inBrackets = false
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === "\\" && inQuotes) part += character + text.charAt(++at)
    else if (/[,;\n\r]/.test(character) && !inQuotes && !inBrackets) {
      parts.push(part)
      part = ""
    } else {
      if (character === '"') inQuotes = !inQuotes
      else if (!inQuotes && character === "<") inBrackets = true
      else if (!inQuotes && character === ">") inBrackets = false
      part += character
    }
  }
  return [...parts, part].map((each) => each.trim()).filter((each) => each !== "")
}

/** One recipient: a bare address or `Name <address>`. */
export function readRecipient(text: string): Recipient {
  const bracketed = /<([^<>]*)>\s*$/.exec(text)?.[1]
  return { text, address: canonicalAddress(bracketed ?? text) }
}

import { canonicalAddress, withoutPlus } from "@lifeboat/shared/address"
import { headerFields } from "../filter/header-fields.ts"
import type { UserDocument } from "../store/documents.ts"

type Owner = Pick<UserDocument, "_id" | "aliases">

/** Fields that say from whom a mail is; each address in each of them must be the sender's own. */
const originators = new Set(["from", "sender", "resent-from", "resent-sender"])

/** Whether an address is the user's own: address, alias, or one of them with a plus part. */
export function ownsAddress(user: Owner, address: string): boolean {
  const canonical = canonicalAddress(address)
  if (canonical === undefined) return false
  const base = withoutPlus(canonical)
  return [user._id, ...user.aliases].some((own) => own === canonical || own === base)
}

/** Whether a header block names nobody but the user as its originator: exactly one From, and every address readable. */
export function ownsHeader(user: Owner, header: Buffer): boolean {
  let from = 0
  for (const { name, value } of headerFields(header)) {
    if (!originators.has(name)) continue
    if (name === "from") from++
    const addresses = mailboxes(value)
    if (!addresses || addresses.length === 0 || !addresses.every((address) => ownsAddress(user, address))) return false
  }
  return from === 1
}

/**
 * The addresses of a mailbox list (RFC 5322 §3.4), without comments and display names. Undefined for anything that
 * two readers might read differently: such a field is not trusted.
 */
export function mailboxes(value: string): string[] | undefined {
  const plain = withoutComments(value)
  if (plain === undefined) return undefined
  const addresses: string[] = []
  for (const part of splitOutsideQuotes(plain)) {
    const text = part.trim()
    if (text === "") continue
    const angled = /^(?<name>(?:"(?:[^"\\]|\\.)*"|[^"<>@:;])*)<(?<address>[^<>]*)>$/u.exec(text)
    const address = (angled?.groups?.["address"] ?? text).trim()
    if (canonicalAddress(address) === undefined) return undefined
    addresses.push(address)
  }
  return addresses
}

function withoutComments(value: string): string | undefined {
  let text = ""
  let depth = 0
  let quoted = false
  for (let i = 0; i < value.length; i++) {
    const character = value[i] ?? ""
    if (character === "\\" && (quoted || depth > 0)) {
      if (depth === 0) text += character + (value[i + 1] ?? "")
      i++
    } else if (character === '"' && depth === 0) {
      quoted = !quoted
      text += character
    } else if (!quoted && character === "(") depth++
    else if (!quoted && character === ")") {
      if (--depth < 0) return undefined
      text += " "
    } else if (depth === 0) text += character
  }
  return quoted || depth > 0 ? undefined : text
}

function splitOutsideQuotes(text: string): string[] {
  const parts: string[] = []
  let start = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\" && quoted) i++
    else if (text[i] === '"') quoted = !quoted
    else if (text[i] === "," && !quoted) {
      parts.push(text.slice(start, i))
      start = i + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

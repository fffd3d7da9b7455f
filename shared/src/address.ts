/** A mail address taken apart (RFC 5321 §4.1.2, RFC 6531): `local` as written, `domain` in lower-case A-labels. */
export interface Address {
  readonly local: string
  readonly domain: string
}

const atom = /^[^\s"(),:;<>@[\\\]\u0000-\u001f\u007f.]+(\.[^\s"(),:;<>@[\\\]\u0000-\u001f\u007f.]+)*$/u
const quoted = /^"(?:[^"\\\r\n\u0000-\u001f\u007f]|\\[^\r\n\u0000-\u001f\u007f])*"$/u
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** A domain in lower-case A-labels (IDNA), or undefined when it is none. Works in browsers and Node alike. */
export function canonicalDomain(text: string): string | undefined {
  const trimmed = text.trim().replace(/\.$/, "")
  if (trimmed === "" || trimmed.length > 253 || /[\s/\\?#@:%[\]]/.test(trimmed)) return undefined
  let ascii: string
  try {
    ascii = new URL(`http://x.${trimmed}.`).hostname.replace(/^x\./, "").replace(/\.$/, "")
  } catch {
    return undefined
  }
  return ascii.length <= 253 && ascii.split(".").every((part) => label.test(part)) ? ascii : undefined
}

/** Parses one bare address without display name; undefined for anything else, source routes and address literals included. */
export function parseAddress(text: string): Address | undefined {
  const at = text.lastIndexOf("@")
  if (at < 1 || text.length > 320) return undefined
  const local = text.slice(0, at)
  if (new TextEncoder().encode(local).length > 64 || !(atom.test(local) || quoted.test(local))) return undefined
  const domain = canonicalDomain(text.slice(at + 1))
  return domain === undefined ? undefined : { local, domain }
}

/** The form in which addresses are stored and compared: everything in lower case, domain in A-labels, needless quotes dropped. */
export function canonicalAddress(text: string): string | undefined {
  const address = parseAddress(text.trim())
  if (!address) return undefined
  const unquoted = quoted.test(address.local) ? address.local.slice(1, -1).replace(/\\(.)/gu, "$1") : address.local
  const local = atom.test(unquoted) ? unquoted : address.local
  return `${local.normalize("NFC").toLowerCase()}@${address.domain}`
}

/** The canonical address without its plus part: `anna+shop@…` → `anna@…`. */
export function withoutPlus(canonical: string): string {
  const at = canonical.lastIndexOf("@")
  const plus = canonical.indexOf("+")
  return plus > 0 && plus < at && !canonical.startsWith('"') ? canonical.slice(0, plus) + canonical.slice(at) : canonical
}

/** What WildDuck takes for the same mailbox: no dots in the local part and no plus part. Two users must not share it. */
export function mailboxKey(canonical: string): string {
  const base = withoutPlus(canonical)
  const at = base.lastIndexOf("@")
  return base.slice(0, at).replaceAll(".", "") + base.slice(at)
}

/** The domain of a canonical address. */
export function domainOf(canonical: string): string {
  return canonical.slice(canonical.lastIndexOf("@") + 1)
}

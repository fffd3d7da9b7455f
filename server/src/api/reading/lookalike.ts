import { domainToUnicode } from "node:url"
import { getDomain } from "tldts"

/** Letters that are drawn like others, and groups that look like one; the most used of Unicode's confusables (UTS #39). */
const drawnAlike: readonly (readonly [RegExp, string])[] = [
  [/[аɑα]/g, "a"], [/[вβ]/g, "b"], [/[сϲ]/g, "c"], [/[ԁ]/g, "d"], [/[еєҽε]/g, "e"], [/[ɡ]/g, "g"], [/[һ]/g, "h"], [/[іїıɩι1l|]/g, "i"], [/[јϳ]/g, "j"], [/[кκ]/g, "k"], [/[мm]|rn/g, "m"], [/[нո]/g, "n"],
  [/[оοօ0]/g, "o"], [/[рρ]/g, "p"], [/[ԛ]/g, "q"], [/[г]/g, "r"], [/[ѕ5]/g, "s"], [/[тτ]/g, "t"], [/[υս]/g, "u"], [/[ѵν]|vv/g, "v"], [/[ѡԝω]/g, "w"], [/[хχ]/g, "x"], [/[уүγ]/g, "y"], [/[ʐ]/g, "z"],
]

/** What somebody owns of a domain name, `example.co.uk` of `a.b.example.co.uk`; the name itself where there is no such thing. */
export function ownedDomain(domain: string): string {
  return getDomain(domain, { allowPrivateDomains: true }) ?? domain.toLowerCase()
}

/** A domain name as an eye sees it in passing. */
function seen(domain: string): string {
  let text = (domainToUnicode(domain) || domain).toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "")
  // w before v, so that vv is not taken apart.
  text = text.replaceAll("vv", "w")
  for (const [letters, plain] of drawnAlike) text = text.replace(letters, plain)
  return text.replaceAll("-", "")
}

/**
 * Whether a domain is not the other one but could be taken for it: letters drawn alike, one letter more, less, other or
 * swapped, another ending, or the other's name put in front. Both as in addresses; short names are compared by look only.
 */
export function looksLike(domain: string, known: string): boolean {
  const [owned, other] = [ownedDomain(domain), ownedDomain(known)]
  if (owned === other) return false
  const [name, otherName] = [nameOf(owned), nameOf(other)]
  if (seen(owned) === seen(other)) return true
  if (domain.toLowerCase().startsWith(`${other}.`) || domain.toLowerCase().startsWith(`${other.replaceAll(".", "-")}.`) || owned.startsWith(`${other.replaceAll(".", "-")}.`)) return true
  if (otherName.length < 5) return false
  if (seen(name) === seen(otherName)) return name !== otherName
  return otherName.length >= 6 && oneStepApart(seen(name), seen(otherName))
}

function nameOf(owned: string): string {
  return owned.split(".")[0] ?? ""
}

/** One letter inserted, removed, replaced, or two neighbours swapped. */
function oneStepApart(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) return false
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  const [rest, otherRest] = [one.slice(at), other.slice(at)]
  return rest.slice(1) === otherRest.slice(1) || rest === otherRest.slice(1) || rest.slice(1) === otherRest || (rest[0] === otherRest[1] && rest[1] === otherRest[0] && rest.slice(2) === otherRest.slice(2))
}

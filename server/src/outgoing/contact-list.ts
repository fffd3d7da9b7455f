import addressparser from "nodemailer/lib/addressparser/index.js"
import { canonicalAddress } from "@lifeboat/shared/address"
import type { Contact } from "@lifeboat/shared/schemas/outgoing"

/** Somebody a mail may be written to, with what is typed to find them. */
export interface KnownPerson {
  readonly contact: Contact
  /** Further addresses of the same person. */
  readonly aliases: readonly string[]
  /** Higher comes first among those of the same source. */
  readonly weight: number
}

/** A mail of the past, as far as it tells about people. */
export interface PastMail {
  readonly receivedAt: Date
  /** The user wrote it. */
  readonly sent: boolean
  /** From and To as they stand in its header, decoded. */
  readonly from: string
  readonly to: string
  /** Envelope recipients: blind copies are in no header. */
  readonly recipients: readonly string[]
}

const day = 86_400_000
/** A mail written to somebody tells more than one that came from them. */
const sentWeight = 5
/** After so many days a mail counts half. */
const halfLife = 14

/** People of past mails, those written to most and last first. `own`: the user's addresses, which are left out. */
export function peopleOf(mails: readonly PastMail[], own: ReadonlySet<string>, now: Date): KnownPerson[] {
  const people = new Map<string, { name: string; address: string; weight: number }>()
  for (const mail of mails) {
    const age = Math.max(0, now.getTime() - mail.receivedAt.getTime()) / day
    const weight = (mail.sent ? sentWeight : 1) * 2 ** (-age / halfLife)
    const named = addressparser(mail.sent ? mail.to : mail.from, { flatten: true })
    const addresses = mail.sent ? new Set([...mail.recipients, ...named.map(({ address }) => address)]) : new Set(named.map(({ address }) => address))
    const names = new Map(named.map(({ name, address }) => [address.toLowerCase(), name]))
    for (const address of addresses) {
      const canonical = canonicalAddress(address)
      if (canonical === undefined || own.has(canonical) || /^(?:no-?reply|do-?not-?reply|mailer-daemon|bounces?)\b/.test(canonical)) continue
      const person = people.get(canonical) ?? { name: "", address, weight: 0 }
      person.weight += weight
      if (person.name === "") person.name = plainName(names.get(address.toLowerCase()) ?? "")
      people.set(canonical, person)
    }
  }
  return [...people.values()].map(({ name, address, weight }) => ({ contact: { name, address, source: "past" as const }, aliases: [], weight })).toSorted((a, b) => b.weight - a.weight)
}

/** A name that is an address says nothing, and where it is another one it deceives. */
function plainName(name: string): string {
  const plain = name.trim().replace(/^["']+|["']+$/g, "").slice(0, 200)
  return /\S@\S/.test(plain) ? "" : plain
}

/**
 * Those whom the typed words fit: every word is the beginning of a word of the name or of a part of an address, however
 * accents are written. Colleagues come first, each person once.
 */
export function matchPeople(people: readonly KnownPerson[], typed: string, limit: number): Contact[] {
  const words = folded(typed).split(/[\s,;<>"]+/).filter((word) => word !== "")
  if (words.length === 0) return []
  const found = people
    .map((person) => ({ person, rank: rankOf(person, words) }))
    .filter(({ rank }) => rank > 0)
    .toSorted((a, b) => sourceRank(b.person) - sourceRank(a.person) || b.rank - a.rank || b.person.weight - a.person.weight || (a.person.contact.name < b.person.contact.name ? -1 : 1))
  const seen = new Set<string>()
  const contacts: Contact[] = []
  for (const { person } of found) {
    const addresses = [person.contact.address, ...person.aliases].map((address) => address.toLowerCase())
    if (addresses.some((address) => seen.has(address))) continue
    for (const address of addresses) seen.add(address)
    contacts.push(person.contact)
    if (contacts.length >= limit) break
  }
  return contacts
}

function sourceRank({ contact }: KnownPerson): number {
  return contact.source === "directory" ? 1 : 0
}

/** 0: does not fit. 2: the name, or the address, begins with what is typed. */
function rankOf(person: KnownPerson, words: readonly string[]): number {
  const { name, addresses, beginnings } = wordsOf(person)
  if (!words.every((word) => beginnings.some((beginning) => beginning.startsWith(word)))) return 0
  const whole = words.join(" ")
  return name.startsWith(whole) || addresses.some((address) => address.startsWith(whole)) ? 2 : 1
}

interface PersonWords {
  readonly name: string
  readonly addresses: readonly string[]
  readonly beginnings: readonly string[]
}

const known = new WeakMap<KnownPerson, PersonWords>()

/** A person's words are taken apart once: they are asked for with each letter typed. */
function wordsOf(person: KnownPerson): PersonWords {
  const found = known.get(person)
  if (found) return found
  const name = folded(person.contact.name)
  const addresses = [person.contact.address, ...person.aliases].map(folded)
  // Colleagues all have the same domain.
  const domains = person.contact.source === "directory" ? [] : addresses.map((address) => address.slice(address.lastIndexOf("@") + 1))
  const locals = addresses.flatMap((address) => address.slice(0, address.lastIndexOf("@")).split(/[._+-]/))
  const words = { name, addresses, beginnings: [...name.split(/[\s,.()-]+/), ...addresses, ...locals, ...domains] }
  known.set(person, words)
  return words
}

/** Lower case, without accents: `Müller` is found by `mull` and by `müll`. */
function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}+/gu, "").toLowerCase().replaceAll("ß", "ss")
}

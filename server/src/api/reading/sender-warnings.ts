import { withoutUnseen } from "@lifeboat/shared/hidden-characters"
import type { Authentication, Mailbox, senderWarnings } from "@lifeboat/shared/schemas/mail"
import { looksLike, ownedDomain } from "./lookalike.ts"

export type SenderWarning = (typeof senderWarnings)[number]

/** What is known when a sender is judged. Domains as in addresses. */
export interface SenderFacts {
  readonly sender: Mailbox
  readonly replyTo: readonly Mailbox[]
  /** Domains hosted here. */
  readonly ownDomains: readonly string[]
  /** Domains the reader writes with. */
  readonly knownDomains: readonly string[]
  /** Sent by somebody signed in, or by the primary. */
  readonly fromInside: boolean
  /** A mailing list or newsletter, whose answers go where its owner says. */
  readonly list: boolean
  /** Null: not known (yet). */
  readonly authentication: Authentication | null
}

const addressInText = /[^\s<>"'(),;:]{1,64}@[\p{L}\p{N}.-]{1,253}\.[\p{L}\p{N}-]{2,63}/gu

/** Where From deceives. Mail from inside never does: the way in has checked it. */
export function warningsOf({ sender, replyTo, ownDomains, knownDomains, fromInside, list, authentication }: SenderFacts): SenderWarning[] {
  const domain = domainPart(sender.address)
  if (fromInside || domain === "") return []
  const owned = ownedDomain(domain)
  const own = ownDomains.some((each) => ownedDomain(each) === owned)
  const known = knownDomains.some((each) => ownedDomain(each) === owned)
  const warnings: SenderWarning[] = []
  const named = withoutUnseen(sender.name.slice(0, 1000).normalize("NFKC")).match(addressInText) ?? []
  if (named.some((address) => address.toLowerCase() !== sender.address.toLowerCase() && ownedDomain(domainPart(address)) !== owned)) warnings.push("name-shows-address")
  if (!own && !known && [...ownDomains, ...knownDomains].some((each) => looksLike(domain, each))) warnings.push("lookalike-domain")
  if (own && authentication !== null && authentication.result !== "pass") warnings.push("own-domain-unproven")
  const answers = replyTo.map(({ address }) => domainPart(address)).filter((each) => each !== "")
  if (!list && answers.length > 0 && answers.every((each) => ownedDomain(each) !== owned)) warnings.push("reply-elsewhere")
  return warnings
}

function domainPart(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1).toLowerCase()
}

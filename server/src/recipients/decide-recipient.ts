import type { Mode } from "@lifeboat/shared/continuity-mode"

/** All that decides about one recipient of a hosted domain. */
export interface RecipientFacts {
  readonly hasPrimary: boolean
  readonly mode: Mode
  /** The directory has a user for the address. */
  readonly known: boolean
  /** `postmaster@`, which every domain has (RFC 5321 §4.5.1). */
  readonly postmaster: boolean
  /** The primary accepted it in the last 90 days (B3). */
  readonly learned: boolean
  /** What the primary says now or said lately; `none`: it was not asked, or could not say. */
  readonly primary: "accepted" | "refused" | "none"
}

export type RecipientDecision = "accept" | "unknownRecipient" | "recipientUnverified" | "domainWithoutPrimary"

/**
 * Who exists (B1, B3). Normal: the primary decides; while it cannot say, directory and learned recipients do, and
 * whoever is in neither is asked to come back. Emergency and on the way back: directory and learned recipients alone.
 */
export function decideRecipient(facts: RecipientFacts): RecipientDecision {
  if (!facts.hasPrimary) return "domainWithoutPrimary"
  const vouchedFor = facts.known || facts.learned || facts.postmaster
  if (facts.mode !== "normal") return vouchedFor ? "accept" : "unknownRecipient"
  if (facts.primary === "accepted" || facts.postmaster) return "accept"
  if (facts.primary === "refused") return "unknownRecipient"
  return vouchedFor ? "accept" : "recipientUnverified"
}

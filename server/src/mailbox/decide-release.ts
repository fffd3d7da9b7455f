import type { CopyDocument } from "../store/documents.ts"

/** What is known about a mailbox copy at the moment when its mail may go to the primary. */
export interface CopyEvidence {
  /** Where the copy is now; more than one when its user copied it. */
  readonly places: readonly ("trash" | "elsewhere")[]
  /** What was removed for good: by its user, or in any other way (retention, folder, account). */
  readonly removals: readonly ("by-user" | "otherwise")[]
  /** What the observer noted; undefined: nothing. */
  readonly noted: CopyDocument["state"] | undefined
}

export type Release = "deliver" | "cancel"

/**
 * Whether a held mail is delivered or was deleted by its user (A9). Only a proof cancels it: in the trash and nowhere
 * else, or gone and known to be removed by its user. No evidence at all (undefined), doubt, or contradiction delivers
 * (invariant 7).
 */
export function decideRelease(evidence: CopyEvidence | undefined): Release {
  if (!evidence) return "deliver"
  const { places, removals, noted } = evidence
  if (places.includes("elsewhere")) return "deliver"
  if (places.includes("trash")) return "cancel"
  if (noted === "removed" || noted === "gone") return "deliver"
  if (noted === "deleted") return "cancel"
  return removals.length > 0 && removals.every((removal) => removal === "by-user") ? "cancel" : "deliver"
}

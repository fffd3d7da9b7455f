import type { Outcome } from "../delivery/delivery-target.ts"

/** What a worker may do for its hop right now. */
export interface Allowance {
  /** Deliveries that may be claimed: none, those that are due, or the held ones (drain) as well, oldest first. */
  readonly claim: "nothing" | "due" | "due-and-held"
  /** Claims in progress at the same time, and connections of the pool: 1 for a canary. */
  readonly concurrency: number
}

/** Lets work for one hop through or holds it back. Answers at once from memory; told about every outcome. */
export interface HopGate {
  allowance(): Allowance
  /** Called for each outcome, before it is recorded. */
  learned(outcome: Outcome, messageId: string): void
  /** Calls `listener` when the allowance may have changed. Returns how to stop. */
  onChange(listener: () => void): () => void
}

/** A gate that is always open. */
export function openGate(concurrency: number): HopGate {
  const allowance: Allowance = { claim: "due", concurrency }
  return { allowance: () => allowance, learned: () => undefined, onChange: () => () => undefined }
}

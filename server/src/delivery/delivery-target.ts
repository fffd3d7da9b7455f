import type { Delivery, MessageDocument } from "../store/documents.ts"

/**
 * To whom a failure is charged (RFC 5321 replies sorted as in `classify-outcome`): the host, this message, or this
 * recipient. Only a host failure says anything about the mail server as a whole.
 */
export type FailureClass = "host" | "message" | "recipient"

/** What became of one delivery in one attempt. `server` is `host:port`, or `none` where no server had a part in it. Unknown errors are `deferred`, never `failed` (invariant 2). */
export type Outcome =
  | { readonly kind: "delivered"; readonly reply: string; readonly server: string; readonly event?: "mailbox-delivered" | "mailbox-substituted" | "mailbox-removed" }
  | {
      readonly kind: "deferred"
      readonly failure: FailureClass
      readonly reply: string
      readonly server: string
      /** The final dot was sent and the answer is not known: the next attempt may be a second copy (RFC 1047). */
      readonly possiblyTwice?: boolean
      /** Not counted as an attempt: the target was not asked (paused, stopping, 4.5.3 too many recipients). */
      readonly untried?: boolean
    }
  | { readonly kind: "failed"; readonly failure: FailureClass; readonly reply: string; readonly server: string }
  /** The user deleted it in the standby mailbox before it was due (A9). */
  | { readonly kind: "cancelled"; readonly reply: string; readonly server: string }

/** Deliveries of one message to the same next hop, leased together: one SMTP transaction where possible. */
export interface Claim {
  readonly message: MessageDocument
  readonly deliveries: readonly Delivery[]
  readonly token: string
}

/** A place that mail goes to: primary, smarthost, MX and mailbox store alike. The emergency is a route, not a second path. */
export interface DeliveryTarget {
  /**
   * Tries every delivery of the claim once. Resolves with one outcome per delivery id, always; never rejects for a
   * reason of the mail or the other side. `signal` ends waiting early when this node stops.
   */
  deliver(claim: Claim, signal: AbortSignal): Promise<ReadonlyMap<string, Outcome>>
}

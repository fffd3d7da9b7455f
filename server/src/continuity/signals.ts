import type { FailureClass } from "../delivery/delivery-target.ts"

/** What a delivery attempt or a callout learned about a primary; `monitor` turns it into mode changes. */
export type Signal =
  | { readonly kind: "success"; readonly domain: string }
  | {
      readonly kind: "failure"
      readonly domain: string
      readonly failure: FailureClass
      readonly reply: string
      /** The mail it happened to: the same mail deferred again is no further mail deferred. */
      readonly messageId?: string
    }

/** Takes signals from the workers and the callouts. Never throws, never waits. */
export interface SignalSink {
  signal(signal: Signal): void
}

import type { Logger } from "../logger.ts"
import type { MessageDocument } from "../store/documents.ts"
import type { Tracker } from "../tracking/tracker.ts"
import type { Applied, OutcomeContext } from "./apply-outcomes.ts"
import { applyOutcomes } from "./apply-outcomes.ts"
import type { Attempted, Queue } from "./queue.ts"

/** What writing outcomes down needs. */
export interface SettleOptions {
  readonly queue: Queue
  readonly tracker: Tracker
  /** The rules' surroundings as of now. `users` are those whose coverage the rules may ask for. */
  readonly context: (users: ReadonlySet<string>) => Promise<Omit<OutcomeContext, "token">>
  /**
   * Accepts the report to the sender of deliveries that failed for good; the same deliveries give the same report, so
   * that a repetition does nothing. Resolves when it is durable or none is owed.
   */
  readonly report: (message: MessageDocument, failed: Applied["reportable"]) => Promise<void>
  /** Hears of every recipient that a primary took: as good as a callout (B3). */
  readonly taken: (recipient: string, reply: string) => void
  readonly log: Logger
}

/**
 * Writes outcomes down: a failure's report first, so that no failed mail is ever without; then the outcomes; then the
 * tracking events.
 */
export function createSettle(options: SettleOptions): (attempts: readonly Attempted[]) => Promise<void> {
  return async (attempts) => {
    const users = new Set<string>()
    for (const { claim } of attempts) for (const delivery of claim.deliveries) if (delivery.user !== null) users.add(delivery.user)
    const context = await options.context(users)
    for (const { claim, outcomes } of attempts) {
      const planned = applyOutcomes(claim.message, outcomes, { ...context, token: claim.token })
      if (planned.reportable.length > 0) await options.report(claim.message, planned.reportable)
    }
    for (const { claim, outcomes } of attempts) {
      for (const delivery of claim.deliveries) {
        const outcome = outcomes.get(delivery.id)
        if (delivery.target === "primary" && outcome?.kind === "delivered") options.taken(delivery.recipient, outcome.reply)
      }
    }
    for (const applied of await options.queue.record(attempts, context)) for (const event of applied.events) options.tracker.track(event)
  }
}

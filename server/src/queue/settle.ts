import type { Outcome } from "../delivery/delivery-target.ts"
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
 * Sees to it that the senders of deliveries that failed for good have their report. Without it nothing is failed: such
 * a delivery is tried once more later, and does not keep the outcomes of other mails waiting.
 */
async function withReport(attempt: Attempted, context: Omit<OutcomeContext, "token">, { report, log }: SettleOptions): Promise<Attempted> {
  const { claim, outcomes } = attempt
  const { reportable } = applyOutcomes(claim.message, outcomes, { ...context, token: claim.token })
  if (reportable.length === 0) return attempt
  try {
    await report(claim.message, reportable)
    return attempt
  } catch (error) {
    log.warn({ messageId: claim.message._id, error: String(error) }, "a failure could not be reported; the delivery is tried once more")
    const unreported = new Map(reportable.map(({ id, state }) => [id, state]))
    return { claim, outcomes: new Map([...outcomes].map(([id, outcome]) => [id, unreported.has(id) ? putOff(outcome, unreported.get(id) === "expired") : outcome])) }
  }
}

/** In place of an outcome that would end a delivery; counted as an attempt, the schedule would end it again. */
function putOff({ reply, server }: Outcome, untried: boolean): Outcome {
  return { kind: "deferred", failure: "recipient", reply, server, untried }
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
    const reported = await Promise.all(attempts.map(async (attempt) => withReport(attempt, context, options)))
    for (const { claim, outcomes } of reported) {
      for (const delivery of claim.deliveries) {
        const outcome = outcomes.get(delivery.id)
        if (delivery.target === "primary" && outcome?.kind === "delivered") options.taken(delivery.recipient, outcome.reply)
      }
    }
    for (const applied of await options.queue.record(reported, context)) for (const event of applied.events) options.tracker.track(event)
  }
}

import { smtpReplies } from "@lifeboat/shared/smtp-replies"
import { classifyOutcome, type Incident } from "./classify-outcome.ts"
import type { ConnectionPool } from "./connection-pool.ts"
import type { Outcome } from "./delivery-target.ts"
import { SmtpFailure, incidentOf } from "./smtp-failure.ts"
import type { SmtpTimeouts } from "./smtp-timeouts.ts"
import { runTransaction, type OutgoingMail, type OutgoingRecipient, type RecipientResult } from "./smtp-transaction.ts"

/** Recipients in one transaction: what every server must take (RFC 5321 §4.5.3.1.8). */
const recipientsPerTransaction = 100

export interface SendingOptions {
  readonly pool: ConnectionPool
  readonly timeouts: SmtpTimeouts
  /** `host:port` as the outcomes name it. */
  readonly server: string
}

/**
 * Sends one mail to recipients at one next hop, in as many transactions as it takes. One outcome per recipient id, always;
 * never rejects. A pooled connection that turns out dead before MAIL was answered is replaced, which counts as nothing.
 */
export async function sendMail(
  mail: OutgoingMail,
  recipients: readonly OutgoingRecipient[],
  options: SendingOptions,
  signal: AbortSignal,
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>()
  let rest = [...recipients]
  let fresh = false
  while (rest.length > 0) {
    const batch = rest.slice(0, recipientsPerTransaction)
    const { results, alive, reused } = await attempt(mail, batch, options, signal, fresh)
    if (!alive && reused && !fresh && !signal.aborted) {
      options.pool.dropIdle()
      fresh = true
      continue
    }
    fresh = false
    let hostFailure: Outcome | undefined
    const untried: OutgoingRecipient[] = []
    for (const recipient of batch) {
      const outcome = outcomeOf(results.get(recipient.id) ?? "untried", options.server)
      if (outcome === undefined) untried.push(recipient)
      else outcomes.set(recipient.id, outcome)
      if (outcome?.kind === "deferred" && (outcome.failure === "host" || outcome.untried)) hostFailure = outcome
    }
    rest = [...untried, ...rest.slice(batch.length)]
    if (hostFailure || untried.length === batch.length) {
      const outcome = hostFailure ?? { kind: "deferred", failure: "message", reply: "not tried", server: options.server, untried: true }
      for (const recipient of rest) outcomes.set(recipient.id, outcome)
      break
    }
  }
  return outcomes
}

async function attempt(mail: OutgoingMail, batch: readonly OutgoingRecipient[], { pool, timeouts }: SendingOptions, signal: AbortSignal, fresh: boolean) {
  try {
    return await pool.use(
      async (connection, reused) => ({ ...(await runTransaction(connection, mail, batch, timeouts)), reused }),
      signal,
      fresh,
    )
  } catch (error) {
    const incident: Incident = error instanceof SmtpFailure ? incidentOf(error) : { stage: "connect", broken: "local", detail: error instanceof Error ? error.message : String(error) }
    const results = new Map<string, RecipientResult>(batch.map((recipient) => [recipient.id, incident]))
    return { results, alive: false, reused: false }
  }
}

function outcomeOf(result: RecipientResult, server: string): Outcome | undefined {
  if (result === "untried") return undefined
  // What broke on our side must not be charged to the server.
  if (result !== "needs-smtputf8") return classifyOutcome(result, "broken" in result && result.broken === "local" ? "none" : server)
  const { code, enhanced, text } = smtpReplies.utf8Required
  return { kind: "failed", failure: "recipient", reply: `${code} ${enhanced} ${text}, and the server does not offer it`, server }
}

import type { FailureClass, Outcome } from "./delivery-target.ts"
import { replyLine, type ServerReply } from "./smtp-reply.ts"

/** How far the dialogue with a server was. `dot`: the final dot was sent completely, the mail may have been taken. */
export type Stage = "dns" | "connect" | "banner" | "ehlo" | "tls" | "auth" | "mail" | "rcpt" | "data" | "body" | "dot"

/** How a dialogue broke off without a reply. `aborted`: by ourselves, because this node stops; `local`: for a reason on our side. */
export type Break = "refused" | "timeout" | "lost" | "tls" | "protocol" | "aborted" | "local"

/** What one recipient's attempt ended with: the reply that decided, or the way it broke off. */
export type Incident =
  | { readonly stage: Stage; readonly reply: ServerReply }
  | { readonly stage: Stage; readonly broken: Break; readonly detail: string }

/** Stages before any mail was talked about: whatever goes wrong there is the host's. */
const opening: ReadonlySet<Stage> = new Set<Stage>(["dns", "connect", "banner", "ehlo", "tls", "auth"])

/**
 * Permanent codes that say nothing about the mail: command unknown or out of order (the two sides lost each other),
 * signing in or TLS demanded (a setting), and `521`, a host that takes no mail at all (RFC 7504).
 */
const aboutTheHost: ReadonlySet<number> = new Set([500, 502, 503, 521, 523, 530, 534, 535, 538])

/**
 * The outcome of one recipient: failure classes and effects as in RFC 5321 §4.2.1, with three rules of ours. A 5xx before
 * MAIL defers (an outage must not bounce a domain), 421 anywhere is the host's, and whatever is not known defers.
 * `server` is `host:port`.
 */
export function classifyOutcome(incident: Incident, server: string): Outcome {
  const failure = failureClass(incident)
  if ("broken" in incident) {
    const after = incident.stage === "dot"
    const notAsked = !after && (incident.broken === "aborted" || (incident.broken === "local" && incident.stage === "connect"))
    if (notAsked) return { kind: "deferred", failure, reply: incident.detail, server, untried: true }
    return { kind: "deferred", failure, reply: incident.detail, server, ...(after ? { possiblyTwice: true } : {}) }
  }
  const { stage, reply: answer } = incident
  const reply = replyLine(answer)
  if (stage === "dot" && isSuccess(answer)) return { kind: "delivered", reply, server }
  if (failure !== "host" && answer.code >= 500 && answer.code <= 599) return { kind: "failed", failure, reply, server }
  const unclear = stage === "dot" && answer.code < 400
  return { kind: "deferred", failure, reply, server, ...(unclear ? { possiblyTwice: true } : {}) }
}

/** To whom the incident is charged. */
export function failureClass(incident: Incident): FailureClass {
  const { stage } = incident
  if ("broken" in incident && (incident.broken === "aborted" || incident.broken === "local")) return "message"
  if (opening.has(stage)) return "host"
  if ("broken" in incident) {
    if (stage === "dot") return "message"
    return stage === "rcpt" && incident.broken === "timeout" ? "recipient" : "host"
  }
  if (incident.reply.code === 421 || aboutTheHost.has(incident.reply.code)) return "host"
  return stage === "rcpt" ? "recipient" : "message"
}

/** Any 2xx. */
export function isSuccess(reply: ServerReply): boolean {
  return reply.code >= 200 && reply.code <= 299
}

/**
 * Whether the answer to RCPT means "the rest in a further transaction, at once": 452 4.5.3, and the old 552 for it
 * (RFC 5321 §4.5.3.1.10). `accepted`: recipients that this transaction has already; without any it is a refusal.
 */
export function isTooManyRecipients(reply: ServerReply, accepted: number): boolean {
  if (accepted === 0) return false
  if (reply.code === 452) return reply.enhanced === undefined || reply.enhanced === "4.5.3"
  return reply.code === 552 && (reply.enhanced === undefined || reply.enhanced === "5.5.3")
}

import type { Acceptance, Incoming } from "./archive/incoming.ts"
import type { Bodies } from "./archive/bodies.ts"
import type { Messages } from "./archive/messages.ts"
import { graceMs } from "./archive/retention.ts"
import { summarize } from "./archive/summary.ts"
import type { Verdict } from "./filter/verdict.ts"
import type { Logger } from "./logger.ts"
import type { Queue } from "./queue/queue.ts"
import { withDeliveries } from "./queue/apply-outcomes.ts"
import { directionOf, domainsOf, ownersOf, route, senderDomain } from "./routing/route.ts"
import type { Database } from "./store/database.ts"
import type { DomainCache } from "./store/domain-cache.ts"
import type { DomainDocument, MessageDocument } from "./store/documents.ts"
import { smtpReplies } from "@lifeboat/shared/smtp-replies"

/** What the way of a mail passes through. */
export interface FlowStages {
  readonly database: Database
  readonly domains: DomainCache
  readonly bodies: Bodies
  readonly messages: Messages
  readonly queue: Queue
  readonly filter: (incoming: Incoming) => Promise<Verdict>
  /** Trace header and what is added behind it, put before the body on its way out (RFC 5321 §4.4); ends in CRLF. */
  readonly trace: (incoming: Incoming) => string
  readonly log: Logger
}

const day = 86_400_000
const defaultRetentionDays = 90

/**
 * The whole way in: filter → archive → routing → queue, and only then "yes". Every entry uses it: SMTP from outside,
 * submission, the webmail, reports. Unknown errors become a temporary reply, and the sender keeps the mail.
 */
export function createMessageFlow(stages: FlowStages): (incoming: Incoming) => Promise<Acceptance> {
  return async (incoming) => {
    try {
      const verdict = await stages.filter(incoming)
      if (verdict.verdict === "reject") {
        await stages.bodies.discard(incoming.body)
        return { accepted: false, reply: verdict.reply }
      }
      const message = describe(incoming, stages)
      await stages.messages.insert(await stages.bodies.document(incoming.body, bodyExpiry(message)), message, incoming.keepLate)
      for (const hop of new Set(message.deliveries.map((delivery) => delivery.hop))) stages.queue.nudge(hop)
      return { accepted: true, messageId: message._id }
    } catch (error) {
      stages.log.warn({ error: String(error), messageId: incoming.body.messageId }, "a mail could not be accepted for now")
      return { accepted: false, reply: smtpReplies.localError }
    }
  }
}

/** Bodies outlive their message a little, so that no message is ever without. */
function bodyExpiry(message: MessageDocument): Date {
  return new Date(message.expireAt.getTime() + day)
}

/** The message with its deliveries, as it will be kept. */
function describe(incoming: Incoming, stages: FlowStages): MessageDocument {
  const domains = new Map<string, DomainDocument>()
  for (const { domain } of incoming.recipients) {
    if (domain === null) continue
    const document = stages.domains.get(domain)
    if (!document) throw new Error(`the domain ${domain} was removed after its recipient was accepted`)
    domains.set(domain, document)
  }
  const sender = senderDomain(incoming.submitter ?? incoming.envelope.mailFrom)
  // Only a signed-in user or a primary that relays may send to the outside.
  const ours = incoming.submitter !== null || incoming.recipients.some((recipient) => recipient.domain === null)
  const senders = incoming.onBehalfOf ?? (ours && stages.domains.get(sender) ? [sender] : [])
  const routed = route({
    messageId: incoming.body.messageId,
    now: stages.database.now(),
    mailFrom: incoming.envelope.mailFrom,
    recipients: incoming.recipients,
    submitter: incoming.submitter,
    domains,
  })
  const retention = Math.max(...(domains.size > 0 ? [...domains.values()].map((domain) => domain.retentionDays) : [defaultRetentionDays]))
  return {
    _id: incoming.body.messageId,
    receivedAt: incoming.receivedAt,
    expireAt: new Date(incoming.receivedAt.getTime() + retention * day + graceMs),
    direction: directionOf(senders.length > 0, incoming.recipients),
    domains: domainsOf(senders, incoming.recipients),
    owners: ownersOf(incoming.submitter, incoming.recipients),
    envelope: { mailFrom: incoming.envelope.mailFrom, rcptTo: incoming.recipients.map((recipient) => recipient.address), smtpUtf8: incoming.envelope.smtpUtf8, eightBit: incoming.envelope.eightBit },
    client: incoming.client,
    summary: summarize(incoming.body.header, incoming.body.bytes?.subarray(incoming.body.header.length)),
    trace: stages.trace(incoming),
    size: incoming.body.size,
    hasBody: true,
    ...withDeliveries(routed.deliveries, routed.viaService),
    version: 0,
  }
}

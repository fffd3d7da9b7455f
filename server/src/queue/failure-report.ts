import { createHash } from "node:crypto"
import type { Acceptance, Incoming } from "../archive/incoming.ts"
import { headerBlock, type Bodies } from "../archive/bodies.ts"
import { createMessageId } from "../archive/message-id.ts"
import type { Logger } from "../logger.ts"
import type { Recipient } from "../routing/recipient.ts"
import type { Database } from "../store/database.ts"
import type { Delivery, MessageDocument } from "../store/documents.ts"
import type { Tracker } from "../tracking/tracker.ts"
import { buildDsn } from "./dsn.ts"

const headerLimit = 65_536

/** What sending a report takes. */
export interface FailureReportDeps {
  readonly database: Database
  readonly bodies: Bodies
  readonly tracker: Tracker
  readonly hostname: string
  /** The sender of the original as a recipient; undefined: it is no address that mail can go to. */
  readonly recipient: (address: string) => Promise<Recipient | undefined>
  readonly accept: (incoming: Incoming) => Promise<Acceptance>
  readonly log: Logger
}

/** The id of the report about these deliveries: always the same, so that a repetition is noticed. */
export function reportId(message: Pick<MessageDocument, "_id" | "receivedAt">, failed: readonly Delivery[]): string {
  const digest = createHash("sha256").update(message._id).update(failed.map((delivery) => delivery.id).sort().join(" ")).digest()
  return createMessageId(message.receivedAt, (bytes) => digest.subarray(0, bytes))
}

/**
 * Reports deliveries that failed for good to their sender (RFC 3464), through the same way as every mail. Resolves when
 * the report is durable or none is owed; throws when neither is certain, then nothing is failed yet.
 */
export function createFailureReport(deps: FailureReportDeps): (message: MessageDocument, failed: readonly Delivery[]) => Promise<void> {
  return async (message, failed) => {
    const id = reportId(message, failed)
    if (await deps.database.messages.findOne({ _id: id }, { projection: { _id: 1 } })) return
    const body = await deps.bodies.read(message._id)
    const now = deps.database.now()
    const report = buildDsn({
      hostname: deps.hostname,
      id,
      now,
      original: {
        mailFrom: message.envelope.mailFrom,
        receivedAt: message.receivedAt,
        subject: message.summary.subject,
        messageId: message.summary.messageId,
        header: headerBlock(body ?? Buffer.alloc(0), headerLimit),
      },
      failures: failed.map((delivery) => ({ recipient: delivery.recipient, reply: delivery.reply ?? "", server: delivery.server, expired: delivery.state === "expired" })),
    })
    if (!report) return
    const recipient = await deps.recipient(report.rcptTo)
    if (!recipient) {
      deps.log.info({ messageId: message._id }, "the sender has no address that a report could go to")
      return
    }
    const acceptance = await deps.accept({
      receivedAt: now,
      client: { address: "127.0.0.1", name: deps.hostname, helo: deps.hostname, tls: false, user: null },
      envelope: { mailFrom: "", smtpUtf8: report.smtpUtf8, eightBit: true },
      recipients: [recipient],
      body: { messageId: id, size: report.raw.length, bytes: report.raw, header: headerBlock(report.raw, headerLimit) },
      transport: null,
      submitter: null,
      onBehalfOf: message.domains,
    })
    if (!acceptance.accepted) throw new Error(`the report could not be accepted: ${acceptance.reply.code} ${acceptance.reply.text}`)
    deps.tracker.track({ event: "report-sent", messageId: message._id, recipient: report.rcptTo, detail: id, expireAt: message.expireAt })
  }
}

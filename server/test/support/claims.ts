import { Readable } from "node:stream"
import type { Claim } from "../../src/delivery/delivery-target.ts"
import type { BodySource } from "../../src/delivery/outgoing-bodies.ts"

/** A mail to deliver in a test; what is left out is ordinary. */
export interface TestMail {
  readonly id?: string
  readonly mailFrom?: string
  readonly recipients?: readonly string[]
  readonly body?: Buffer | string
  /** Size said to be the body's, where there is none in memory. */
  readonly size?: number
  readonly trace?: string
  readonly eightBit?: boolean
  readonly smtpUtf8?: boolean
}

let count = 0

/** A claim with one delivery a recipient, `<message id>.0`, `.1` … */
export function claimFor(mail: TestMail = {}): Claim {
  const now = new Date()
  const id = mail.id ?? `m${++count}`
  const recipients = mail.recipients ?? ["anna@example.com"]
  const deliveries = recipients.map((recipient, n) => ({
    id: `${id}.${n}`, hop: "primary:example.com" as const, target: "primary" as const, recipient, user: null, folder: null, copyOf: null, state: "active" as const, due: now,
    attempts: 0, lease: { token: "t", until: now }, reply: null, server: null, firstFailedAt: null, finishedAt: null, outageId: null, heldFor: null,
  }))
  return {
    token: "t",
    deliveries,
    message: {
      _id: id, receivedAt: now, expireAt: new Date(now.getTime() + 90 * 86_400_000), direction: "inbound", domains: ["example.com"], owners: [],
      envelope: { mailFrom: mail.mailFrom ?? "sender@outside.test", rcptTo: [...recipients], smtpUtf8: mail.smtpUtf8 ?? false, eightBit: mail.eightBit ?? false },
      client: { address: "127.0.0.1", name: "", helo: "", tls: false, user: null },
      summary: { subject: "", from: "", to: "", messageId: null, date: null },
      trace: mail.trace ?? "Received: by lifeboat.test\r\n", size: mail.size ?? Buffer.byteLength(mail.body ?? ""), hasBody: true,
      deliveries, version: 1, status: "queued", viaService: false, deliveredAt: null,
    },
  }
}

/** Bodies in memory, by message id. */
export function bodiesInMemory(): BodySource & { put(claim: Claim, body: Buffer | string): void; reads(): number } {
  const bodies = new Map<string, Buffer>()
  let reads = 0
  return {
    put: (claim, body) => void bodies.set(claim.message._id, Buffer.from(body)),
    reads: () => reads,
    open: (id) => Promise.resolve(bodies.has(id) ? Readable.from([bodies.get(id)]) : undefined),
    readSmall(ids) {
      reads++
      return Promise.resolve(new Map(ids.flatMap((id) => (bodies.has(id) ? [[id, bodies.get(id) ?? Buffer.alloc(0)] as const] : []))))
    },
  }
}

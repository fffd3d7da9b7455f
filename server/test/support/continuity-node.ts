import { Binary } from "mongodb"
import { pino } from "pino"
import { zstdCompressSync } from "node:zlib"
import { Bodies } from "../../src/archive/bodies.ts"
import { createMessageId } from "../../src/archive/message-id.ts"
import { readConfig } from "../../src/config.ts"
import { Continuity } from "../../src/continuity/continuity.ts"
import { initialMode } from "../../src/continuity/mode-machine.ts"
import type { ThresholdName } from "../../src/continuity/continuity-settings.ts"
import type { Outcome } from "../../src/delivery/delivery-target.ts"
import { probePrimary } from "../../src/delivery/probe.ts"
import { SmtpTarget } from "../../src/delivery/smtp-target.ts"
import { primaryTimeouts } from "../../src/delivery/smtp-timeouts.ts"
import { Queue, type Attempted } from "../../src/queue/queue.ts"
import { withDeliveries } from "../../src/queue/apply-outcomes.ts"
import { nextAttempt } from "../../src/queue/retry-schedule.ts"
import { createSettle } from "../../src/queue/settle.ts"
import { Worker } from "../../src/queue/worker.ts"
import { route } from "../../src/routing/route.ts"
import { openDatabase, type Database } from "../../src/store/database.ts"
import type { DomainDocument, Hop, MessageDocument, UserDocument } from "../../src/store/documents.ts"
import { DomainCache } from "../../src/store/domain-cache.ts"
import { ensureIndexes } from "../../src/store/indexes.ts"
import { Tracker } from "../../src/tracking/tracker.ts"
import { mailboxKey } from "@lifeboat/shared/address"

const domain = "example.com"
const hop: Hop = `primary:${domain}`
const body = Buffer.from("Subject: test\r\n\r\ntext\r\n")

/** How a continuity node in a test differs from an ordinary one. */
export interface NodeOptions {
  readonly timing?: number
  readonly thresholds?: Partial<Record<ThresholdName, number>>
  /** Without a worker nothing is delivered. Default true. */
  readonly worker?: boolean
}

/** A node with the real continuity service, queue and worker of one domain's primary; the mailbox hop has no worker. */
export async function startContinuityNode(url: string, name: string, options: NodeOptions = {}) {
  const config = { ...readConfig({ LIFEBOAT_TIMING: String(options.timing ?? 20) }), hostname: "lifeboat.test" }
  const log = pino({ level: process.env["LIFEBOAT_LOG"] ?? "silent" })
  const database = await openDatabase(url, { lifeboat: name, wildduck: `${name}_wd` })
  await ensureIndexes(database)
  const domains = new DomainCache(database, log)
  await domains.start()
  const queue = new Queue(database, `node-${createMessageId(new Date()).slice(-6)}`)
  const tracker = new Tracker(database, log)
  const reported: string[] = []
  const continuity = new Continuity({
    config, database, domains, queue, tracker, log,
    probe: (primary, { recipient, timeout }, signal) =>
      probePrimary(primary, { hostname: config.hostname, timeouts: { ...primaryTimeouts(config.scaledTimeout), connect: timeout, banner: timeout, command: timeout }, ...(recipient === undefined ? {} : { recipient }) }, signal),
    report: (_message, failed) => Promise.resolve(void reported.push(...failed.map((delivery) => delivery.recipient))),
    ...(options.thresholds ? { thresholds: options.thresholds } : {}),
  })
  const target = new SmtpTarget({ resolve: () => domains.get(domain)?.primary ?? undefined, hostname: config.hostname, timeouts: primaryTimeouts(config.scaledTimeout), bodies: new Bodies(database) })
  const settle = createSettle({
    taken: () => undefined,
    queue, tracker, log,
    context: () => Promise.resolve({
      now: database.now(), domain: (wanted) => domains.get(wanted), covered: () => true, divertAfter: continuity.settings.divertAfter,
      nextAttempt: (delivery, message) =>
        nextAttempt({ attempts: delivery.attempts, firstFailedAt: delivery.firstFailedAt ?? message.receivedAt, now: database.now(), expireAt: message.expireAt, random: Math.random(), scale: config.scaled }),
    }),
    report: (_message, failed) => Promise.resolve(void reported.push(...failed.map((delivery) => delivery.recipient))),
  })
  const settleAndSignal = async (attempts: readonly Attempted[]) => {
    for (const { claim, outcomes } of attempts) for (const outcome of outcomes.values()) signalOf(claim.message._id, outcome)
    await settle(attempts)
  }
  const signalOf = (messageId: string, outcome: Outcome) => {
    if (outcome.kind === "delivered") continuity.signal({ kind: "success", domain })
    else if (outcome.kind === "deferred" && !outcome.untried) continuity.signal({ kind: "failure", domain, failure: outcome.failure, reply: outcome.reply, messageId })
  }
  const worker = new Worker({ hop, queue, gate: continuity.gateFor(domain), target, prepare: (claims) => target.preload(claims), settle: settleAndSignal, log, pollInterval: 100 })
  continuity.start()
  if (options.worker !== false) worker.start()
  return {
    config, database, domains, queue, tracker, continuity, reported, log,
    mode: () => domains.get(domain)?.mode,
    async stop() {
      await worker.stop(2_000)
      await continuity.stop()
      await target.close()
      await tracker.flush()
      await domains.stop()
      await database.close()
    },
  }
}
export type ContinuityNode = Awaited<ReturnType<typeof startContinuityNode>>

/** Puts a domain with a primary on loopback, and its users, into the database. */
export async function createDomain(database: Database, port: number, users: readonly string[], change: Partial<DomainDocument["continuity"]> = {}): Promise<void> {
  const now = new Date()
  await database.domains.insertOne({
    _id: domain, primary: { host: "127.0.0.1", port, tls: "none" }, retentionDays: 90, relay: { addresses: [], smarthost: null },
    continuity: { enabled: true, activation: "automatic", coverage: "all", ...change }, mode: initialMode(now), createdAt: now,
  })
  if (users.length > 0) await database.users.insertMany(users.map((local): UserDocument => ({
    _id: `${local}@${domain}`, domain, name: local, aliases: [], mailboxKey: mailboxKey(`${local}@${domain}`), role: "user", source: "local", passwordHash: null, mailboxHash: null,
    version: 1, mailbox: null, selected: false, language: null, lastLoginAt: null, createdAt: now,
  })))
}

/** Accepts mails as the gateway does: routed by the mode that the node knows, written, and the worker told. Returns their ids. */
export async function acceptMails(node: ContinuityNode, count: number, recipients: readonly string[], covered: (recipient: string) => boolean = () => true): Promise<string[]> {
  const messages: MessageDocument[] = []
  for (let i = 0; i < count; i++) {
    const now = node.database.now()
    const id = createMessageId(now)
    const addresses = recipients.map((local) => `${local}@${domain}`)
    const known = node.domains.get(domain)
    const { deliveries, viaService } = route({
      messageId: id, now, mailFrom: "sender@outside.test", submitter: null, domains: new Map(known ? [[domain, known]] : []),
      recipients: addresses.map((address) => ({ address, canonical: address, domain, user: covered(address) ? address : null, covered: covered(address) })),
    })
    const expireAt = new Date(now.getTime() + 90 * 86_400_000)
    messages.push({
      _id: id, receivedAt: now, expireAt, direction: "inbound", domains: [domain], owners: addresses, envelope: { mailFrom: "sender@outside.test", rcptTo: addresses, smtpUtf8: false, eightBit: false },
      client: { address: "127.0.0.1", name: "", helo: "", tls: false, user: null }, summary: { subject: "test", from: "", to: "", messageId: null, date: null },
      trace: `Received: by lifeboat.test id ${id}\r\n`, size: body.length, hasBody: true, version: 1, ...withDeliveries(deliveries, viaService),
    })
  }
  await node.database.bodies.insertMany(messages.map((message) => ({ _id: message._id, zstd: new Binary(zstdCompressSync(body)), size: body.length, expireAt: message.expireAt })))
  await node.database.messages.insertMany(messages)
  node.queue.nudge(hop)
  return messages.map((message) => message._id)
}

/** Waits until a condition holds; rejects after `timeoutMs` with its name. Returns how long it took, milliseconds. */
export async function until(name: string, condition: () => boolean | undefined | Promise<boolean | undefined>, timeoutMs = 10_000): Promise<number> {
  const began = performance.now()
  while (!(await condition())) {
    if (performance.now() - began > timeoutMs) throw new Error(`${name}: not within ${timeoutMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return performance.now() - began
}

import { resolve } from "node:path"
import { canonicalAddress, domainOf } from "@lifeboat/shared/address"
import { smtpReplies } from "@lifeboat/shared/smtp-replies"
import { createApiServer, type ApiServer } from "./api/api-server.ts"
import type { DemoControl, MailboxStore } from "./api/dependencies.ts"
import { webmailBackground } from "./api/webmail/background.ts"
import { ArchiveIndexer } from "./archive/archive-indexer.ts"
import { Bodies } from "./archive/bodies.ts"
import { DiskSpace } from "./archive/disk-space.ts"
import { Messages } from "./archive/messages.ts"
import { Rejections } from "./archive/rejections.ts"
import { Retention } from "./archive/retention.ts"
import type { Config } from "./config.ts"
import { Continuity } from "./continuity/continuity.ts"
import { MxTarget } from "./delivery/mx-target.ts"
import { calloutRecipient, probePrimary } from "./delivery/probe.ts"
import { smarthostHop } from "./delivery/smarthost-hop.ts"
import { outsideTimeouts, primaryTimeouts } from "./delivery/smtp-timeouts.ts"
import { SmtpTarget } from "./delivery/smtp-target.ts"
import { createFilterChain } from "./filter/filter-chain.ts"
import { isCovered } from "./identity/covered.ts"
import { Sessions } from "./identity/sessions.ts"
import { SignIn } from "./identity/sign-in.ts"
import { Users } from "./identity/users.ts"
import { traceOf } from "./inbound/received-header.ts"
import { createInboundServer } from "./inbound/inbound-server.ts"
import type { MailServerDependencies } from "./inbound/mail-server.ts"
import { createSubmissionServers } from "./inbound/submission-server.ts"
import type { Logger } from "./logger.ts"
import { releaseDecisions } from "./mailbox/copy-evidence.ts"
import { MailBatches, type BatchSettings } from "./mailbox/batches/mail-batches.ts"
import { MailboxTarget } from "./mailbox/mailbox-target.ts"
import { MailIndexFeed } from "./mailbox/mail-index/mail-index-feed.ts"
import { Observer } from "./mailbox/observer.ts"
import { Provisioning } from "./mailbox/provisioning.ts"
import { Reconciliation } from "./mailbox/reconciliation.ts"
import { RemovalTarget } from "./mailbox/removal-target.ts"
import { WildDuckApi } from "./mailbox/wildduck-api.ts"
import type { WildDuckAccess } from "./mailbox/wildduck-connection.ts"
import { createMessageFlow } from "./message-flow.ts"
import { createFailureReport } from "./queue/failure-report.ts"
import { Queue } from "./queue/queue.ts"
import { nextAttempt, outsideExpiry } from "./queue/retry-schedule.ts"
import { createSettle } from "./queue/settle.ts"
import { Workers } from "./queue/workers.ts"
import { CalloutCache } from "./recipients/callout-cache.ts"
import { Callouts } from "./recipients/callout.ts"
import { Directory } from "./recipients/directory.ts"
import { createRecipientCheck, recipientOf } from "./recipients/recipient-check.ts"
import type { Recipient } from "./routing/recipient.ts"
import type { Database } from "./store/database.ts"
import type { DomainDocument } from "./store/documents.ts"
import { answerWithin } from "./store/deadline.ts"
import { DomainCache } from "./store/domain-cache.ts"
import { Metrics } from "./tracking/metrics.ts"
import { Tracker } from "./tracking/tracker.ts"

/** What the installation stands on: databases, certificate, mailbox store. */
export interface AppParts {
  readonly config: Config
  readonly log: Logger
  readonly database: Database
  /** Names this node for its leases: the same after a restart. */
  readonly node: string
  /** Certificate and key, PEM. */
  readonly certificate: { readonly cert: string | Buffer; readonly key: string | Buffer }
  /** Undefined on nodes without the mailbox store. */
  readonly wildduck: (() => WildDuckAccess & BatchSettings) | undefined
  readonly demo?: DemoControl | undefined
  /** Parts that are not well right now, as sentences by name. */
  readonly partProblems: () => Readonly<Record<string, string | null>>
}

/** A running node. */
export interface App {
  readonly users: Users
  readonly domains: DomainCache
  /** Port of the HTTP server; undefined on nodes without the role. */
  readonly httpPort: number | undefined
  /** Stops in the order of the mail's way: no new mail, then the work in progress, then what others watch. */
  stop(): Promise<void>
}

const readyTimeout = 2_000
const divertAfterMs = 300_000
const provisionPatience = 3_000

/** Composes and starts every part that this node's roles ask for. */
export async function startApp(parts: AppParts): Promise<App> {
  const { config, log, database, wildduck } = parts
  const has = (role: "gateway" | "delivery" | "api" | "observer" | "store") => config.roles.has(role)
  const domains = new DomainCache(database, log)
  const directory = new Directory(database, log)
  const tracker = new Tracker(database, log)
  const bodies = new Bodies(database)
  const messages = new Messages(database, log)
  const queue = new Queue(database, parts.node)
  await domains.start()
  directory.start()
  const hops = ["mailbox", "outside", "removal", ...domains.all().map((domain) => `primary:${domain._id}` as const)] as const
  await Promise.all(hops.map((hop) => queue.releaseOwnLeases(hop)))

  const primaryTimes = primaryTimeouts((ms) => config.scaledTimeout(ms))
  const outsideTimes = outsideTimeouts((ms) => ms)
  const metrics = new Metrics({ database, domains, inProgress: () => workers.inProgress, log })
  const takeIn = createMessageFlow({
    database, domains, bodies, messages, queue, log,
    filter: createFilterChain({ hostname: config.hostname, limits: config.limits }),
    trace: (incoming) => traceOf(incoming, config.hostname),
  })
  const accept: typeof takeIn = async (incoming) => {
    const acceptance = await takeIn(incoming)
    if (acceptance.accepted) metrics.accepted()
    return acceptance
  }
  const senderAsRecipient = async (address: string): Promise<Recipient | undefined> => {
    const canonical = canonicalAddress(address)
    if (canonical === undefined) return undefined
    const domain = domains.get(domainOf(canonical))
    return domain ? recipientOf(address, canonical, domain, await directory.lookup(canonical)) : { address, canonical, domain: null, user: null, covered: false }
  }
  const report = createFailureReport({ database, bodies, tracker, hostname: config.hostname, recipient: senderAsRecipient, accept, log })

  const continuity = new Continuity({
    config, database, domains, queue, tracker, log, report,
    probe: (primary, { recipient, timeout }, signal) => {
      const timeouts = primaryTimeouts((ms) => Math.min(config.scaledTimeout(ms), timeout))
      return probePrimary(primary, { hostname: config.hostname, timeouts, ...(recipient === undefined ? {} : { recipient }) }, signal)
    },
  })
  const calloutCache = new CalloutCache(database, log)
  const callouts = new Callouts({
    ask: (primary, address) => calloutRecipient(primary, address, { hostname: config.hostname, timeouts: primaryTimes, fallbackSender: `postmaster@${config.hostname}` }),
    cache: calloutCache,
    signals: continuity,
    now: () => database.now(),
    restMs: config.scaled(5_000),
  })
  const checkRecipient = createRecipientCheck({
    domains, directory, cache: calloutCache, callouts, now: () => database.now(), patienceMs: config.scaledTimeout(2_000), limitMs: config.scaledTimeout(20_000),
  })

  const api = wildduck ? new WildDuckApi(wildduck) : undefined
  const provisioning = api ? new Provisioning(database, api, log) : undefined
  const reconciliation = provisioning && has("observer") ? new Reconciliation({ database, provisioning, log }) : undefined
  const sessions = new Sessions(database)
  const signIn = new SignIn(database, log)
  const users = new Users(database, sessions, {
    userChanged: async (address) => {
      directory.invalidate()
      await provisioning?.pushUser(address)
      // A new user can use a mail client at once; if the mailbox store is slow, a little later.
      const user = await database.users.findOne({ _id: address })
      if (provisioning && user && isCovered(domains.get(user.domain), user)) {
        await answerWithin(provisionPatience, provisioning.ensureMailbox(user)).catch((error: unknown) => log.info({ error: String(error), user: address }, "a mailbox is made a little later"))
      }
    },
    userRemoved: async (user) => {
      directory.invalidate()
      await provisioning?.removeMailbox(user).catch((error: unknown) => log.warn({ error: String(error), user: user._id }, "the mailbox of a removed user is left behind"))
    },
    coverageChanged: async () => {
      directory.invalidate()
      reconciliation?.nudge()
    },
  })

  const primaryTarget = new SmtpTarget({
    hostname: config.hostname, timeouts: primaryTimes, bodies,
    resolve: (claim) => primaryOf(claim.deliveries[0]?.hop, domains),
  })
  const outsideTarget = new MxTarget({
    hostname: config.hostname, timeouts: outsideTimes, bodies,
    smarthost: (claim) => {
      const own = claim.message.domains.map((name) => domains.get(name)?.relay.smarthost).find((host) => host != null)
      const smarthost = own ?? config.smarthost
      return smarthost && smarthostHop(smarthost)
    },
  })
  const archiveUrl = (messageId: string) => `${config.publicUrl}/archive/${messageId}`
  const settle = createSettle({
    queue, tracker, log, report,
    taken: (recipient, reply) => {
      const canonical = canonicalAddress(recipient)
      if (canonical !== undefined) calloutCache.noteAccepted(canonical, reply, database.now())
    },
    context: async (ids) => {
      const found = ids.size === 0 ? [] : await database.users.find({ _id: { $in: [...ids] } }, { projection: { domain: 1, selected: 1 } }).toArray()
      const covered = new Set(found.filter((user) => isCovered(domains.get(user.domain), user)).map((user) => user._id))
      return {
        now: database.now(),
        domain: (name) => domains.get(name),
        covered: (user) => covered.has(user),
        divertAfter: config.scaled(divertAfterMs),
        nextAttempt: (delivery, message) =>
          nextAttempt({
            attempts: delivery.attempts,
            firstFailedAt: delivery.firstFailedAt ?? database.now(),
            now: database.now(),
            expireAt: delivery.hop === "outside" ? outsideExpiry(message.receivedAt, message.expireAt) : message.expireAt,
            random: Math.random(),
            scale: (ms) => config.scaled(ms),
          }),
      }
    },
  })
  const workers = new Workers({
    domains, queue, log,
    settle: async (attempts) => {
      await settle(attempts)
      for (const attempt of attempts) metrics.attempted(attempt)
    },
    targets: {
      primary: primaryTarget,
      outside: outsideTarget,
      mailbox: api && provisioning ? new MailboxTarget({ database, bodies, api, provisioning, log, archiveUrl }) : undefined,
      removal: api ? new RemovalTarget({ database, api, log }) : undefined,
    },
    gateFor: (domain) => continuity.gateFor(domain),
    connections: (domain, connections) => {
      const hop = primaryOf(`primary:${domain}`, domains)
      if (hop) primaryTarget.setConnections(hop, connections)
    },
    decideReleases: releaseDecisions(database, log),
    learned: (domain, outcome, messageId) => {
      if (outcome.kind === "delivered") continuity.signal({ kind: "success", domain })
      else if (outcome.kind === "deferred" && !outcome.untried && outcome.server !== "none") continuity.signal({ kind: "failure", domain, failure: outcome.failure, reply: outcome.reply, messageId })
    },
  })
  const retention = new Retention({ database, bodies, queue, log, report })
  const observer = api && has("observer") ? new Observer({ database, api, track: (event) => tracker.track(event), log }) : undefined
  const archiveIndexer = has("observer") ? new ArchiveIndexer(database, bodies, log) : undefined
  const mailIndexFeed = api && has("observer") ? new MailIndexFeed({ database, log }) : undefined
  const primaries = new Map(domains.all().map((domain) => [domain._id, primaryName(domain)]))
  const unfollow = domains.onChange((name, domain) => {
    const before = primaries.get(name)
    const now = primaryName(domain)
    primaries.set(name, now)
    // Another primary knows other people.
    if (before !== undefined && before !== "" && before !== now) void calloutCache.forgetDomain(name).catch((error: unknown) => log.warn({ error: String(error), domain: name }, "callouts of an earlier primary are kept for now"))
  })

  const readiness = async (): Promise<Readonly<Record<string, string | null>>> => {
    const answers: Record<string, string | null> = { ...parts.partProblems() }
    answers["database"] = await answerWithin(readyTimeout, database.db.command({ ping: 1 })).then(() => null, () => "The database does not answer.")
    if (api) answers["mailboxes"] = await api.health(readyTimeout).then(() => null, () => "The mailbox store does not answer. Mail is accepted and kept; mailboxes come back by themselves.")
    return answers
  }
  const mailboxStore: MailboxStore | undefined = api && provisioning ? { api, batches: wildduck && new MailBatches(wildduck, log), ensureMailbox: (user) => provisioning.ensureMailbox(user) } : undefined
  // With the role "api" the server of the API does it.
  const background = has("delivery") && !has("api") ? webmailBackground({ config, database, domains, bodies, log, mail: { checkRecipient, accept }, mailbox: mailboxStore }) : undefined
  const apiServer: ApiServer | undefined = has("api")
    ? await createApiServer({
        config, log, database, domains, sessions, users, signIn, bodies, tracker, readiness, metrics: metrics.registry,
        queue: {
          change: (messageId, decide) => queue.change(messageId, decide),
          count: (hop, states) => queue.count(hop, states),
          // "Try all now" is asked for by a person: a pause after a failure ends with it.
          retryNow: (hop) => {
            continuity.gateFor(hop.slice("primary:".length)).resume()
            return queue.retryNow(hop)
          },
        },
        mail: { checkRecipient, accept },
        continuity: {
          force: (domain, mode, by) => continuity.force(domain, mode, by),
          settingsChanged: (domain, by) => continuity.settingsChanged(domain, by),
          outageReport: (domain, outageId) => continuity.outageReport(domain, outageId),
          releaseRefused: (domain, choice) => continuity.releaseRefused(domain, choice),
          failRefused: (domain, choice) => continuity.failRefused(domain, choice),
          probe: (primary) => probePrimary(primary, { hostname: config.hostname, timeouts: primaryTimes }),
        },
        mailbox: mailboxStore,
        demo: parts.demo,
        webFolder: resolve(import.meta.dirname, "../../web/dist"),
      })
    : undefined

  const disk = new DiskSpace(config.dataDir, config.limits.messageBytes, log)
  const rejections = new Rejections(database, (domain) => domains.get(domain) !== undefined, log)
  const mailServer: MailServerDependencies = {
    config, log, domains, recipientCheck: checkRecipient, bodies, accept, tls: parts.certificate,
    onRejected: (refused) => rejections.note(refused),
    unavailable: () => (disk.full ? smtpReplies.storageFull : undefined),
  }
  const inbound = has("gateway") ? await createInboundServer(mailServer, config.ports.smtp) : undefined
  const submission = has("gateway")
    ? await createSubmissionServers(
        { ...mailServer, authenticate: (address, password, client) => signIn.authenticate(address, password, client, "smtp") },
        { submission: config.ports.submission, submissions: config.ports.submissions },
      )
    : undefined
  if (has("delivery")) {
    continuity.start()
    workers.start()
    retention.start()
    background?.start()
  }
  disk.start()
  observer?.start()
  mailIndexFeed?.start()
  archiveIndexer?.start()
  reconciliation?.start()
  const httpPort = await apiServer?.listen(config.host, config.ports.http)

  return {
    users,
    domains,
    httpPort,
    stop: async () => {
      await Promise.all([inbound?.close(), submission?.close()])
      await Promise.all([apiServer?.close(), background?.stop()])
      unfollow()
      disk.stop()
      await continuity.stop()
      await workers.stop()
      await Promise.all([observer?.stop(), mailIndexFeed?.stop(), archiveIndexer?.stop(), reconciliation?.stop()])
      retention.stop()
      primaryTarget.close()
      outsideTarget.close()
      await calloutCache.stop()
      await tracker.flush()
      await directory.stop()
      await domains.stop()
    },
  }
}

function primaryName(domain: DomainDocument | undefined): string {
  return domain?.primary ? `${domain.primary.host}:${domain.primary.port}` : ""
}

/** The primary behind a hop `primary:<domain>`. */
function primaryOf(hop: string | undefined, domains: DomainCache): NonNullable<DomainDocument["primary"]> | undefined {
  return hop?.startsWith("primary:") ? (domains.get(hop.slice("primary:".length))?.primary ?? undefined) : undefined
}

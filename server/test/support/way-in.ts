import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Mode } from "@lifeboat/shared/continuity-mode"
import { Bodies } from "../../src/archive/bodies.ts"
import type { Incoming } from "../../src/archive/incoming.ts"
import type { Limits } from "../../src/config.ts"
import type { Signal } from "../../src/continuity/signals.ts"
import { calloutRecipient } from "../../src/delivery/probe.ts"
import { loadCertificate } from "../../src/embedded/certificates.ts"
import { createFilterChain } from "../../src/filter/filter-chain.ts"
import { SignIn } from "../../src/identity/sign-in.ts"
import { createInboundServer } from "../../src/inbound/inbound-server.ts"
import type { Pace } from "../../src/inbound/limits.ts"
import type { MailServer, MailServerDependencies, Rejection } from "../../src/inbound/mail-server.ts"
import { createSubmissionServers, type SubmissionServers } from "../../src/inbound/submission-server.ts"
import { createLogger } from "../../src/logger.ts"
import { CalloutCache } from "../../src/recipients/callout-cache.ts"
import { Callouts } from "../../src/recipients/callout.ts"
import { Directory } from "../../src/recipients/directory.ts"
import { createRecipientCheck, type RecipientCheck } from "../../src/recipients/recipient-check.ts"
import { openDatabase, type Database } from "../../src/store/database.ts"
import { ensureIndexes } from "../../src/store/indexes.ts"
import type { DomainDocument } from "../../src/store/documents.ts"
import { testDatabase } from "./mongo.ts"
import { startPrimary, type TestPrimary } from "./primary.ts"

/** A mail that came all the way in, with its bytes read back from the archive. */
export interface Arrived {
  readonly incoming: Incoming
  readonly bytes: Buffer
}

/** The way in on real parts: database, primary, directory, callouts, archive; what arrives is put in a list. */
export interface WayIn {
  readonly database: Database
  readonly primary: TestPrimary
  readonly directory: Directory
  readonly cache: CalloutCache
  readonly callouts: Callouts
  readonly check: RecipientCheck
  readonly signals: Signal[]
  readonly arrived: Arrived[]
  readonly rejected: Rejection[]
  readonly bodies: Bodies
  readonly dependencies: MailServerDependencies
  /** Sets a hosted domain; `primary` null: none. */
  host(name: string, changes?: Partial<Pick<DomainDocument, "relay" | "primary">> & { mode?: Mode }): DomainDocument
  inbound(changes?: Partial<MailServerDependencies>): Promise<MailServer>
  submission(): Promise<SubmissionServers>
  stop(): Promise<void>
}

export const wayInLimits: Limits = {
  messageBytes: 4_194_304, recipients: 1000, connections: 1000, connectionsPerAddress: 200, hops: 50, headers: 5000, headerBytes: 2_097_152, lineBytes: 1_048_576,
}

const epoch = new Date("2026-01-01T00:00:00Z")

/** Starts it with the hosted domain `example.com`. `pace` shortens what slow clients are allowed. */
export async function startWayIn(pace: Partial<Pace> = {}): Promise<WayIn> {
  const { url, dbName } = testDatabase()
  const folder = await mkdtemp(join(tmpdir(), "lifeboat-way-in-"))
  const [database, primary, tls] = await Promise.all([
    openDatabase(url, { lifeboat: dbName, wildduck: `${dbName}_wd` }),
    startPrimary(),
    loadCertificate({ folder, hostname: "mx.test", given: undefined }, new Date()),
  ])
  await ensureIndexes(database)
  const log = createLogger("fatal")
  const hosted = new Map<string, DomainDocument>()
  const domains = { get: (name: string) => hosted.get(name), all: () => [...hosted.values()] }
  const bodies = new Bodies(database)
  const directory = new Directory(database, log)
  directory.start()
  const cache = new CalloutCache(database, log, 60_000)
  const signals: Signal[] = []
  const options = { hostname: "mx.test", timeouts: { connect: 3_000, banner: 3_000, command: 3_000, block: 3_000, dot: 3_000 }, fallbackSender: "postmaster@mx.test" }
  const callouts = new Callouts({
    ask: (host, address) => calloutRecipient(host, address, options),
    cache,
    signals: { signal: (signal) => void signals.push(signal) },
    now: () => new Date(),
    restMs: 300,
  })
  const check = createRecipientCheck({ domains, directory, cache, callouts, now: () => new Date(), patienceMs: 300, limitMs: 5_000 })
  const config = { host: "127.0.0.1", hostname: "mx.test", limits: wayInLimits }
  const filter = createFilterChain(config)
  const arrived: Arrived[] = []
  const rejected: Rejection[] = []
  const dependencies: MailServerDependencies = {
    config,
    log,
    domains,
    recipientCheck: check,
    bodies,
    tls,
    pace,
    onRejected: (rejection) => void rejected.push(rejection),
    accept: async (incoming) => {
      const verdict = await filter(incoming)
      if (verdict.verdict === "reject") {
        await bodies.discard(incoming.body)
        return { accepted: false, reply: verdict.reply }
      }
      await database.bodies.insertOne(await bodies.document(incoming.body, new Date(Date.now() + 86_400_000)))
      arrived.push({ incoming, bytes: (await bodies.read(incoming.body.messageId)) ?? Buffer.alloc(0) })
      return { accepted: true, messageId: incoming.body.messageId }
    },
  }
  const opened: { close(): Promise<void> }[] = []
  const keep = <T extends { close(): Promise<void> }>(server: T): T => {
    opened.push(server)
    return server
  }
  const wayIn: WayIn = {
    database, primary, directory, cache, callouts, check, signals, arrived, rejected, bodies, dependencies,
    host: (name, changes = {}) => {
      const domain: DomainDocument = {
        _id: name,
        primary: changes.primary === undefined ? { host: primary.host, port: primary.port, tls: "none" } : changes.primary,
        retentionDays: 90,
        relay: changes.relay ?? { addresses: [], smarthost: null },
        continuity: { enabled: true, activation: "automatic", coverage: "all" },
        mode: {
          mode: changes.mode ?? "normal", since: epoch, reason: "initial", detail: null, by: "automatic", forced: false, version: 1, successes: 0, nextProbeAt: null,
          failureRun: null, outageId: null,
        },
        createdAt: epoch,
      }
      hosted.set(name, domain)
      return domain
    },
    inbound: async (changes = {}) => keep(await createInboundServer({ ...dependencies, ...changes }, 0)),
    submission: async () => {
      const signIn = new SignIn(database, log)
      const authenticate = (address: string, password: string, client: string) => signIn.authenticate(address, password, client, "smtp")
      return keep(await createSubmissionServers({ ...dependencies, authenticate }, { submission: 0, submissions: 0 }))
    },
    stop: async () => {
      await Promise.all(opened.map((server) => server.close()))
      await cache.stop()
      await directory.stop()
      await primary.stop()
      await database.db.dropDatabase()
      await database.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
  wayIn.host("example.com")
  return wayIn
}

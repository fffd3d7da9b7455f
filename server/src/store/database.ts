import { MongoClient, type Collection, type Db } from "mongodb"
import type {
  AddinCodeDocument, ArchiveIndexDocument, AuditDocument, BodyDocument, CalloutDocument, CopyDocument, DkimKeyDocument, DomainDocument, EventDocument, InvitationAnswerDocument, MailIndexDocument, MailJobDocument, MailJobPartDocument, MailSettingsDocument, MessageDocument, OutageDocument, OutboxDocument, PasswordLinkDocument, RedeliveryJobDocument, SessionDocument, StateDocument, UploadDocument, UploadPartDocument, UserDocument,
} from "./documents.ts"

/** Every collection of Lifeboat, typed, and the database's clock. */
export interface Database {
  readonly client: MongoClient
  readonly db: Db
  /** WildDuck's own database on the same server: read by the observer and by lookups, never written. */
  readonly wildduck: Db
  readonly domains: Collection<DomainDocument>
  readonly users: Collection<UserDocument>
  readonly messages: Collection<MessageDocument>
  readonly bodies: Collection<BodyDocument>
  readonly events: Collection<EventDocument>
  readonly callouts: Collection<CalloutDocument>
  readonly outages: Collection<OutageDocument>
  readonly sessions: Collection<SessionDocument>
  readonly passwordLinks: Collection<PasswordLinkDocument>
  readonly addinCodes: Collection<AddinCodeDocument>
  readonly dkimKeys: Collection<DkimKeyDocument>
  readonly audit: Collection<AuditDocument>
  readonly copies: Collection<CopyDocument>
  readonly mailSettings: Collection<MailSettingsDocument>
  readonly uploads: Collection<UploadDocument>
  readonly uploadParts: Collection<UploadPartDocument>
  readonly outbox: Collection<OutboxDocument>
  readonly mailJobs: Collection<MailJobDocument>
  readonly mailJobParts: Collection<MailJobPartDocument>
  readonly redeliveryJobs: Collection<RedeliveryJobDocument>
  readonly mailIndex: Collection<MailIndexDocument>
  readonly archiveIndex: Collection<ArchiveIndexDocument>
  readonly state: Collection<StateDocument>
  readonly invitationAnswers: Collection<InvitationAnswerDocument>
  /** The time of the database server, so that all nodes agree about due times and leases. */
  now(): Date
  close(): Promise<void>
}

/** Names of the databases, so that tests can have their own. */
export interface DatabaseNames {
  readonly lifeboat: string
  readonly wildduck: string
}

const clockInterval = 30_000

/**
 * Connects to MongoDB. Every write is majority and journaled unless it says otherwise; no call waits for ever,
 * and those that somebody waits for are bounded by `store/deadline`: a frozen server becomes an error.
 */
export async function openDatabase(url: string, names: DatabaseNames = { lifeboat: "lifeboat", wildduck: "wildduck" }): Promise<Database> {
  const client = new MongoClient(url, {
    appName: "lifeboat",
    writeConcern: { w: "majority", journal: true },
    ignoreUndefined: false,
    maxPoolSize: 50,
    serverSelectionTimeoutMS: 4_000,
    connectTimeoutMS: 4_000,
    // Nothing waits for ever: neither for an answer of a connection that is dead, nor for a connection.
    socketTimeoutMS: 120_000,
    waitQueueTimeoutMS: 10_000,
    heartbeatFrequencyMS: 2_000,
  })
  await client.connect()
  const db = client.db(names.lifeboat)
  let offset = 0
  const syncClock = async () => {
    const before = Date.now()
    const hello = await db.admin().command({ hello: 1 })
    const after = Date.now()
    const serverTime: unknown = hello["localTime"]
    if (serverTime instanceof Date) offset = serverTime.getTime() - (before + after) / 2
  }
  await syncClock()
  const timer = setInterval(() => void syncClock().catch(() => undefined), clockInterval)
  timer.unref()
  return {
    client,
    db,
    wildduck: client.db(names.wildduck),
    domains: db.collection("domains"),
    users: db.collection("users"),
    messages: db.collection("messages"),
    bodies: db.collection("bodies"),
    events: db.collection("events"),
    callouts: db.collection("callouts"),
    outages: db.collection("outages"),
    sessions: db.collection("sessions"),
    passwordLinks: db.collection("passwordLinks"),
    addinCodes: db.collection("addinCodes"),
    dkimKeys: db.collection("dkimKeys"),
    audit: db.collection("audit"),
    copies: db.collection("copies"),
    mailSettings: db.collection("mailSettings"),
    uploads: db.collection("uploads"),
    uploadParts: db.collection("uploadParts"),
    outbox: db.collection("outbox"),
    mailJobs: db.collection("mailJobs"),
    mailJobParts: db.collection("mailJobParts"),
    redeliveryJobs: db.collection("redeliveryJobs"),
    mailIndex: db.collection("mailIndex"),
    archiveIndex: db.collection("archiveIndex"),
    state: db.collection("state"),
    invitationAnswers: db.collection("invitationAnswers"),
    now: () => new Date(Date.now() + offset),
    close: async () => {
      clearInterval(timer)
      await client.close()
    },
  }
}

import type { IndexDescription } from "mongodb"
import type { Database } from "./database.ts"

type CollectionName = "domains" | "users" | "messages" | "bodies" | "events" | "callouts" | "outages" | "sessions" | "passwordLinks" | "addinCodes" | "dkimKeys" | "audit" | "copies" | "mailIndex" | "archiveIndex" | "uploads" | "uploadParts" | "outbox" | "mailJobs" | "mailJobParts" | "redeliveryJobs" | "invitationAnswers"

/**
 * Every index of Lifeboat, in one list. Sharding, written down now so that growing is configuration: `messages`,
 * `bodies` and `events` by hashed message id, `callouts` and `users` by `_id`; the rest is small and stays unsharded.
 */
export const indexes: Readonly<Record<CollectionName, readonly IndexDescription[]>> = {
  domains: [{ key: { "mode.nextProbeAt": 1 } }],
  users: [
    { key: { domain: 1, _id: 1 } },
    { key: { aliases: 1 }, unique: true, partialFilterExpression: { "aliases.0": { $exists: true } } },
    { key: { mailboxKey: 1 }, unique: true },
    { key: { "mailbox.id": 1 }, partialFilterExpression: { "mailbox.id": { $exists: true } } },
  ],
  messages: [
    { name: "work", key: { "deliveries.hop": 1, "deliveries.state": 1, "deliveries.due": 1 } },
    { name: "domains", key: { domains: 1, _id: -1 } },
    { name: "owners", key: { owners: 1, _id: -1 } },
    { name: "outages", key: { "deliveries.outageId": 1 }, partialFilterExpression: { "deliveries.outageId": { $gt: "" } } },
    { name: "answered", key: { answeredBy: 1, _id: 1 }, partialFilterExpression: { answeredBy: { $exists: true } } },
    { name: "retention", key: { expireAt: 1 }, expireAfterSeconds: 0 },
  ],
  bodies: [{ name: "retention", key: { expireAt: 1 }, expireAfterSeconds: 0 }],
  events: [{ key: { messageId: 1, time: 1 } }, { name: "retention", key: { expireAt: 1 }, expireAfterSeconds: 0 }],
  callouts: [{ key: { domain: 1, acceptedAt: -1 } }, { name: "retention", key: { expireAt: 1 }, expireAfterSeconds: 0 }],
  outages: [{ key: { domain: 1, start: -1 } }, { key: { end: 1 } }],
  sessions: [{ key: { address: 1 } }, { name: "retention", key: { expireAt: 1 }, expireAfterSeconds: 0 }],
  passwordLinks: [{ key: { address: 1, createdAt: 1 } }, { name: "retention", key: { expireAt: 1 }, expireAfterSeconds: 0 }],
  addinCodes: [{ key: { address: 1 } }, { name: "retention", key: { expireAt: 1 }, expireAfterSeconds: 0 }],
  dkimKeys: [{ key: { domain: 1, createdAt: -1 } }],
  audit: [{ key: { domain: 1, time: -1 } }],
  uploads: [{ key: { user: 1, createdAt: 1 } }, { name: "retention", key: { expireAt: 1 }, expireAfterSeconds: 0 }],
  uploadParts: [{ key: { upload: 1, n: 1 }, unique: true }, { name: "retention", key: { expireAt: 1 }, expireAfterSeconds: 0 }],
  outbox: [
    { key: { state: 1, due: 1 } },
    { key: { user: 1, due: 1 } },
    { name: "letters", key: { user: 1, letter: 1 }, unique: true, partialFilterExpression: { letter: { $gt: "" } } },
    { name: "retention", key: { expireAt: 1 }, expireAfterSeconds: 0 },
  ],
  mailJobs: [{ key: { state: 1, due: 1 } }, { key: { user: 1, createdAt: -1 } }, { name: "retention", key: { expireAt: 1 }, expireAfterSeconds: 0 }],
  redeliveryJobs: [{ key: { state: 1, due: 1 } }, { key: { user: 1, createdAt: -1 } }, { name: "retention", key: { expireAt: 1 }, expireAfterSeconds: 0 }],
  mailJobParts: [{ key: { job: 1, n: 1 }, unique: true }, { name: "retention", key: { expireAt: 1 }, expireAfterSeconds: 0 }],
  invitationAnswers: [{ key: { user: 1 } }, { name: "retention", key: { expireAt: 1 }, expireAfterSeconds: 0 }],
  copies: [{ key: { messageId: 1 } }, { key: { state: 1 } }, { name: "retention", key: { expireAt: 1 }, expireAfterSeconds: 0 }],
  archiveIndex: [
    { name: "words", key: { words: 1, _id: -1 } },
    { name: "owners", key: { owners: 1, _id: -1 } },
    { name: "domains", key: { domains: 1, _id: -1 } },
    { name: "retention", key: { expireAt: 1 }, expireAfterSeconds: 0 },
  ],
  mailIndex: [
    { name: "words", key: { folder: 1, words: 1, place: -1 } },
    { name: "places", key: { folder: 1, place: -1 } },
    // Each of these answers alone, without a look at the entries.
    { name: "heads", key: { folder: 1, head: 1, place: -1, _id: 1, thread: 1 } },
    { name: "threads", key: { folder: 1, thread: 1, place: -1, unseen: 1, head: 1, _id: 1 } },
    { name: "unread", key: { folder: 1, place: -1, _id: 1, thread: 1 }, partialFilterExpression: { unread: true } },
    { name: "unseen", key: { folder: 1, place: -1, _id: 1 }, partialFilterExpression: { unseen: true } },
    { name: "flagged", key: { folder: 1, place: -1, _id: 1 }, partialFilterExpression: { flagged: true } },
  ],
}

/** Makes every index that is missing; safe to run on each start and on several nodes at once. */
export async function ensureIndexes(database: Database): Promise<void> {
  await Promise.all(Object.entries(indexes).map(([name, list]) => database.db.collection(name).createIndexes([...list])))
}

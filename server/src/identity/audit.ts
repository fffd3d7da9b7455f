import { createMessageId } from "../archive/message-id.ts"
import type { Database } from "../store/database.ts"

/** Appends one administrative act to the audit log. `detail` is a short text without secrets. */
export async function recordAct(database: Database, by: string, domain: string | null, act: string, detail: string): Promise<void> {
  const time = database.now()
  await database.audit.insertOne({ _id: createMessageId(time), time, by, domain, act, detail: detail.slice(0, 2000) })
}

import type { Database } from "../store/database.ts"
import type { DomainDocument, ModeState } from "../store/documents.ts"

/** Writes the record of an outage that a domain is in; does nothing where it is written already. */
export async function beginOutage(database: Database, domain: string, mode: ModeState): Promise<void> {
  if (mode.outageId === null) return
  await database.outages.updateOne(
    { _id: mode.outageId },
    { $setOnInsert: { domain, start: mode.since, end: null, reason: mode.reason, detail: mode.detail } },
    { upsert: true },
  )
}

/** Writes the end of an outage; does nothing where it is written already. */
export async function endOutage(database: Database, outageId: string, end: Date): Promise<void> {
  await database.outages.updateOne({ _id: outageId, end: null }, { $set: { end } })
}

/**
 * Makes the records agree with the domains, for a node that died between the two. The mode is written before its record,
 * so the domains are read after the records.
 */
export async function reconcileOutages(database: Database): Promise<void> {
  const running = await database.outages.find({ end: null }).toArray()
  const domains: Pick<DomainDocument, "_id" | "mode">[] = await database.domains.find({}, { projection: { mode: 1 } }).toArray()
  const byName = new Map(domains.map((domain) => [domain._id, domain.mode]))
  for (const outage of running) {
    const mode = byName.get(outage.domain)
    if (mode?.outageId !== outage._id) await endOutage(database, outage._id, mode && mode.since > outage.start ? mode.since : database.now())
  }
  const known = new Set(running.map((outage) => outage._id))
  for (const domain of domains) if (domain.mode.outageId !== null && !known.has(domain.mode.outageId)) await beginOutage(database, domain._id, domain.mode)
}

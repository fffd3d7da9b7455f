import type { Claim, Outcome } from "../delivery/delivery-target.ts"
import type { Logger } from "../logger.ts"
import { copiesOf } from "../routing/mailbox-copy.ts"
import type { Database } from "../store/database.ts"
import { readCopyMark, writeCopyMark, type CopyMark } from "./copy-mark.ts"
import { decideRelease, type CopyEvidence, type Release } from "./decide-release.ts"
import { WildDuckStore, isTrash, type RemovedMessage, type StoredMailbox } from "./wildduck-store.ts"

/** A copy that is asked about. */
export interface WantedCopy extends CopyMark {
  /** Canonical address of the user whose mailbox it is in. */
  readonly user: string
}

/**
 * What is known about mailbox copies, read straight from WildDuck's database: the observer may be behind. A few queries
 * for any number of copies. Copies of users without a mailbox are left out. Throws database errors.
 */
export async function collectEvidence(database: Database, wanted: readonly WantedCopy[]): Promise<Map<string, CopyEvidence>> {
  const store = new WildDuckStore(database)
  const users = await database.users.find({ _id: { $in: [...new Set(wanted.map((copy) => copy.user))] }, mailbox: { $ne: null } }, { projection: { mailbox: 1 } }).toArray()
  const accounts = new Map(users.flatMap((user): [string, string][] => (user.mailbox ? [[user._id, user.mailbox.id]] : [])))
  const marks = new Map<string, string[]>()
  for (const copy of wanted) {
    const account = accounts.get(copy.user)
    if (account === undefined) continue
    const list = marks.get(account)
    if (list) list.push(writeCopyMark(copy))
    else marks.set(account, [writeCopyMark(copy)])
  }
  const asked = [...marks].map(([account, list]) => ({ account, marks: list }))
  const [notes, removed] = await Promise.all([
    database.copies.find({ _id: { $in: wanted.map((copy) => copy.delivery) } }, { projection: { state: 1 } }).toArray(),
    store.removedCopies(asked),
  ])
  // In this order: a mail that moves meanwhile is seen in one of its places, and what left the trash last is seen outside.
  const [folders, rows] = [await store.folders([...marks.keys()]), await store.copies(asked)]

  const known = new Map<string, { places: ("trash" | "elsewhere")[]; removals: ("by-user" | "otherwise")[]; noted: CopyEvidence["noted"] }>()
  for (const copy of wanted) if (accounts.has(copy.user)) known.set(copy.delivery, { places: [], removals: [], noted: undefined })
  for (const note of notes) {
    const evidence = known.get(note._id)
    if (evidence) evidence.noted = note.state
  }
  for (const row of rows) known.get(readCopyMark(row.meta?.custom)?.delivery ?? "")?.places.push(isTrash(folders.get(row.mailbox.toHexString()), folders) ? "trash" : "elsewhere")
  for (const row of removed) known.get(readCopyMark(row.meta?.custom)?.delivery ?? "")?.removals.push(removedBy(row, folders))
  return known
}

/** Who removed a mail for good. WildDuck keeps no note of it: what it does itself is told by circumstance. */
export function removedBy(row: RemovedMessage, folders: ReadonlyMap<string, StoredMailbox>): "by-user" | "otherwise" {
  if (row.userDeleted === true || !folders.has(row.mailbox.toHexString())) return "otherwise"
  const retention = row.retention ?? 0
  const expired = retention > 0 && row.archived.getTime() >= (row.retentionTime ?? row._id.getTimestamp().getTime()) + retention
  return expired ? "otherwise" : "by-user"
}

/**
 * The decision about every delivery to a primary that has a copy in a mailbox: those whose user deleted it are
 * cancelled, the others are missing from the answer and go out. Never throws: without evidence, everything goes out.
 * This is the `decide` of the primaries' workers.
 */
export function releaseDecisions(database: Database, log: Logger): (claims: readonly Claim[]) => Promise<ReadonlyMap<string, Outcome>> {
  return async (claims) => {
    const outcomes = new Map<string, Outcome>()
    const wanted = claims.flatMap(heldCopies)
    if (wanted.length === 0) return outcomes
    try {
      const evidence = await collectEvidence(database, wanted)
      const decisions = new Map<string, Set<Release>>()
      for (const copy of wanted) {
        const known = evidence.get(copy.delivery)
        // Of several copies, those that never came into being say nothing.
        if (hasTrace(known)) decisions.set(copy.primary, (decisions.get(copy.primary) ?? new Set()).add(decideRelease(known)))
      }
      for (const [primary, decided] of decisions) {
        if (!decided.has("deliver")) outcomes.set(primary, { kind: "cancelled", reply: "deleted by its user in the standby mailbox", server: "mailbox" })
      }
    } catch (error) {
      log.warn({ error: String(error), mails: wanted.length }, "it cannot be told what users deleted: everything is delivered")
    }
    return outcomes
  }
}

/** The copies of the claim's deliveries to a primary. One without ("deliver again") goes out whatever became of others. */
function heldCopies({ message, deliveries }: Claim): (WantedCopy & { primary: string })[] {
  return deliveries.flatMap((delivery) => {
    if (delivery.target !== "primary") return []
    return copiesOf(message.deliveries, delivery.id).flatMap((copy) => (copy.user === null ? [] : [{ primary: delivery.id, user: copy.user, message: message._id, delivery: copy.id }]))
  })
}

function hasTrace(evidence: CopyEvidence | undefined): evidence is CopyEvidence {
  return evidence !== undefined && (evidence.places.length > 0 || evidence.removals.length > 0 || evidence.noted !== undefined)
}

import type { Database } from "../store/database.ts"
import type { CopyDocument, UserDocument } from "../store/documents.ts"
import type { TrackingEvent } from "../tracking/tracker.ts"
import { removedBy } from "./copy-evidence.ts"
import { readCopyMark, writeCopyMark, type CopyMark } from "./copy-mark.ts"
import { nextCopyState, trackedChange, type CopyState } from "./copy-state.ts"
import { WildDuckStore, isTrash, type StoredMailbox } from "./wildduck-store.ts"

/** Something that happened to one copy; its state is read afresh, so that the order of sightings does not matter. */
export interface Sighting extends CopyMark {
  /** WildDuck's id of the account. */
  readonly account: string
  /** A row of it is gone, with who removed it as far as the event shows. */
  readonly removed?: "by-user" | "otherwise" | undefined
  /** A row of it came into this folder by moving or copying. */
  readonly arrived?: string | undefined
}

const day = 86_400_000
const maxKnown = 20_000

/**
 * The record of all mailbox copies (`copies`): brings it in line with WildDuck's database and tells the mail's trail
 * what its user did. May be called again for the same thing without harm. Throws database errors.
 */
export class CopyBook {
  readonly #database: Database
  readonly #store: WildDuckStore
  readonly #track: (event: TrackingEvent) => void
  readonly #addresses = new Map<string, string>()

  constructor(database: Database, track: (event: TrackingEvent) => void) {
    this.#database = database
    this.#store = new WildDuckStore(database)
    this.#track = track
  }

  async settle(sightings: readonly Sighting[]): Promise<void> {
    if (sightings.length === 0) return
    const byDelivery = new Map<string, Sighting[]>()
    const byAccount = new Map<string, Set<string>>()
    for (const sighting of sightings) {
      const same = byDelivery.get(sighting.delivery)
      if (same) same.push(sighting)
      else byDelivery.set(sighting.delivery, [sighting])
      const marks = byAccount.get(sighting.account) ?? new Set()
      byAccount.set(sighting.account, marks.add(writeCopyMark(sighting)))
    }
    const asked = [...byAccount].map(([account, marks]) => ({ account, marks: [...marks] }))
    // First what it was, then what it is: a change in between is seen twice rather than not at all.
    const before = new Map((await this.#database.copies.find({ _id: { $in: [...byDelivery.keys()] } }).toArray()).map((copy) => [copy._id, copy]))
    const folders = await this.#store.folders([...byAccount.keys()])
    const rows = await this.#store.copies(asked)
    const archived = await this.#store.removedCopies(asked)
    for (const [delivery, list] of byDelivery) {
      const places = rows.filter((row) => readCopyMark(row.meta?.custom)?.delivery === delivery).map((row) => row.mailbox.toHexString())
      const removals = archived.filter((row) => readCopyMark(row.meta?.custom)?.delivery === delivery).map((row) => removedBy(row, folders))
      await this.#settleOne(list, before.get(delivery), places, removals, folders)
    }
  }

  async #settleOne(list: Sighting[], before: CopyDocument | undefined, places: string[], archived: ("by-user" | "otherwise")[], folders: ReadonlyMap<string, StoredMailbox>): Promise<void> {
    const [sighting] = list
    if (!sighting) return
    const removals = [...archived, ...list.flatMap(({ removed }) => (removed === undefined ? [] : [removed]))]
    const after = nextCopyState(before?.state, { places: places.map((id) => (isTrash(folders.get(id), folders) ? "trash" : "elsewhere")), removals })
    if (after !== before?.state) {
      const event = trackedChange(before?.state, after)
      if ((await this.#write(sighting, before, after)) && event) await this.#tell(sighting, event, null)
      if (event) return
    }
    const folder = folders.get(list.findLast(({ arrived }) => arrived !== undefined)?.arrived ?? "")
    if (after === "present" && folder && places.length === 1 && places[0] === folder._id.toHexString()) await this.#tell(sighting, "moved-by-user", folder.path)
  }

  /** Writes a state where it is still as it was read. False: somebody else has written meanwhile. */
  async #write(sighting: Sighting, before: CopyDocument | undefined, after: CopyState): Promise<boolean> {
    const changedAt = this.#database.now()
    if (before) return (await this.#database.copies.updateOne({ _id: before._id, state: before.state }, { $set: { state: after, changedAt } })).modifiedCount > 0
    // Its delivery has not made the record yet, which only matters once it is more than simply there.
    if (after === "present" || after === "gone") return false
    const user = await this.#addressOf(sighting.account)
    if (user === undefined) return false
    const record = { messageId: sighting.message, user, state: after, changedAt, expireAt: new Date(changedAt.getTime() + 92 * day) }
    return (await this.#database.copies.updateOne({ _id: sighting.delivery }, { $setOnInsert: record }, { upsert: true })).upsertedCount > 0
  }

  /** Writes into the trail of a mail in somebody's inbox; what happens in Sent concerns no delivery. */
  async #tell(sighting: Sighting, event: TrackingEvent["event"], detail: string | null): Promise<void> {
    const message = await this.#database.messages.findOne({ _id: sighting.message }, { projection: { deliveries: 1, expireAt: 1 } })
    const delivery = message?.deliveries.find(({ id }) => id === sighting.delivery)
    if (!message || delivery?.folder !== "INBOX") return
    this.#track({ event, messageId: sighting.message, deliveryId: sighting.delivery, recipient: delivery.recipient, server: "mailbox", detail, expireAt: message.expireAt })
  }

  async #addressOf(account: string): Promise<string | undefined> {
    const known = this.#addresses.get(account)
    if (known !== undefined) return known
    const user = await this.#database.users.findOne<Pick<UserDocument, "_id">>({ "mailbox.id": account }, { projection: { _id: 1 } })
    if (!user) return undefined
    if (this.#addresses.size >= maxKnown) this.#addresses.clear()
    this.#addresses.set(account, user._id)
    return user._id
  }

  /** Compares every record that something could still happen to with WildDuck's database. */
  async compareAll(signal: AbortSignal, batchSize = 500): Promise<void> {
    const cursor = this.#database.copies.find({ state: { $in: ["present", "trash"] } }, { batchSize })
    let batch: CopyDocument[] = []
    for await (const copy of cursor) {
      if (signal.aborted) return
      batch.push(copy)
      if (batch.length >= batchSize) {
        await this.#compare(batch)
        batch = []
      }
    }
    await this.#compare(batch)
  }

  async #compare(batch: readonly CopyDocument[]): Promise<void> {
    const users = await this.#database.users.find({ _id: { $in: [...new Set(batch.map((copy) => copy.user))] } }, { projection: { mailbox: 1 } }).toArray()
    const accounts = new Map(users.map((user) => [user._id, user.mailbox?.id]))
    await this.settle(
      batch.flatMap((copy): Sighting[] => {
        const account = accounts.get(copy.user)
        return account === undefined ? [] : [{ account, message: copy.messageId, delivery: copy._id }]
      }),
    )
  }
}

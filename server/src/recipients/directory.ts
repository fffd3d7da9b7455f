import type { ChangeStreamDocument } from "mongodb"
import { withoutPlus } from "@lifeboat/shared/address"
import type { Logger } from "../logger.ts"
import { ChangeFollower } from "../store/change-follower.ts"
import { answerWithin } from "../store/deadline.ts"
import type { Database } from "../store/database.ts"
import type { UserDocument } from "../store/documents.ts"
import { RecentMap } from "./recent-map.ts"

const cached = 20_000
const timeToLive = 5_000
/** A lookup that takes longer is an error, so that RCPT is answered in time. ms. */
const lookupTimeout = 2_000
/** Changes of these alone do not change who is reached. */
const irrelevant = new Set(["lastLoginAt", "mailbox"])

interface Entry {
  readonly user: UserDocument | null
  readonly until: number
}

/** Who is behind an address: by address, alias or plus part. Answers from memory for a few seconds, on every node. */
export class Directory {
  readonly #database: Database
  readonly #changes: ChangeFollower<UserDocument, ChangeStreamDocument<UserDocument>>
  readonly #entries = new RecentMap<Entry>(cached)
  readonly #running = new Map<string, Promise<UserDocument | undefined>>()
  /** Raised by every invalidation: an answer that was asked for before it is not kept. */
  #generation = 0

  constructor(database: Database, log: Logger) {
    this.#database = database
    this.#changes = new ChangeFollower({
      open: () => database.users.watch([], { fullDocument: "default" }),
      changed: (change) => {
        const changed = change.operationType === "update" ? Object.keys(change.updateDescription.updatedFields ?? {}) : undefined
        if (changed && changed.length > 0 && changed.every((field) => irrelevant.has(field.split(".")[0] ?? ""))) return
        this.invalidate()
      },
      interrupted: (error) => {
        log.warn({ error: String(error) }, "changes of users are not followed for the moment")
        this.invalidate()
      },
      resumed: () => this.invalidate(),
    })
  }

  /** Begins to follow changes; without it answers are up to 5 s old. */
  start(): void {
    this.#changes.open()
  }

  async stop(): Promise<void> {
    await this.#changes.close()
  }

  /** The user whom a canonical address reaches. An address of its own wins over an alias, both over the plus part. Rejects when the database does not answer. */
  async lookup(canonical: string): Promise<UserDocument | undefined> {
    const entry = this.#entries.get(canonical)
    if (entry && entry.until > performance.now()) return entry.user ?? undefined
    let running = this.#running.get(canonical)
    if (!running) {
      running = this.#find(canonical).finally(() => this.#running.delete(canonical))
      this.#running.set(canonical, running)
    }
    return running
  }

  /** Forgets everything: for a change of our own, so that it counts at once. */
  invalidate(): void {
    this.#generation++
    this.#entries.clear()
    this.#running.clear()
  }

  async #find(canonical: string): Promise<UserDocument | undefined> {
    const generation = this.#generation
    const base = withoutPlus(canonical)
    const addresses = base === canonical ? [canonical] : [canonical, base]
    const users = await answerWithin(lookupTimeout, this.#database.users.find({ $or: [{ _id: { $in: addresses } }, { aliases: { $in: addresses } }] }).toArray())
    const rank = (user: UserDocument): number => {
      if (user._id === canonical) return 0
      if (user.aliases.includes(canonical)) return 1
      return user._id === base ? 2 : 3
    }
    const user = users.toSorted((a, b) => rank(a) - rank(b))[0]
    if (generation === this.#generation) this.#entries.set(canonical, { user: user ?? null, until: performance.now() + timeToLive })
    return user
  }
}

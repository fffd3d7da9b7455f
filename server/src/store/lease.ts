import { randomUUID } from "node:crypto"
import { MongoServerError } from "mongodb"
import type { Database } from "./database.ts"

/**
 * The right to do something that one node at a time does, kept in `state` under `name` for `duration` milliseconds at a
 * time, by the database's clock. Whoever holds it renews it well before its end.
 */
export class Lease {
  readonly #database: Database
  readonly #name: string
  readonly #duration: number
  readonly #owner = randomUUID()

  constructor(database: Database, name: string, duration: number) {
    this.#database = database
    this.#name = name
    this.#duration = duration
  }

  /** Takes or renews it. False: another node has it. Throws database errors: then it is not known. */
  async take(): Promise<boolean> {
    const now = this.#database.now()
    const value = { owner: this.#owner, until: new Date(now.getTime() + this.#duration) }
    const free = { $or: [{ "value.owner": this.#owner }, { "value.until": { $lte: now } }] }
    try {
      const taken = await this.#database.state.updateOne({ _id: this.#name, ...free }, { $set: { value } }, { upsert: true })
      return taken.matchedCount + taken.upsertedCount > 0
    } catch (error) {
      if (error instanceof MongoServerError && error.code === 11000) return false
      throw error
    }
  }

  /** Gives it back, so that another node need not wait for its end. */
  async release(): Promise<void> {
    await this.#database.state.deleteOne({ _id: this.#name, "value.owner": this.#owner })
  }
}

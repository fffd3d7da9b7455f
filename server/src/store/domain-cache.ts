import { EventEmitter } from "node:events"
import type { ChangeStreamDocument } from "mongodb"
import type { Logger } from "../logger.ts"
import { ChangeFollower } from "./change-follower.ts"
import type { Database } from "./database.ts"
import { answerWithin } from "./deadline.ts"
import type { DomainDocument } from "./documents.ts"

const pollInterval = 1_000
/** A stream can fall silent without an error: every so many polls all domains are read anyway. */
const pollsPerRefresh = 10
const patience = 4_000

/**
 * All hosted domains in memory, so that no mail waits for a lookup. Kept true by a change stream, so within
 * milliseconds on every node; by polling each second while the stream is broken, and every 10 s in any case.
 */
export class DomainCache {
  readonly #database: Database
  readonly #changes: ChangeFollower<DomainDocument, ChangeStreamDocument<DomainDocument>>
  readonly #events = new EventEmitter()
  #domains = new Map<string, DomainDocument>()
  #timer: NodeJS.Timeout | undefined

  constructor(database: Database, log: Logger) {
    this.#database = database
    this.#changes = new ChangeFollower({
      open: () => database.domains.watch([], { fullDocument: "updateLookup" }),
      changed: (change) => {
        if ("documentKey" in change) this.#set(String(change.documentKey._id), "fullDocument" in change && change.fullDocument ? change.fullDocument : null)
      },
      interrupted: (error) => log.warn({ error: String(error) }, "domain changes are not followed for the moment"),
    })
    this.#events.setMaxListeners(0)
  }

  /** Loads all domains and begins to follow changes. */
  async start(): Promise<void> {
    this.#changes.open()
    await this.refresh()
    let polls = 0
    this.#timer = setInterval(() => {
      if (this.#changes.following && ++polls % pollsPerRefresh !== 0) return
      void this.refresh().catch(() => undefined)
    }, pollInterval)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#changes.close()
  }

  get(domain: string): DomainDocument | undefined {
    return this.#domains.get(domain)
  }

  all(): DomainDocument[] {
    return [...this.#domains.values()]
  }

  /** Calls `listener` with a domain that changed, or its name when it is gone. Returns how to stop. */
  onChange(listener: (domain: string, document: DomainDocument | undefined) => void): () => void {
    this.#events.on("change", listener)
    return () => this.#events.off("change", listener)
  }

  /** Reads one domain, or all, anew: after a change of our own, so that it counts at once. */
  async refresh(domain?: string): Promise<void> {
    if (domain !== undefined) return this.#set(domain, await answerWithin(patience, this.#database.domains.findOne({ _id: domain })))
    const documents = await answerWithin(patience, this.#database.domains.find({}).toArray())
    const known = new Set(documents.map((document) => document._id))
    for (const document of documents) this.#set(document._id, document)
    for (const name of this.#domains.keys()) if (!known.has(name)) this.#set(name, null)
  }

  #set(name: string, document: DomainDocument | null): void {
    const before = this.#domains.get(name)
    if (document) {
      if (before && before.mode.version > document.mode.version) return
      this.#domains.set(name, document)
    } else this.#domains.delete(name)
    this.#events.emit("change", name, document ?? undefined)
  }
}

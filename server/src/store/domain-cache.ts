import { EventEmitter } from "node:events"
import type { ChangeStream } from "mongodb"
import type { Logger } from "../logger.ts"
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
  readonly #log: Logger
  readonly #events = new EventEmitter()
  #domains = new Map<string, DomainDocument>()
  #stream: ChangeStream | undefined
  #timer: NodeJS.Timeout | undefined
  #streaming = false

  constructor(database: Database, log: Logger) {
    this.#database = database
    this.#log = log
    this.#events.setMaxListeners(0)
  }

  /** Loads all domains and begins to follow changes. */
  async start(): Promise<void> {
    this.#watch()
    await this.refresh()
    let polls = 0
    this.#timer = setInterval(() => {
      if (this.#streaming && ++polls % pollsPerRefresh !== 0) return
      void this.refresh().catch(() => undefined)
      if (!this.#stream) this.#watch()
    }, pollInterval)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    const stream = this.#stream
    this.#stream = undefined
    await stream?.close().catch(() => undefined)
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

  #watch(): void {
    const stream = this.#database.domains.watch([], { fullDocument: "updateLookup" })
    this.#stream = stream
    this.#streaming = false
    stream.on("resumeTokenChanged", () => {
      this.#streaming = true
    })
    stream.on("change", (change) => {
      if (!("documentKey" in change)) return
      this.#set(String(change.documentKey._id), "fullDocument" in change && change.fullDocument ? change.fullDocument : null)
    })
    const broken = (error?: unknown) => {
      if (this.#stream !== stream) return
      this.#log.warn({ error: String(error ?? "the stream ended") }, "domain changes are not followed for the moment")
      this.#streaming = false
      this.#stream = undefined
      void stream.close().catch(() => undefined)
    }
    stream.on("error", broken)
    stream.on("end", () => broken())
    stream.on("close", () => broken())
  }
}

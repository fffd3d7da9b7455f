import { setTimeout } from "node:timers/promises"
import type { Authentication } from "@lifeboat/shared/schemas/mail"
import type { Bodies } from "../../archive/bodies.ts"
import { messageIdAt } from "../../archive/message-id.ts"
import { relayDomains } from "../../inbound/relay-addresses.ts"
import type { Logger } from "../../logger.ts"
import type { Database } from "../../store/database.ts"
import type { DomainDocument, MessageDocument } from "../../store/documents.ts"
import { authenticateMail } from "./authentication.ts"

/** What of a message says how it came. */
export type CameBy = Pick<MessageDocument, "_id" | "client" | "envelope" | "direction" | "hasBody" | "size" | "authentication">
export const cameByProjection = { _id: 1, client: 1, envelope: 1, direction: 1, hasBody: 1, size: 1, authentication: 1 } as const

const maxAtOnce = 2
const maxWaiting = 200
const maxBytes = 30_000_000
const againMs = 300_000
/** Keys stay as long as a mail may be under way, and longer. */
const keptMs = 3 * 86_400_000

/** Checks mails once each, in the background when they are first opened, and keeps the result with the message. */
export class AuthenticationKeeper {
  readonly #database: Database
  readonly #bodies: Bodies
  readonly #log: Logger
  readonly #servers: readonly string[] | undefined
  readonly #waiting = new Map<string, CameBy>()
  readonly #asked = new Map<string, number>()
  readonly #checking = new Map<string, PromiseWithResolvers<Authentication | null>>()
  #active = 0

  constructor({ database, bodies, log, nameServers }: { readonly database: Database; readonly bodies: Bodies; readonly log: Logger; readonly nameServers?: readonly string[] | undefined }) {
    this.#database = database
    this.#bodies = bodies
    this.#log = log
    this.#servers = nameServers
  }

  /** What is known now; what is not known yet is found out meanwhile. `now`: milliseconds. */
  known(message: CameBy, now: number): Authentication | null {
    if (message.authentication) return message.authentication
    if (message.hasBody && message.size <= maxBytes && now - (this.#asked.get(message._id) ?? -againMs) >= againMs && this.#waiting.size < maxWaiting) {
      this.#asked.delete(message._id)
      this.#asked.set(message._id, now)
      const oldest = this.#asked.keys().next()
      if (this.#asked.size > 10_000 && !oldest.done) this.#asked.delete(oldest.value)
      this.#waiting.set(message._id, message)
      this.#checking.set(message._id, Promise.withResolvers())
      this.#next()
    }
    return null
  }

  /** The same, but waits for a check that is under way, `patience` milliseconds at most. */
  async soon(message: CameBy, now: number, patience: number): Promise<Authentication | null> {
    const known = this.known(message, now)
    const checking = this.#checking.get(message._id)
    if (known || !checking || patience === 0) return known
    const stop = new AbortController()
    try {
      return await Promise.race([checking.promise, setTimeout(patience, null, { signal: stop.signal })])
    } finally {
      stop.abort()
    }
  }

  #next(): void {
    const first = this.#waiting.entries().next()
    if (this.#active >= maxAtOnce || first.done) return
    const [id, message] = first.value
    this.#waiting.delete(id)
    this.#active++
    void this.#check(message)
      .catch((error: unknown) => {
        this.#log.warn({ message: id, error: String(error) }, "sender not checked")
        return null
      })
      .then((authentication) => {
        this.#checking.get(id)?.resolve(authentication)
        this.#checking.delete(id)
        this.#active--
        this.#next()
      })
  }

  async #check({ _id, client, envelope }: CameBy): Promise<Authentication | null> {
    const raw = await this.#bodies.read(_id)
    if (!raw) return null
    const authentication = await authenticateMail(raw, { address: client.address, helo: client.helo, mailFrom: envelope.mailFrom, kept: _id < messageIdAt(new Date(Date.now() - keptMs)) }, this.#servers)
    if (authentication) await this.#database.messages.updateOne({ _id }, { $set: { authentication } })
    return authentication ?? null
  }
}

/** Whether a mail came from inside: from somebody signed in, or from a primary that may relay. */
export function cameFromInside({ client, direction }: Pick<CameBy, "client" | "direction">, domains: readonly DomainDocument[]): boolean {
  return client.user !== null || direction !== "inbound" || relayDomains(client.address, domains).length > 0
}

import type { Authentication } from "@lifeboat/shared/schemas/mail"
import type { Bodies } from "../../archive/bodies.ts"
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

/** Checks mails once each, in the background when they are first opened, and keeps the result with the message. Reading never waits for it. */
export class AuthenticationKeeper {
  readonly #database: Database
  readonly #bodies: Bodies
  readonly #log: Logger
  readonly #servers: readonly string[] | undefined
  readonly #waiting = new Map<string, CameBy>()
  readonly #asked = new Map<string, number>()
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
      this.#next()
    }
    return null
  }

  #next(): void {
    const first = this.#waiting.entries().next()
    if (this.#active >= maxAtOnce || first.done) return
    const [id, message] = first.value
    this.#waiting.delete(id)
    this.#active++
    void this.#check(message)
      .catch((error: unknown) => this.#log.warn({ message: id, error: String(error) }, "sender not checked"))
      .finally(() => {
        this.#active--
        this.#next()
      })
  }

  async #check({ _id, client, envelope }: CameBy): Promise<void> {
    const raw = await this.#bodies.read(_id)
    if (!raw) return
    const authentication = await authenticateMail(raw, { address: client.address, helo: client.helo, mailFrom: envelope.mailFrom }, this.#servers)
    if (authentication) await this.#database.messages.updateOne({ _id }, { $set: { authentication } })
  }
}

/** Whether a mail came from inside: from somebody signed in, or from a primary that may relay. */
export function cameFromInside({ client, direction }: Pick<CameBy, "client" | "direction">, domains: readonly DomainDocument[]): boolean {
  return client.user !== null || direction !== "inbound" || relayDomains(client.address, domains).length > 0
}

import type { Database } from "../store/database.ts"
import type { DomainDocument } from "../store/documents.ts"

const keepMs = 60_000
const atMost = 5

/**
 * Addresses that a domain's primary should know, for the RCPT of probes: of covered users, else learned ones. They take
 * turns, so that one full mailbox is not taken for the whole server.
 */
export class ProbeAddresses {
  readonly #database: Database
  readonly #known = new Map<string, { addresses: string[]; readAt: number; turn: number }>()
  readonly #passed = new Map<string, Set<string>>()

  constructor(database: Database) {
    this.#database = database
  }

  /** The next address for a domain; undefined where none is known. Never throws. */
  async next(domain: DomainDocument): Promise<string | undefined> {
    let known = this.#known.get(domain._id)
    if (!known || performance.now() - known.readAt > keepMs) {
      const addresses = await this.#read(domain).catch(() => known?.addresses ?? [])
      const passed = this.#passed.get(domain._id)
      for (const address of passed ?? []) if (!addresses.includes(address)) passed?.delete(address)
      known = { addresses, readAt: performance.now(), turn: known?.turn ?? 0 }
      this.#known.set(domain._id, known)
    }
    return known.addresses[known.turn++ % Math.max(1, known.addresses.length)]
  }

  /** Notes that the primary took an address in a probe: no greylisting stands in its way any more. */
  passed(domain: string, address: string): void {
    const passed = this.#passed.get(domain) ?? new Set()
    passed.add(address)
    this.#passed.set(domain, passed)
  }

  /** The known addresses of a domain that have passed. */
  thatPassed(domain: string): string[] {
    const passed = this.#passed.get(domain)
    return this.#known.get(domain)?.addresses.filter((address) => passed?.has(address)) ?? []
  }

  async #read(domain: DomainDocument): Promise<string[]> {
    const options = { projection: { _id: 1 }, limit: atMost } as const
    const filter = domain.continuity.coverage === "selected" ? { domain: domain._id, selected: true } : { domain: domain._id }
    const users = await this.#database.users.find(filter, options).toArray()
    if (users.length > 0) return users.map((user) => user._id)
    const learned = await this.#database.callouts.find({ domain: domain._id, acceptedAt: { $ne: null } }, { ...options, sort: { acceptedAt: -1 } }).toArray()
    return learned.map((callout) => callout._id)
  }
}

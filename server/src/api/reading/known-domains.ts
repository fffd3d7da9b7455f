import { domainOf } from "@lifeboat/shared/address"
import type { Database } from "../../store/database.ts"
import type { UserDocument } from "../../store/documents.ts"

const keptMs = 600_000
const lookedAt = 300
const maxUsers = 2_000
const maxDomains = 200
/** Where everybody has an address: one letter beside it is nobody's disguise. */
const everybodys = new Set(["gmail.com", "googlemail.com", "gmx.de", "gmx.net", "web.de", "t-online.de", "outlook.com", "outlook.de", "hotmail.com", "hotmail.de", "live.com", "yahoo.com", "yahoo.de", "icloud.com", "me.com", "aol.com", "freenet.de", "posteo.de", "mail.com", "mail.de", "proton.me", "protonmail.com"])

/** Domains that somebody writes with: those of the last mails they sent. Remembered for ten minutes. */
export class KnownDomains {
  readonly #database: Database
  readonly #kept = new Map<string, { readonly until: number; readonly domains: Promise<readonly string[]> }>()

  constructor(database: Database) {
    this.#database = database
  }

  /** `now`: milliseconds. Nothing where the database does not say: a hint less. */
  of(user: UserDocument, now: number): Promise<readonly string[]> {
    const known = this.#kept.get(user._id)
    if (known && known.until > now) return known.domains
    const domains = this.#read(user).catch(() => [])
    this.#kept.delete(user._id)
    this.#kept.set(user._id, { until: now + keptMs, domains })
    const oldest = this.#kept.keys().next()
    if (this.#kept.size > maxUsers && !oldest.done) this.#kept.delete(oldest.value)
    return domains
  }

  async #read(user: UserDocument): Promise<readonly string[]> {
    const sent = await this.#database.messages.find({ owners: user._id, direction: "outbound" }, { projection: { "envelope.rcptTo": 1, client: 1 }, maxTimeMS: 2_000 }).sort({ _id: -1 }).limit(lookedAt).toArray()
    const domains = new Set<string>()
    for (const { envelope } of sent) for (const address of envelope.rcptTo) if (address.includes("@")) domains.add(domainOf(address.toLowerCase()))
    return [...domains].filter((domain) => !everybodys.has(domain)).slice(0, maxDomains)
  }
}

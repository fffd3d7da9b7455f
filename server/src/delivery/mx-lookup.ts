import { Resolver } from "node:dns/promises"
import { BlockList, isIP } from "node:net"

/** Where mail for a domain goes, in the order to try (RFC 5321 §5.1). */
export type MxRoute =
  | { readonly kind: "hosts"; readonly hosts: readonly string[] }
  /** The domain says that it takes no mail (RFC 7505). */
  | { readonly kind: "null-mx" }
  /** The domain does not exist, or has no address and no MX. */
  | { readonly kind: "no-domain" }
  /** The name service could not say; a later try may. */
  | { readonly kind: "unknown"; readonly detail: string }

export interface MxLookupOptions {
  /** Name servers as `address` or `address:port`; left out: those of the system. */
  readonly servers?: readonly string[]
  /** Milliseconds for one query, of two. */
  readonly timeoutMs?: number
  /** Addresses of this machine are no next hop for the outside; tests set true. */
  readonly allowLoopback?: boolean
}

const hostsTried = 5
const addressesTried = 4

const ourselves = new BlockList()
ourselves.addSubnet("127.0.0.0", 8)
ourselves.addSubnet("0.0.0.0", 8)
ourselves.addAddress("::1", "ipv6")
ourselves.addAddress("::", "ipv6")

/** MX and address lookups for mail to the outside. */
export class MxLookup {
  readonly #resolver: Resolver
  readonly #allowLoopback: boolean

  constructor({ servers, timeoutMs = 5_000, allowLoopback = false }: MxLookupOptions = {}) {
    this.#resolver = new Resolver({ timeout: timeoutMs, tries: 2 })
    if (servers) this.#resolver.setServers([...servers])
    this.#allowLoopback = allowLoopback
  }

  /** The mail servers of a domain in A-labels. Never rejects. `random` (0 to below 1) shares the load among equals. */
  async route(domain: string, random: () => number = Math.random): Promise<MxRoute> {
    let records: { readonly priority: number; readonly exchange: string }[]
    try {
      records = await this.#resolver.resolveMx(domain)
    } catch (error) {
      const code = codeOf(error)
      if (code === "ENOTFOUND") return { kind: "no-domain" }
      if (code !== "ENODATA") return { kind: "unknown", detail: `MX lookup of ${domain} failed (${code})` }
      // No MX: the domain itself is the mail server, if it has an address.
      const addresses = await this.addresses(domain)
      if (addresses.kind === "unknown") return addresses
      return addresses.kind === "none" ? { kind: "no-domain" } : { kind: "hosts", hosts: [domain] }
    }
    if (records.every((record) => record.exchange === "" || record.exchange === ".")) return { kind: "null-mx" }
    const hosts = records
      .filter((record) => record.exchange !== "" && record.exchange !== ".")
      .map((record) => ({ ...record, chance: random() }))
      .sort((a, b) => a.priority - b.priority || a.chance - b.chance)
      .map((record) => record.exchange.toLowerCase())
    return { kind: "hosts", hosts: [...new Set(hosts)].slice(0, hostsTried) }
  }

  /** The addresses of a mail server, IPv4 first. Never rejects. */
  async addresses(host: string): Promise<{ kind: "some"; addresses: readonly string[] } | { kind: "none" } | { kind: "unknown"; detail: string }> {
    if (isIP(host)) return this.#allowed([host])
    const answers = await Promise.allSettled([this.#resolver.resolve4(host), this.#resolver.resolve6(host)])
    const addresses = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []))
    if (addresses.length > 0) return this.#allowed(addresses)
    const problem = answers.map((answer) => (answer.status === "rejected" ? codeOf(answer.reason) : "")).find((code) => code !== "" && code !== "ENODATA" && code !== "ENOTFOUND")
    return problem === undefined ? { kind: "none" } : { kind: "unknown", detail: `address lookup of ${host} failed (${problem})` }
  }

  #allowed(addresses: readonly string[]): { kind: "some"; addresses: readonly string[] } | { kind: "none" } {
    const usable = this.#allowLoopback ? addresses : addresses.filter((address) => !ourselves.check(address, isIP(address) === 6 ? "ipv6" : "ipv4"))
    return usable.length === 0 ? { kind: "none" } : { kind: "some", addresses: usable.slice(0, addressesTried) }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error)
}

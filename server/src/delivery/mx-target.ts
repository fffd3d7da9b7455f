import { canonicalDomain } from "@lifeboat/shared/address"
import type { Delivery } from "../store/documents.ts"
import { ConnectionPools, type PoolLimits } from "./connection-pool.ts"
import type { Claim, DeliveryTarget, Outcome } from "./delivery-target.ts"
import { MxLookup } from "./mx-lookup.ts"
import { OutgoingBodies, type BodySource } from "./outgoing-bodies.ts"
import type { SmtpTimeouts } from "./smtp-timeouts.ts"
import { openConnection, serverName, type NextHop } from "./smtp-opening.ts"
import { sendMail } from "./smtp-sending.ts"
import type { OutgoingMail } from "./smtp-transaction.ts"

export interface MxTargetOptions {
  /** The smarthost for a claim: that of its domain, else that of the installation; undefined: by MX. */
  readonly smarthost: (claim: Claim) => NextHop | undefined | Promise<NextHop | undefined>
  readonly lookup?: MxLookup
  /** The name in EHLO. */
  readonly hostname: string
  /** `outsideTimeouts`. */
  readonly timeouts: SmtpTimeouts
  readonly bodies: BodySource
  readonly limits?: PoolLimits
  /** Port of the servers found by MX; 25 but in tests. */
  readonly port?: number
}

const outsideLimits: PoolLimits = { connections: 5, idleMs: 5_000, transactions: 100 }

/** Delivery to the outside: through a smarthost, or to the servers of each destination domain (RFC 5321 §5.1) with opportunistic TLS. */
export class MxTarget implements DeliveryTarget {
  readonly #options: MxTargetOptions
  readonly #bodies: OutgoingBodies
  readonly #pools: ConnectionPools
  readonly #lookup: MxLookup

  constructor(options: MxTargetOptions) {
    this.#options = options
    this.#lookup = options.lookup ?? new MxLookup()
    this.#bodies = new OutgoingBodies(options.bodies)
    this.#pools = new ConnectionPools((hop, signal) => openConnection(hop, { ...options, helo: true }, signal), options.limits ?? outsideLimits)
  }

  /** Reads the bodies of a batch in one query. */
  async preload(claims: readonly Claim[]): Promise<void> {
    await this.#bodies.preload(claims)
  }

  async deliver(claim: Claim, signal: AbortSignal): Promise<ReadonlyMap<string, Outcome>> {
    try {
      const mail = await this.#bodies.mail(claim.message)
      if (!mail) return allOf(claim.deliveries, { kind: "deferred", failure: "message", reply: "the message text is not in the archive", server: "none" })
      const smarthost = await this.#options.smarthost(claim)
      if (smarthost) return await this.#send(mail, claim.deliveries, smarthost, signal)
      const outcomes = await Promise.all([...byDomain(claim.deliveries)].map(([domain, deliveries]) => this.#toDomain(mail, domain, deliveries, signal)))
      return new Map(outcomes.flatMap((some) => [...some]))
    } catch (error) {
      return allOf(claim.deliveries, { kind: "deferred", failure: "message", reply: `not tried: ${error instanceof Error ? error.message : String(error)}`, server: "none", untried: true })
    }
  }

  /** Closes idle connections at once and the others after their transaction. */
  close(): void {
    this.#pools.close()
  }

  async #toDomain(mail: OutgoingMail, domain: string, deliveries: readonly Delivery[], signal: AbortSignal): Promise<Map<string, Outcome>> {
    const fail = (reply: string): Map<string, Outcome> => allOf(deliveries, { kind: "failed", failure: "recipient", reply, server: domain })
    const route = await this.#lookup.route(domain)
    if (route.kind === "null-mx") return fail("556 5.1.10 this domain accepts no mail")
    if (route.kind === "no-domain") return fail("550 5.1.2 this domain does not exist or has no mail server")
    if (route.kind === "unknown") return allOf(deliveries, { kind: "deferred", failure: "host", reply: `451 4.4.3 ${route.detail}`, server: domain })
    const outcomes = new Map<string, Outcome>()
    let rest = deliveries
    let reply = `451 4.4.4 no mail server of ${domain} has a usable address`
    for (const host of route.hosts) {
      const found = await this.#lookup.addresses(host)
      if (found.kind === "unknown") reply = `451 4.4.3 ${found.detail}`
      if (found.kind !== "some") continue
      for (const address of found.addresses) {
        const hop: NextHop = { host: address, port: this.#options.port ?? 25, servername: host, tls: "opportunistic" }
        for (const [id, outcome] of await this.#send(mail, rest, hop, signal)) outcomes.set(id, outcome)
        rest = rest.filter((delivery) => mayTryNext(outcomes.get(delivery.id)))
        if (rest.length === 0) return outcomes
      }
    }
    for (const delivery of rest) if (!outcomes.has(delivery.id)) outcomes.set(delivery.id, { kind: "deferred", failure: "host", reply, server: domain })
    return outcomes
  }

  #send(mail: OutgoingMail, deliveries: readonly Delivery[], hop: NextHop, signal: AbortSignal): Promise<Map<string, Outcome>> {
    const recipients = deliveries.map((delivery) => ({ id: delivery.id, address: delivery.recipient }))
    return sendMail(mail, recipients, { pool: this.#pools.for(hop), timeouts: this.#options.timeouts, server: serverName(hop) }, signal)
  }
}

/** The next mail server gets a chance only when this one as a whole failed; never after the final dot. */
function mayTryNext(outcome: Outcome | undefined): boolean {
  return outcome?.kind === "deferred" && outcome.failure === "host" && !outcome.untried && !outcome.possiblyTwice
}

function allOf(deliveries: readonly Delivery[], outcome: Outcome): Map<string, Outcome> {
  return new Map(deliveries.map((delivery) => [delivery.id, outcome]))
}

function byDomain(deliveries: readonly Delivery[]): Map<string, Delivery[]> {
  const groups = new Map<string, Delivery[]>()
  for (const delivery of deliveries) {
    const text = delivery.recipient.slice(delivery.recipient.lastIndexOf("@") + 1)
    const domain = canonicalDomain(text) ?? text.toLowerCase()
    const group = groups.get(domain)
    if (group) group.push(delivery)
    else groups.set(domain, [delivery])
  }
  return groups
}

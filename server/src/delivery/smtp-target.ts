import { ConnectionPools, defaultPoolLimits, type PoolLimits } from "./connection-pool.ts"
import type { Claim, DeliveryTarget, Outcome } from "./delivery-target.ts"
import { OutgoingBodies, type BodySource } from "./outgoing-bodies.ts"
import type { SmtpTimeouts } from "./smtp-timeouts.ts"
import { openConnection, serverName, type NextHop } from "./smtp-opening.ts"
import { sendMail } from "./smtp-sending.ts"

export interface SmtpTargetOptions {
  /** Where a claim goes; undefined: no such server is set, its mail waits. */
  readonly resolve: (claim: Claim) => NextHop | undefined | Promise<NextHop | undefined>
  /** The name in EHLO. */
  readonly hostname: string
  readonly timeouts: SmtpTimeouts
  readonly bodies: BodySource
  readonly limits?: PoolLimits
}

/** Delivery to a server that somebody named: the primary of a domain, or a smarthost. */
export class SmtpTarget implements DeliveryTarget {
  readonly #options: SmtpTargetOptions
  readonly #bodies: OutgoingBodies
  readonly #pools: ConnectionPools

  constructor(options: SmtpTargetOptions) {
    this.#options = options
    this.#bodies = new OutgoingBodies(options.bodies)
    this.#pools = new ConnectionPools((hop, signal) => openConnection(hop, options, signal), options.limits ?? defaultPoolLimits)
  }

  /** Reads the bodies of a batch in one query, before its claims are delivered one by one or side by side. */
  async preload(claims: readonly Claim[]): Promise<void> {
    await this.#bodies.preload(claims)
  }

  /** The most connections to a next hop from now on: the drain's ramp. */
  setConnections(hop: NextHop, connections: number): void {
    this.#pools.for(hop).setLimit(connections)
  }

  async deliver(claim: Claim, signal: AbortSignal): Promise<ReadonlyMap<string, Outcome>> {
    const all = (outcome: Outcome) => new Map(claim.deliveries.map((delivery) => [delivery.id, outcome]))
    let server = "none"
    try {
      const hop = await this.#options.resolve(claim)
      if (!hop) return all({ kind: "deferred", failure: "message", reply: "no mail server is set for this domain", server })
      server = serverName(hop)
      const mail = await this.#bodies.mail(claim.message)
      if (!mail) return all({ kind: "deferred", failure: "message", reply: "the message text is not in the archive", server: "none" })
      const recipients = claim.deliveries.map((delivery) => ({ id: delivery.id, address: delivery.recipient }))
      return await sendMail(mail, recipients, { pool: this.#pools.for(hop), timeouts: this.#options.timeouts, server }, signal)
    } catch (error) {
      return all({ kind: "deferred", failure: "message", reply: `not tried: ${error instanceof Error ? error.message : String(error)}`, server, untried: true })
    }
  }

  /** Closes idle connections at once and the others after their transaction. */
  close(): void {
    this.#pools.close()
  }
}

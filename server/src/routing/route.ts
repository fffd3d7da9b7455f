import type { DomainDocument, Delivery, Hop } from "../store/documents.ts"
import type { Direction } from "@lifeboat/shared/delivery-state"
import { domainOf } from "@lifeboat/shared/address"
import type { Recipient } from "./recipient.ts"

/** What routing needs to know of a mail. Times are of the database's clock. */
export interface RoutingInput {
  readonly messageId: string
  readonly now: Date
  readonly mailFrom: string
  readonly recipients: readonly Recipient[]
  /** The user who sends, with a copy in the Sent folder; null for mail from outside. */
  readonly submitter: string | null
  /** Domain settings and mode of every hosted domain among the recipients. */
  readonly domains: ReadonlyMap<string, DomainDocument>
}

/** Where a mail goes: its deliveries, and whether any of them goes through the Continuity Service. */
export interface Route {
  readonly deliveries: Delivery[]
  readonly viaService: boolean
}

const blank = { copyOf: null, attempts: 0, lease: null, reply: null, server: null, firstFailedAt: null, finishedAt: null, outageId: null, heldFor: null } as const

/** A new delivery that is due at once. */
export function newDelivery(id: string, target: Delivery["target"], hop: Hop, recipient: string, user: string | null, due: Date, folder: Delivery["folder"] = null): Delivery {
  return { ...blank, id, hop, target, recipient, user, folder, state: "queued", due }
}

/**
 * Chooses the next hops (design §1). Pure. Per recipient:
 * - outside: the internet or the smarthost.
 * - normal and recovering: the primary.
 * - emergency: a covered user's mail goes to the mailbox, and to the primary later (held for the drain); everybody
 *   else's is queued for the primary and retried.
 * A mail of a user of ours also gets its one copy in Sent (E6).
 */
export function route(input: RoutingInput): Route {
  const deliveries: Delivery[] = []
  let viaService = false
  const nextId = () => `${input.messageId}.${deliveries.length}`
  for (const recipient of input.recipients) {
    const domain = recipient.domain === null ? undefined : input.domains.get(recipient.domain)
    if (!domain || recipient.domain === null) {
      deliveries.push(newDelivery(nextId(), "mx", "outside", recipient.address, null, input.now))
      continue
    }
    const hop: Hop = `primary:${recipient.domain}`
    if (domain.mode.mode === "emergency" && recipient.covered && recipient.user !== null) {
      viaService = true
      const primaryId = `${input.messageId}.${deliveries.length + 1}`
      deliveries.push({ ...newDelivery(nextId(), "mailbox", "mailbox", recipient.address, recipient.user, input.now, "INBOX"), copyOf: primaryId, outageId: domain.mode.outageId })
      deliveries.push({ ...newDelivery(primaryId, "primary", hop, recipient.address, recipient.user, input.now), state: "held", heldFor: "drain", outageId: domain.mode.outageId })
    } else {
      const outageId = domain.mode.mode === "emergency" ? domain.mode.outageId : null
      deliveries.push({ ...newDelivery(nextId(), "primary", hop, recipient.address, recipient.user, input.now), outageId })
    }
  }
  if (input.submitter !== null) {
    deliveries.push(newDelivery(nextId(), "mailbox", "mailbox", input.mailFrom || input.submitter, input.submitter, input.now, "Sent"))
  }
  return { deliveries, viaService }
}

/** What a mail is to us: `inbound` from outside to hosted domains, `outbound` from a hosted domain to the outside, `internal` within. */
export function directionOf(senderHosted: boolean, recipients: readonly Recipient[]): Direction {
  if (!senderHosted) return "inbound"
  return recipients.every((recipient) => recipient.domain !== null) ? "internal" : "outbound"
}

/** Hosted domains that a mail concerns: those that send it, and those of its recipients. */
export function domainsOf(senders: readonly string[], recipients: readonly Recipient[]): string[] {
  const names = new Set(senders)
  for (const recipient of recipients) if (recipient.domain !== null) names.add(recipient.domain)
  return [...names]
}

/** Users who see a mail in their archive: its recipients with an account, and its sender. */
export function ownersOf(submitter: string | null, recipients: readonly Recipient[]): string[] {
  const owners = new Set<string>()
  if (submitter !== null) owners.add(submitter)
  for (const recipient of recipients) if (recipient.user !== null) owners.add(recipient.user)
  return [...owners]
}

/** The domain part of an envelope sender; empty for the null sender. */
export function senderDomain(mailFrom: string): string {
  return mailFrom === "" ? "" : domainOf(mailFrom.toLowerCase())
}

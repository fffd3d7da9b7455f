import { Type, type Static } from "typebox"
import { activations, coverages, modeReasons, modes } from "../continuity-mode.ts"
import { Nullable, OneOf, Time } from "./list.ts"

export const tlsPolicies = ["none", "opportunistic", "required"] as const
export type TlsPolicy = (typeof tlsPolicies)[number]

/** The company's own mail server. */
export const Primary = Type.Object({
  host: Type.String({ minLength: 1, maxLength: 253, pattern: "^[A-Za-z0-9._:-]+$" }),
  port: Type.Integer({ minimum: 1, maximum: 65535, default: 25 }),
  tls: Type.Optional(OneOf(tlsPolicies)),
})
export type Primary = Static<typeof Primary>

export const HostPort = Type.Object({
  host: Type.String({ minLength: 1, maxLength: 253, pattern: "^[A-Za-z0-9._:-]+$" }),
  port: Type.Integer({ minimum: 1, maximum: 65535 }),
})

const Credential = Type.String({ minLength: 1, maxLength: 500, pattern: "^[^\\u0000-\\u001f\\u007f]+$" })

/**
 * Where mail to the outside goes. With `user` it is signed in to. The password is only ever written; left out, the one
 * before stays as long as server and user are the same. `user: null` ends signing in.
 */
export const SmarthostChange = Type.Intersect([HostPort, Type.Object({ user: Type.Optional(Nullable(Credential)), password: Type.Optional(Credential) })])
export type SmarthostChange = Static<typeof SmarthostChange>

export const SmarthostView = Type.Intersect([HostPort, Type.Object({ user: Nullable(Type.String()) })])

/** `addresses`: IP addresses or ranges of the primary that may send through Lifeboat; `smarthost`: where mail to the outside goes. */
export const Relay = Type.Object({
  addresses: Type.Optional(Type.Array(Type.String({ maxLength: 50 }), { maxItems: 100 })),
  smarthost: Type.Optional(Nullable(SmarthostChange)),
})

/** PUT /api/domains/:domain. What is left out stays as it is. */
export const DomainChange = Type.Object({
  primary: Type.Optional(Nullable(Primary)),
  retentionDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650 })),
  relay: Type.Optional(Relay),
})
export type DomainChange = Static<typeof DomainChange>

/** GET/PUT …/continuity. */
export const Continuity = Type.Object({ enabled: Type.Boolean(), activation: OneOf(activations), coverage: OneOf(coverages) })
export type Continuity = Static<typeof Continuity>
export const ContinuityChange = Type.Partial(Continuity)
export type ContinuityChange = Static<typeof ContinuityChange>

/** GET …/mode. `by` is an address, or `automatic`. */
export const ModeView = Type.Object({
  mode: OneOf(modes),
  since: Time,
  reason: OneOf(modeReasons),
  /** The last reply or error of the primary that led here, for administrators. */
  detail: Nullable(Type.String()),
  by: Type.String(),
  forced: Type.Boolean(),
  /** Deliveries to the primary that are still open. */
  open: Type.Integer(),
})
export type ModeView = Static<typeof ModeView>

/** PUT …/mode: null releases a forced mode. */
export const ModeChange = Type.Object({ force: Type.Union([Type.Literal("emergency"), Type.Literal("normal"), Type.Null()]) }, { additionalProperties: false })
export type ModeChange = Static<typeof ModeChange>

export const DomainView = Type.Object({
  domain: Type.String(),
  primary: Nullable(Primary),
  retentionDays: Type.Integer(),
  relay: Type.Object({ addresses: Type.Array(Type.String()), smarthost: Nullable(SmarthostView) }),
  continuity: Continuity,
  mode: OneOf(modes),
  since: Time,
  users: Type.Integer(),
})
export type DomainView = Static<typeof DomainView>

/** Result of testing the connection to a primary. */
export const ConnectionTest = Type.Object({ ok: Type.Boolean(), stage: OneOf(["connect", "banner", "ehlo", "tls", "mail", "rcpt", "done"]), reply: Nullable(Type.String()), tls: Type.Boolean(), milliseconds: Type.Number() })
export type ConnectionTest = Static<typeof ConnectionTest>

/** The DKIM key of a domain; its private half stays here. `value` is the TXT record at `name`. */
export const DkimKeyView = Type.Object({ selector: Type.String(), name: Type.String(), value: Type.String(), createdAt: Time })
export type DkimKeyView = Static<typeof DkimKeyView>

export const dnsPurposes = ["mx", "spf", "dkim", "dmarc", "autoconfig", "autodiscover", "imap", "pop3", "submission"] as const
export type DnsPurpose = (typeof dnsPurposes)[number]
export const dnsTypes = ["MX", "TXT", "CNAME", "SRV"] as const
export const dnsResults = ["found", "missing", "different", "unknown"] as const
export type DnsResult = (typeof dnsResults)[number]

/** A record to set, and whether it is: `different` has what is there instead in `found`, `unknown`: the name service did not say in time. */
export const DnsRecord = Type.Object({
  purpose: OneOf(dnsPurposes),
  type: OneOf(dnsTypes),
  name: Type.String(),
  value: Type.String(),
  result: OneOf(dnsResults),
  found: Type.Array(Type.String()),
})
export type DnsRecord = Static<typeof DnsRecord>

/** GET …/dns. */
export const DnsView = Type.Object({ records: Type.Array(DnsRecord), dkim: Nullable(DkimKeyView) })
export type DnsView = Static<typeof DnsView>

/** An address the primary accepted in the last 90 days that no user has (B3). */
export const LearnedRecipient = Type.Object({ address: Type.String(), acceptedAt: Time })
export type LearnedRecipient = Static<typeof LearnedRecipient>

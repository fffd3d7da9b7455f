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

/** `addresses`: IP addresses or ranges of the primary that may send through Lifeboat; `smarthost`: where mail to the outside goes. */
export const Relay = Type.Object({
  addresses: Type.Optional(Type.Array(Type.String({ maxLength: 50 }), { maxItems: 100 })),
  smarthost: Type.Optional(Nullable(HostPort)),
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
  relay: Type.Object({ addresses: Type.Array(Type.String()), smarthost: Nullable(HostPort) }),
  continuity: Continuity,
  mode: OneOf(modes),
  since: Time,
  users: Type.Integer(),
})
export type DomainView = Static<typeof DomainView>

/** Result of testing the connection to a primary. */
export const ConnectionTest = Type.Object({ ok: Type.Boolean(), stage: OneOf(["connect", "banner", "ehlo", "tls", "mail", "rcpt", "done"]), reply: Nullable(Type.String()), tls: Type.Boolean(), milliseconds: Type.Number() })
export type ConnectionTest = Static<typeof ConnectionTest>

/** An address the primary accepted in the last 90 days that no user has (B3). */
export const LearnedRecipient = Type.Object({ address: Type.String(), acceptedAt: Time })
export type LearnedRecipient = Static<typeof LearnedRecipient>

import { Type, type Static } from "typebox"
import { OneOf, Time } from "./list.ts"

/** How the sample company's mail server fails when it is stopped. */
export const failures = ["refuse", "silent", "greylist", "defer", "error-banner"] as const
export type Failure = (typeof failures)[number]

/** GET /api/demo: the sample company (only with `npm run demo`; 404 otherwise). */
export const DemoView = Type.Object({
  domain: Type.String(),
  running: Type.Boolean(),
  failure: OneOf(failures),
  address: Type.String(),
  accounts: Type.Array(Type.Object({ address: Type.String(), name: Type.String(), password: Type.String(), role: Type.String() })),
  mailboxes: Type.Array(Type.Object({ address: Type.String(), count: Type.Integer() })),
  sampleMail: Type.Boolean(),
})
export type DemoView = Static<typeof DemoView>
export const DemoChange = Type.Object({ running: Type.Optional(Type.Boolean()), failure: Type.Optional(OneOf(failures)), sampleMail: Type.Optional(Type.Boolean()) })
export type DemoChange = Static<typeof DemoChange>

/** A mail that lies in the sample server's mailbox. */
export const DemoMail = Type.Object({ id: Type.String(), subject: Type.String(), from: Type.String(), to: Type.String(), date: Time, text: Type.String() })
export type DemoMail = Static<typeof DemoMail>

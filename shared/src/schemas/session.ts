import { Type, type Static } from "typebox"
import { OneOf } from "./list.ts"

export const roles = ["operator", "administrator", "user"] as const
export type Role = (typeof roles)[number]
export const languages = ["de", "en"] as const
export type Language = (typeof languages)[number]

/** Sign-in: the same address and password as in IMAP, POP3 and SMTP. */
export const SignIn = Type.Object({ address: Type.String({ maxLength: 320 }), password: Type.String({ maxLength: 1000 }) }, { additionalProperties: false })
export type SignIn = Static<typeof SignIn>

/** Who is signed in. `domains` are those the caller may administer, or the user's own. */
export const SessionView = Type.Object({
  address: Type.String(),
  name: Type.String(),
  role: OneOf(roles),
  domains: Type.Array(Type.String()),
  language: Type.Union([OneOf(languages), Type.Null()]),
  /** Whether this account has a standby mailbox right now. */
  mailbox: Type.Boolean(),
  /** What the first look of the webmail depends on, of the settings that were changed. */
  webmail: Type.Object({ conversations: Type.Optional(Type.Boolean()), readingPane: Type.Optional(OneOf(["right", "below", "off"])), shortcuts: Type.Optional(Type.Boolean()) }),
  /** Value for the header `x-csrf-token` of changing requests that carry the cookie. */
  csrf: Type.String(),
})
export type SessionView = Static<typeof SessionView>

/** Answer to a sign-in: the session and a bearer token for scripts. */
export const SignedIn = Type.Intersect([SessionView, Type.Object({ token: Type.String() })])
export type SignedIn = Static<typeof SignedIn>

export const PasswordChange = Type.Object({ current: Type.String({ maxLength: 1000 }), password: Type.String({ maxLength: 1000 }) }, { additionalProperties: false })
export type PasswordChange = Static<typeof PasswordChange>

/** Asks for a link to set a new password. The answer is the same whether the address is known or not. */
export const PasswordRequest = Type.Object({ address: Type.String({ maxLength: 320 }) }, { additionalProperties: false })
export type PasswordRequest = Static<typeof PasswordRequest>

/** Sets a new password by such a link's token. */
export const PasswordReset = Type.Object({ token: Type.String({ maxLength: 100 }), password: Type.String({ maxLength: 1000 }) }, { additionalProperties: false })
export type PasswordReset = Static<typeof PasswordReset>

export const SessionChange = Type.Object({ language: OneOf(languages) }, { additionalProperties: false })
export type SessionChange = Static<typeof SessionChange>

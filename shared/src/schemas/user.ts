import { Type, type Static } from "typebox"
import { ListQuery, Nullable, OneOf, Time } from "./list.ts"
import { languages, roles } from "./session.ts"

export const userSources = ["local", "ldap"] as const

/** POST …/users. */
export const UserCreate = Type.Object({
  address: Type.String({ maxLength: 320 }),
  name: Type.Optional(Type.String({ maxLength: 200 })),
  aliases: Type.Optional(Type.Array(Type.String({ maxLength: 320 }), { maxItems: 100 })),
  role: Type.Optional(OneOf(roles)),
  password: Type.Optional(Type.String({ maxLength: 1000 })),
  source: Type.Optional(OneOf(userSources)),
})
export type UserCreate = Static<typeof UserCreate>

/** PUT …/users/:address. What is left out stays as it is. */
export const UserChange = Type.Object({
  name: Type.Optional(Type.String({ maxLength: 200 })),
  aliases: Type.Optional(Type.Array(Type.String({ maxLength: 320 }), { maxItems: 100 })),
  role: Type.Optional(OneOf(roles)),
  password: Type.Optional(Type.String({ maxLength: 1000 })),
})
export type UserChange = Static<typeof UserChange>

export const UserView = Type.Object({
  address: Type.String(),
  name: Type.String(),
  aliases: Type.Array(Type.String()),
  role: OneOf(roles),
  source: OneOf(userSources),
  /** Covered by the Continuity Service as the domain is set now. */
  covered: Type.Boolean(),
  /** Has a password, so can sign in today. */
  ready: Type.Boolean(),
  language: Nullable(OneOf(languages)),
  lastLoginAt: Nullable(Time),
})
export type UserView = Static<typeof UserView>

export const UserQuery = Type.Intersect([ListQuery, Type.Object({ q: Type.Optional(Type.String({ maxLength: 200 })) })])
export type UserQuery = Static<typeof UserQuery>

export const importOutcomes = ["created", "changed", "unchanged", "refused"] as const
export type ImportOutcome = (typeof importOutcomes)[number]

/** What became of one line of an import; `line` counts from 1 as in the file, `code` is that of an error. */
export const ImportedLine = Type.Object({ line: Type.Integer(), address: Type.String(), outcome: OneOf(importOutcomes), code: Nullable(Type.String()) })
export type ImportedLine = Static<typeof ImportedLine>

/** POST …/users/import. With `dryRun` nothing was written. */
export const UserImport = Type.Object({
  dryRun: Type.Boolean(),
  lines: Type.Array(ImportedLine),
  counts: Type.Object({ created: Type.Integer(), changed: Type.Integer(), unchanged: Type.Integer(), refused: Type.Integer() }),
})
export type UserImport = Static<typeof UserImport>

/** One user covered by selection. */
export const SelectedUser = Type.Object({ address: Type.String(), name: Type.String() })
export type SelectedUser = Static<typeof SelectedUser>
export const SelectedUserAdd = Type.Object({ address: Type.String({ maxLength: 320 }) })
export type SelectedUserAdd = Static<typeof SelectedUserAdd>

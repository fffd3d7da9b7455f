import { Type, type Static } from "typebox"

const Id = Type.String({ pattern: "^[0-9a-f]{24}$" })
const Uids = Type.Array(Type.Integer({ minimum: 1 }))

/**
 * What the server asks of the process that works on many mails. Of the mails named, those that are not in the folder
 * (any more) are passed over. `after`: of the target's mails, those with a higher UID may be what an interrupted try of
 * the same has put there.
 */
export const BatchRequest = Type.Union([
  Type.Object({ n: Type.Integer(), kind: Type.Literal("move"), account: Id, folder: Id, uids: Uids, target: Id, after: Type.Integer() }),
  Type.Object({ n: Type.Integer(), kind: Type.Literal("delete"), account: Id, folder: Id, uids: Uids }),
])
export type BatchRequest = Static<typeof BatchRequest>

/** Its answer: pairs of old and new UID, or why it did not come to its end. */
export const BatchAnswer = Type.Union([
  Type.Object({ n: Type.Integer(), moved: Type.Array(Type.Tuple([Type.Integer(), Type.Integer()])) }),
  Type.Object({ n: Type.Integer(), error: Type.String(), gone: Type.Boolean() }),
])
export type BatchAnswer = Static<typeof BatchAnswer>

import { Type, type Static } from "typebox"
import { Nullable, OneOf } from "./list.ts"

export const mailJobActions = ["move", "trash", "delete", "seen", "unseen", "flag", "unflag"] as const

/** POST /api/mail/jobs: an action on all mails of a folder, or on all of them that `q` and `unseen` find, but for `except`. */
export const MailJobCreate = Type.Object({
  folder: Type.String({ maxLength: 64 }),
  action: OneOf(mailJobActions),
  target: Type.Optional(Type.String({ maxLength: 64, description: "Folder to move to" })),
  q: Type.Optional(Type.String({ maxLength: 200 })),
  unseen: Type.Optional(Type.Boolean()),
  except: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 500 })),
}, { additionalProperties: false })
export type MailJobCreate = Static<typeof MailJobCreate>

/** Its progress; it goes on by itself, also after a restart. `undoable`: POST …/undo moves the mails back. */
export const MailJob = Type.Object({
  id: Type.String(),
  folder: Type.String(),
  action: OneOf(mailJobActions),
  target: Nullable(Type.String()),
  state: OneOf(["running", "done", "stopped", "failed"]),
  total: Type.Integer(),
  done: Type.Integer(),
  undoable: Type.Boolean(),
})
export type MailJob = Static<typeof MailJob>

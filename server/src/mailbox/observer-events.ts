import { ObjectId, type Document } from "mongodb"
import { Type } from "typebox"
import { Value } from "typebox/value"
import { readCopyMark } from "./copy-mark.ts"

/** What a change in WildDuck's database means to the observer. */
export type ObservedChange =
  | { readonly kind: "arrived"; readonly account: string; readonly folder: string; readonly custom: unknown; readonly msgid: string; readonly source: string; readonly uploaded: boolean }
  /** `removed`: by whom, as far as the row shows; undefined: see what WildDuck kept of it. */
  | { readonly kind: "left"; readonly account: string; readonly custom: unknown; readonly removed: "by-user" | "otherwise" | undefined }
  /** A mail is gone and nothing is known of it. */
  | { readonly kind: "left-unknown" }
  /** A folder was renamed or deleted: what lies in it may have become, or be no longer, in the trash. */
  | { readonly kind: "folder"; readonly folder: string }

const row = { "_id": 1, "root": 1, "user": 1, "mailbox": 1, "msgid": 1, "meta.custom": 1, "meta.source": 1, "exp": 1, "rdate": 1, "copied": 1, "userDeleted": 1 }

/**
 * The part of the change stream that is looked at. A message takes part with a few fields only, never with its content;
 * counters of folders, which change with every mail, are left out.
 */
export const observedPipeline: Document[] = [
  {
    $match: {
      $or: [
        { "ns.coll": "messages", operationType: "insert", $or: [{ "fullDocument.meta.custom": { $gt: "" } }, { "fullDocument.meta.source": "IMAP" }] },
        { "ns.coll": "messages", operationType: "delete" },
        { "ns.coll": "mailboxes", operationType: "delete" },
        { "ns.coll": "mailboxes", operationType: "update", "updateDescription.updatedFields.path": { $exists: true } },
      ],
    },
  },
  {
    $project: {
      operationType: 1,
      ns: 1,
      documentKey: 1,
      wallTime: 1,
      ...Object.fromEntries(Object.keys(row).flatMap((field) => [[`fullDocument.${field}`, 1], [`fullDocumentBeforeChange.${field}`, 1]])),
    },
  },
]

const Row = Type.Object({
  msgid: Type.Optional(Type.String()),
  meta: Type.Optional(Type.Object({ custom: Type.Optional(Type.Unknown()), source: Type.Optional(Type.String()) })),
  exp: Type.Optional(Type.Boolean()),
  rdate: Type.Optional(Type.Number()),
  copied: Type.Optional(Type.Boolean()),
  userDeleted: Type.Optional(Type.Boolean()),
})

/** Reads one change; undefined: it concerns nobody. `wallTime` decides whether a mail had expired. */
export function readChange(change: Document): ObservedChange | undefined {
  const collection: unknown = change["ns"]?.coll
  const key: unknown = change["documentKey"]?._id
  if (collection === "mailboxes") return key instanceof ObjectId ? { kind: "folder", folder: key.toHexString() } : undefined
  const inserted = change["operationType"] === "insert"
  const document: unknown = inserted ? change["fullDocument"] : change["fullDocumentBeforeChange"]
  if (!isDocument(document)) return inserted ? undefined : { kind: "left-unknown" }
  const { user, mailbox, root } = document
  if (!(user instanceof ObjectId) || !(mailbox instanceof ObjectId) || !Value.Check(Row, document)) return undefined
  const custom = document.meta?.custom
  const account = user.toHexString()
  if (inserted) {
    const uploaded = root instanceof ObjectId && key instanceof ObjectId && root.equals(key)
    return { kind: "arrived", account, folder: mailbox.toHexString(), custom, msgid: document.msgid ?? "", source: document.meta?.source ?? "", uploaded }
  }
  if (!readCopyMark(custom)) return undefined
  const at = change["wallTime"] instanceof Date ? change["wallTime"].getTime() : Number.POSITIVE_INFINITY
  const expired = document.userDeleted === true || (document.exp === true && document.rdate !== undefined && document.rdate <= at)
  // WildDuck keeps no record of a removed mail that had been copied before: that it was removed in time is the proof.
  return { kind: "left", account, custom, removed: expired ? "otherwise" : document.copied === true ? "by-user" : undefined }
}

function isDocument(value: unknown): value is Document {
  return typeof value === "object" && value !== null
}

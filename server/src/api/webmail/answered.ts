import type { Database } from "../../store/database.ts"
import type { UserDocument } from "../../store/documents.ts"

/** Most people answer fewer here: their answers are all read at once, without waiting for the rows. */
const few = 500

type Row = { readonly metaData?: { message?: string } }

/** Begins to look for the mails that a user answered in the webmail; what comes back tells which of some rows are among them: ids of their messages. */
export function answersOf({ messages }: Database, { _id }: UserDocument): (rows: readonly Row[]) => Promise<ReadonlySet<string>> {
  const begun = messages.find({ answeredBy: _id }, { projection: { _id: 1 } }).limit(few).toArray()
  // The rows may fail first; then nobody asks.
  begun.catch(() => undefined)
  return async (rows) => {
    const ids = rows.flatMap((row) => row.metaData?.message ?? [])
    const all = await begun
    const found = all.length < few || ids.length === 0 ? all : await messages.find({ _id: { $in: ids }, answeredBy: _id }, { projection: { _id: 1 } }).toArray()
    return new Set(found.map((message) => message._id))
  }
}

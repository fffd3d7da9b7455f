import type { Database } from "../../store/database.ts"
import type { UserDocument } from "../../store/documents.ts"

/** Which of these mails the user answered in the webmail: ids of their messages. */
export async function answeredBy(database: Database, user: UserDocument, rows: readonly { metaData?: { message?: string } }[]): Promise<Set<string>> {
  const ids = rows.flatMap((row) => row.metaData?.message ?? [])
  if (ids.length === 0) return new Set()
  const answered = await database.messages.find({ _id: { $in: ids }, answeredBy: user._id }, { projection: { _id: 1 } }).toArray()
  return new Set(answered.map((message) => message._id))
}

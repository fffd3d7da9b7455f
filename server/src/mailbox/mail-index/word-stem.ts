import type { Filter, ObjectId } from "mongodb"
import type { Database } from "../../store/database.ts"
import type { MailIndexDocument } from "../../store/documents.ts"

/** Shorter beginnings have words of all kinds: looking would be in vain. */
const shortest = 3
const maxTime = { maxTimeMS: 1_000 } as const
/** Sorts behind everything that begins so. */
const end = "\uffff"

/**
 * What all words of these folders' mails that begin with `prefix` have in common: as long as a person types on along it,
 * a search finds the same mails. At least `prefix` itself. A few looks into the index of words, whatever the folder holds.
 */
export async function wordStem(database: Database, folders: readonly ObjectId[], prefix: string): Promise<string> {
  if (prefix.length < shortest) return prefix
  const within = (from: string, to: string): Filter<MailIndexDocument> => ({ folder: { $in: [...folders] }, words: { $elemMatch: { $gte: from, $lt: to } } })
  const look = { hint: "words", ...maxTime } as const
  const some = await database.mailIndex.findOne(within(prefix, prefix + end), { projection: { words: 1 }, ...look })
  const words = some?.words.filter((word) => word.startsWith(prefix)) ?? []
  const [first] = words
  if (first === undefined) return prefix
  const shares = async (stem: string) => {
    if (!words.every((word) => word.startsWith(stem))) return false
    const others = await Promise.all([within(prefix, stem), within(stem + end, prefix + end)].map((other) => database.mailIndex.findOne(other, { projection: { _id: 1 }, ...look })))
    return others.every((other) => other === null)
  }
  let [known, tooLong] = [prefix.length, first.length + 1]
  while (tooLong - known > 1) {
    const length = Math.ceil((known + tooLong) / 2)
    if (await shares(first.slice(0, length))) known = length
    else tooLong = length
  }
  return first.slice(0, known).toWellFormed()
}

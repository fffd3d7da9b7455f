import { withoutPlus } from "@lifeboat/shared/address"
import type { LearnedRecipient } from "@lifeboat/shared/schemas/domain"
import type { ListOf } from "@lifeboat/shared/schemas/list"
import type { Database } from "../../store/database.ts"
import { decodeCursor, encodeCursor } from "../cursor.ts"

const rememberedMs = 90 * 24 * 3_600_000
const maxRounds = 20

/** Addresses the primary accepted in the last 90 days that no user has, newest first (B3). */
export async function learnedRecipients(database: Database, domain: string, limit: number, cursor: string | undefined): Promise<ListOf<LearnedRecipient>> {
  const oldest = new Date(database.now().getTime() - rememberedMs)
  const items: LearnedRecipient[] = []
  let after = decodeCursor(cursor)
  for (let round = 0; round < maxRounds; round++) {
    const [time = "", address = ""] = after?.split(" ") ?? []
    const at = new Date(Number(time))
    const page = after === undefined ? {} : { $or: [{ acceptedAt: { $lt: at } }, { acceptedAt: at, _id: { $gt: address } }] }
    const rows = await database.callouts.find({ domain, acceptedAt: { $gte: oldest }, ...page }).sort({ acceptedAt: -1, _id: 1 }).limit(250).toArray()
    const addresses = rows.flatMap((row) => [row._id, withoutPlus(row._id)])
    const users = await database.users.find({ $or: [{ _id: { $in: addresses } }, { aliases: { $in: addresses } }] }, { projection: { aliases: 1 } }).toArray()
    const known = new Set(users.flatMap((user) => [user._id, ...user.aliases]))
    for (const row of rows) {
      after = `${row.acceptedAt?.getTime() ?? 0} ${row._id}`
      if (known.has(row._id) || known.has(withoutPlus(row._id)) || !row.acceptedAt) continue
      items.push({ address: row._id, acceptedAt: row.acceptedAt.toISOString() })
      if (items.length === limit) return { items, next: encodeCursor(after) }
    }
    if (rows.length < 250) return { items, next: null }
  }
  return { items, next: after === undefined ? null : encodeCursor(after) }
}

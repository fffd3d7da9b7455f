import { ApiError } from "@lifeboat/shared/api-errors"
import { canonicalAddress, domainOf } from "@lifeboat/shared/address"
import type { ArchiveFilter, archiveParts } from "@lifeboat/shared/schemas/archive"
import type { Filter } from "mongodb"
import { searchArchive } from "../../archive/archive-search.ts"
import { ownMails, type MessageSearch, type SummaryRow } from "../../archive/search.ts"
import { administers } from "../../identity/access.ts"
import type { Database } from "../../store/database.ts"
import type { MessageDocument, UserDocument } from "../../store/documents.ts"
import { narrowedDomain } from "../panel/tracking-routes.ts"

const pageSize = 500

/** What a caller asks of the archive, without the page. Throws ApiError where they may not, or it makes no sense. */
export function archiveSearch(caller: UserDocument, { q, direction, part, status, outage, from, to, domain, user }: ArchiveFilter): Omit<MessageSearch, "limit" | "after"> {
  const visible = { $and: [archiveOf(caller, domain, user), ...(part === undefined ? [] : [partOf(caller, part)]), ...(outage === undefined || outage === "" ? [] : [{ deliveries: { $elemMatch: { outageId: outage, user: caller._id } } }])] }
  return { visible, q, direction, status, from: timeOf("from", from), until: timeOf("to", to) }
}

/** All that a caller's filter finds, newest first, page by page; a search by words is not broken off. Throws as {@link archiveSearch}. */
export async function* allFound(database: Database, caller: UserDocument, filter: ArchiveFilter): AsyncGenerator<readonly SummaryRow[]> {
  const search = archiveSearch(caller, filter)
  let after: string | undefined
  do {
    const rows = await searchArchive(database, { ...search, after, limit: pageSize }, Number.POSITIVE_INFINITY)
    const page = rows.slice(0, pageSize)
    yield page
    after = rows.length > pageSize ? page.at(-1)?._id : undefined
  } while (after !== undefined)
}

/** The mails of an archive: one's own, or, for administrators, those of a domain or a user of theirs. */
function archiveOf(caller: UserDocument, domain: string | undefined, user: string | undefined): Filter<MessageDocument> {
  const named = narrowedDomain(caller, domain)
  const owner = user === undefined || user === "" ? undefined : canonicalAddress(user)
  if (user !== undefined && user !== "" && owner === undefined) throw new ApiError("invalid-address")
  if (owner !== undefined && owner !== caller._id && !administers(caller, domainOf(owner))) throw new ApiError("not-found")
  if (named !== undefined && !administers(caller, named)) return ownMails(caller)
  if (named === undefined && owner === undefined) return ownMails(caller)
  // What was refused is in tracking; there is nothing of it to keep.
  return { status: { $ne: "rejected" }, ...(named === undefined ? {} : { domains: named }), ...(owner === undefined ? {} : { owners: owner }) }
}

/** What a person received, or wrote themselves. */
function partOf({ _id, aliases }: UserDocument, part: (typeof archiveParts)[number]): Filter<MessageDocument> {
  if (part === "received") return { deliveries: { $elemMatch: { user: _id, folder: { $ne: "Sent" } } } }
  return { direction: { $ne: "inbound" }, $or: [{ "client.user": _id }, { "envelope.mailFrom": { $in: [_id, ...aliases] } }] }
}

function timeOf(name: string, text: string | undefined): Date | undefined {
  if (text === undefined || text === "") return undefined
  const time = new Date(text)
  if (Number.isNaN(time.getTime()) || time.getTime() < 0) throw new ApiError("invalid", `"${name}" is not a point in time.`)
  return time
}

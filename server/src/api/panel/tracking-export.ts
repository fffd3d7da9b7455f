import type { Filter } from "mongodb"
import type { TrackingStatus } from "@lifeboat/shared/delivery-state"
import { searchMessages, summaryView, type SummaryRow } from "../../archive/search.ts"
import type { Database } from "../../store/database.ts"
import type { MessageDocument } from "../../store/documents.ts"

/** The most mails in one file. */
export const maxExported = 50_000
const pageSize = 500

/** What the file shows of each mail. */
export const exportColumns = ["received", "direction", "status", "from", "to", "subject", "size", "through the service", "delivered", "id"] as const

/** The same narrowing as the list. */
export interface ExportSearch {
  readonly visible: Filter<MessageDocument>
  readonly q?: string | undefined
  readonly status?: TrackingStatus | undefined
}

/** Mails newest first, page by page as they are asked for, up to `limit`. The first page is read before it resolves, so that its failure is an answer. */
export async function exportedMails(database: Database, search: ExportSearch, limit: number = maxExported): Promise<AsyncIterable<string[][]>> {
  const read = async (room: number, after?: string) => {
    const size = Math.min(pageSize, room)
    return (await searchMessages(database, { ...search, after, limit: size })).slice(0, size)
  }
  const first = await read(limit)
  return (async function* () {
    let room = limit
    for (let page = first; page.length > 0; page = await read(room, page.at(-1)?._id)) {
      yield page.map(cellsOf)
      room -= page.length
      if (page.length < pageSize || room === 0) return
    }
  })()
}

function cellsOf(row: SummaryRow): string[] {
  const mail = summaryView(row)
  return [mail.date, mail.direction, mail.status, mail.from, mail.to, mail.subject, String(mail.size), mail.viaService ? "yes" : "no", mail.deliveredAt ?? "", mail.id]
}

import type { ArchiveQuery, ArchiveView, MessageSummary, Redelivered } from "@lifeboat/shared/schemas/archive"
import type { ListOf } from "@lifeboat/shared/schemas/list"
import { get, path, post, withQuery } from "./client.ts"

export const listArchive = (query: ArchiveQuery, signal?: AbortSignal) => get<ListOf<MessageSummary>>(withQuery(path("archive"), query), signal)
export const openArchived = (id: string) => get<ArchiveView>(path("archive", id))
/** Delivers a mail again: inbound to its owner, outbound to its recipients. */
export const redeliver = (id: string) => post<Redelivered>(path("archive", id, "redeliver"))
export const archivedHtmlUrl = (id: string) => path("archive", id, "html")
export const archivedRawUrl = (id: string) => path("archive", id, "raw")
export const archivedAttachmentUrl = (id: string, attachment: string) => path("archive", id, "attachments", attachment)

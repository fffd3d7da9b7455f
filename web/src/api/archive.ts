import type { ArchiveQuery, ArchiveView, MessageSummary, RedeliveredMany } from "@lifeboat/shared/schemas/archive"
import type { ListOf } from "@lifeboat/shared/schemas/list"
import { get, path, post, withQuery } from "./client.ts"

export const listArchive = (query: ArchiveQuery, signal?: AbortSignal) => get<ListOf<MessageSummary>>(withQuery(path("archive"), query), signal)
export const openArchived = (id: string) => get<ArchiveView>(path("archive", id))
/** Delivers up to 200 mails again: inbound to their owner, outbound to their recipients. Each succeeds or fails by itself. */
export const redeliverMany = (ids: readonly string[]) => post<RedeliveredMany>(path("archive", "redeliver"), { ids })
/** Mails that fit into one zip or one redelivery. */
export const mostMails = 200
export const archivedZipUrl = (ids: readonly string[]) => withQuery(path("archive", "zip"), { ids: ids.join(",") })
export const archivedHtmlUrl = (id: string) => path("archive", id, "html")
export const archivedRawUrl = (id: string) => path("archive", id, "raw")
export const archivedAttachmentUrl = (id: string, attachment: string) => path("archive", id, "attachments", attachment)

import type { ArchiveFilter, ArchiveFound, ArchiveQuery, ArchiveView, MessageSummary, RedeliveredMany, RedeliveryJob } from "@lifeboat/shared/schemas/archive"
import type { ListOf } from "@lifeboat/shared/schemas/list"
import { del, get, path, post, withQuery } from "./client.ts"

export const listArchive = (query: ArchiveQuery, signal?: AbortSignal) => get<ListOf<MessageSummary>>(withQuery(path("archive"), query), signal)
export const openArchived = (id: string) => get<ArchiveView>(path("archive", id))
/** Delivers up to 200 mails again: inbound to their owner, outbound to their recipients. Each succeeds or fails by itself. */
export const redeliverMany = (ids: readonly string[]) => post<RedeliveredMany>(path("archive", "redeliver"), { ids })
/** Mails that fit into one zip or one redelivery. */
export const mostMails = 200
export const archivedZipUrl = (ids: readonly string[]) => withQuery(path("archive", "zip"), { ids: ids.join(",") })
/** How many a filter finds now, and the filter's `to` that leaves out what comes later. */
export const countArchive = (filter: ArchiveFilter) => get<ArchiveFound>(withQuery(path("archive", "count"), filter))
export const foundZipUrl = (filter: ArchiveFilter) => withQuery(path("archive", "zip", "found"), filter)
/** All that a filter finds, delivered again by the server. */
export const startRedelivery = (filter: ArchiveFilter) => post<RedeliveryJob>(path("archive", "jobs"), { filter })
export const listRedeliveries = () => get<ListOf<RedeliveryJob>>(path("archive", "jobs"))
export const openRedelivery = (id: string) => get<RedeliveryJob>(path("archive", "jobs", id))
export const stopRedelivery = (id: string) => del<RedeliveryJob>(path("archive", "jobs", id))
export const archivedHtmlUrl = (id: string) => path("archive", id, "html")
export const archivedRawUrl = (id: string) => path("archive", id, "raw")
export const archivedAttachmentUrl = (id: string, attachment: string) => path("archive", id, "attachments", attachment)

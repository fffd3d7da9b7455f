import type { MessageSummary, OutageView, QueueItem, QueueView, RefusedAction, RefusedDone, TrackingQuery, Trail } from "@lifeboat/shared/schemas/archive"
import type { ListOf } from "@lifeboat/shared/schemas/list"
import { get, path, post, withQuery } from "./client.ts"

export const listTracking = (query: TrackingQuery, signal?: AbortSignal) => get<ListOf<MessageSummary>>(withQuery(path("tracking"), query), signal)
export const openTrail = (id: string) => get<Trail>(path("tracking", id))
export const trackingStreamUrl = (domain: string) => withQuery(path("tracking", "stream"), { domain })
export const openQueue = (domain: string, cursor?: string) => get<QueueView>(withQuery(path("domains", domain, "queue"), { cursor }))
export const retryQueue = (domain: string) => post<{ retried: number }>(path("domains", domain, "queue", "retry"))
/** Mail that the primary refused after an outage (A10). */
export const listRefused = (domain: string, cursor?: string) => get<ListOf<QueueItem>>(withQuery(path("domains", domain, "queue", "held"), { cursor }))
export const actOnRefused = (domain: string, action: RefusedAction) => post<RefusedDone>(path("domains", domain, "queue", "held"), action)
export const listOutages = (domain: string, cursor?: string) => get<ListOf<OutageView>>(withQuery(path("domains", domain, "outages"), { cursor }))
export const openOutage = (domain: string, id: string) => get<OutageView>(path("domains", domain, "outages", id))

import type { TrackingStatus } from "@lifeboat/shared/delivery-state"
import type { MessageSummary } from "@lifeboat/shared/schemas/archive"

/** What the live list shows. Empty parts do not filter. */
export interface TrackingFilter {
  readonly q: string
  readonly status: TrackingStatus | ""
}

const matches = (message: MessageSummary, filter: TrackingFilter) => {
  const q = filter.q.toLowerCase()
  return (filter.status === "" || message.status === filter.status) && (q === "" || [message.subject, message.from, message.to, message.id].some((text) => text.toLowerCase().includes(q)))
}

/**
 * Lays one live message into a list that is sorted newest first: what was there is replaced or, where it no longer fits
 * the filter, leaves; what is new takes its place by time.
 */
export function upsert(items: readonly MessageSummary[], message: MessageSummary, filter: TrackingFilter): readonly MessageSummary[] {
  const at = items.findIndex((each) => each.id === message.id)
  if (at >= 0) return filter.status !== "" && message.status !== filter.status ? items.toSpliced(at, 1) : items.with(at, message)
  if (!matches(message, filter)) return items
  const place = items.findIndex((each) => each.date <= message.date)
  return place < 0 ? (items.length === 0 ? [message] : items) : items.toSpliced(place, 0, message)
}

/**
 * Everything that can happen to a mail, in the order of its way. The trail of a mail is a list of these; pages have a
 * sentence for each in both languages. Closed: a new event starts here.
 */
export const trackingEvents = [
  "accepted",
  "rejected",
  "routed",
  "attempt-started",
  "delivered",
  "deferred",
  "failed",
  "held",
  "rescued",
  "mailbox-delivered",
  "mailbox-substituted",
  "mailbox-removed",
  "deleted-by-user",
  "restored-by-user",
  "moved-by-user",
  "released",
  "cancelled",
  "expired",
  "report-sent",
  "redelivered",
  "possibly-twice",
] as const
export type TrackingEventName = (typeof trackingEvents)[number]

/** Events that name the end of a delivery. */
export const finalEvents = ["delivered", "failed", "cancelled", "expired"] as const satisfies readonly TrackingEventName[]

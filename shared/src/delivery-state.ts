/** States of one delivery (recipient × next hop). */
export const deliveryStates = ["queued", "active", "deferred", "held", "delivered", "failed", "cancelled", "expired"] as const
export type DeliveryState = (typeof deliveryStates)[number]

/** States in which something is still obliged to happen. */
export const openStates = ["queued", "active", "deferred", "held"] as const satisfies readonly DeliveryState[]

/** Kinds of next hop. */
export const targets = ["primary", "mailbox", "mx", "smarthost"] as const
export type Target = (typeof targets)[number]

/** What a mail is to its domain. */
export const directions = ["inbound", "outbound", "internal"] as const
export type Direction = (typeof directions)[number]

/** Status of a mail as tracking stores and shows it (contract). */
export const trackingStatuses = ["queued", "delivered", "delayed", "held", "rejected", "failed", "cancelled", "quarantined", "expired"] as const
export type TrackingStatus = (typeof trackingStatuses)[number]

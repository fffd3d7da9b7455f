/** Operating modes of a domain (design §3). */
export const modes = ["normal", "emergency", "recovering"] as const
export type Mode = (typeof modes)[number]

/** How a domain enters the emergency. */
export const activations = ["automatic", "manual"] as const
export type Activation = (typeof activations)[number]

/** Whose mailboxes the service covers. */
export const coverages = ["all", "selected"] as const
export type Coverage = (typeof coverages)[number]

/** Why a domain is in its mode; the pages have a sentence for each. */
export const modeReasons = ["initial", "primary-silent", "primary-refused", "primary-error", "primary-deferring", "probes-succeeded", "drained", "relapse", "forced", "released"] as const
export type ModeReason = (typeof modeReasons)[number]

/** How the service worker answers a GET request of our pages. `once`: asked for at every start; `list` and `mail`: kept up to a limit. */
export type RequestKind = "page" | "file" | "once" | "list" | "mail" | "pass"

const once = new Set(["/api/session", "/api/mail/folders", "/api/mail/status", "/api/mail/settings"])
const lists = /^\/api\/(?:mail\/folders\/[^/]+\/messages|archive|tracking)$/
const mails = /^\/api\/(?:mail\/folders\/[^/]+\/messages\/[^/]+(?:\/html)?|mail\/threads\/[^/]+|archive\/[^/]+(?:\/html)?|tracking\/[^/]+)$/
/** Never kept: streams, and what is loaded down to the device anyway. */
const streams = new Set(["/api/tracking/stream", "/api/archive/zip"])
/** Not the app's own pages: other programs', and files. */
const foreign = /^\/(?:api|addin|healthz|readyz|metrics|\.well-known|autodiscover)(?:\/|$)|\.\w{2,11}$/i

/** What a request is. `navigation`: it fills a tab, not a frame. `files`: paths of the version at hand. Pure. */
export function kindOf(path: string, navigation: boolean, files: ReadonlySet<string>): RequestKind {
  if (navigation) return foreign.test(path) ? "pass" : "page"
  if (files.has(path)) return "file"
  if (once.has(path)) return "once"
  if (streams.has(path)) return "pass"
  if (lists.test(path)) return "list"
  return mails.test(path) ? "mail" : "pass"
}

/** Entries of a cache that are too many, oldest first; `entries` are in the order they were kept. Pure. */
export function surplus<T>(entries: readonly T[], kind: (entry: T) => RequestKind, limits: Readonly<Partial<Record<RequestKind, number>>>): T[] {
  const left = new Map(Object.entries(limits))
  const drop: T[] = []
  for (const entry of entries.toReversed()) {
    const room = left.get(kind(entry))
    if (room === undefined) continue
    if (room === 0) drop.push(entry)
    else left.set(kind(entry), room - 1)
  }
  return drop
}

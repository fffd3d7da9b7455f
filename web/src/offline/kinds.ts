/** How the service worker answers a GET request of our pages. `once`: asked for at every start; `list` and `mail`: kept up to a limit. */
export type RequestKind = "page" | "file" | "once" | "list" | "mail" | "pass"

const once = new Set(["/api/session", "/api/mail/folders", "/api/mail/status", "/api/mail/settings"])
const lists = /^\/api\/(?:mail\/folders\/[^/]+\/messages|archive|tracking)$/
const mails = /^\/api\/(?:mail\/folders\/[^/]+\/messages\/[^/]+(?:\/html)?|mail\/threads\/[^/]+|archive\/[^/]+(?:\/html)?|tracking\/[^/]+)$/
/** Never kept: streams, and what is loaded down to the device anyway. */
const streams = new Set(["/api/tracking/stream", "/api/archive/zip"])
/** Not the app's own pages: other programs', and files. */
const foreign = /^\/(?:api|addin|healthz|readyz|metrics|\.well-known|autodiscover)(?:\/|$)|\.\w{2,11}$/i

/**
 * Lists that are never kept: searches, and the short page that is asked for, uncounted, where somebody jumped to in a
 * list (`queries/row-list.ts`). The beginning of a list and what is next to it are kept.
 */
export const passedLists = ["*q=*", "*count=false*"] as const
/** Whether a list is one of the {@link passedLists}: for browsers that cannot tell by themselves. Pure. */
export const passesBy = (query: string): boolean => new URLSearchParams(query).has("q") || query.includes("count=false")

/** In the address of a mail or its page: what was kept of it is wanted, because the server does not answer. */
export const keptMark = "kept"
const read = /^\/api\/mail\/folders\/[^/]+\/messages\/[^/]+(?:\/html)?$/
/**
 * A mail of the mailbox, or its page. They come without the worker, which would cost more than the answer where the
 * machine is busy: the page says which ones were read, and asks for what was kept when the server does not answer. Pure.
 */
export const isRead = (path: string): boolean => read.test(path)

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

/** What of a folder tells its two names in addresses: its id, and its special use. */
export interface NamedFolder {
  readonly id: string
  readonly specialUse: string | null
}

/** The addresses by which the same answer may have been kept: a folder is asked for by its id or by its special use. Pure. */
export function spellings(url: string, folders: readonly NamedFolder[]): string[] {
  const name = /\/api\/mail\/folders\/([^/?]+)\//.exec(url)?.[1]
  const folder = folders.find(({ id, specialUse }) => name !== undefined && (id === name || specialUse === name))
  if (name === undefined || !folder) return [url]
  const other = folder.id === name ? folder.specialUse : folder.id
  return other === null ? [url] : [url, url.replace(`/folders/${name}/`, `/folders/${other}/`)]
}

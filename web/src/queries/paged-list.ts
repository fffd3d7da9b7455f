import type { ListOf } from "@lifeboat/shared/schemas/list"
import { shallowReactive } from "vue"

/** Puts a further page behind a list, without what is there already. */
export function joinPage<T>(items: readonly T[], page: readonly T[], keyOf: (item: T) => string): T[] {
  const known = new Set(items.map(keyOf))
  return [...items, ...page.filter((item) => !known.has(keyOf(item)))]
}

/**
 * Lays a fresh first page over a list: what the page covers is taken from it, what lies behind stays. `overlaps` says
 * whether the page's last item was in the list; if not, the list begins anew with the page.
 */
export function joinHead<T>(items: readonly T[], head: readonly T[], complete: boolean, keyOf: (item: T) => string): { items: T[]; overlaps: boolean } {
  const last = head.at(-1)
  if (complete || last === undefined) return { items: [...head], overlaps: false }
  const end = items.findIndex((item) => keyOf(item) === keyOf(last))
  if (end < 0) return { items: [...head], overlaps: false }
  const fresh = new Set(head.map(keyOf))
  return { items: [...head, ...items.slice(end + 1).filter((item) => !fresh.has(keyOf(item)))], overlaps: true }
}

/** A list that is loaded page by page as a person scrolls, and refreshed at its head. */
export interface PagedList<T> {
  /** Replaced as a whole on every change. */
  items: readonly T[]
  /** Whether the first page has arrived. Before that nobody may say that the list is empty. */
  loaded: boolean
  loading: boolean
  /** More is to be had from the server. */
  more: boolean
  error: unknown
  refresh(): Promise<void>
  loadMore(): Promise<void>
  /** Changes the items in place, as the server will say later too. */
  change(edit: (items: readonly T[]) => readonly T[]): void
}

/** `admit` sees every page before it is taken in: it drops what was removed here meanwhile and lays local changes over it. */
export function pagedList<T>(load: (cursor: string | undefined) => Promise<ListOf<T>>, keyOf: (item: T) => string, admit: (items: readonly T[]) => readonly T[] = (items) => items): PagedList<T> {
  let next: string | null = null
  let round = 0
  let again = false

  const list: PagedList<T> = shallowReactive({
    items: [],
    loaded: false,
    loading: false,
    more: false,
    error: undefined,
    async refresh() {
      if (list.loading && round > 0) {
        again = true
        return
      }
      const mine = ++round
      list.loading = true
      try {
        const page = await load(undefined)
        const joined = joinHead(list.items, page.items, page.next === null, keyOf)
        if (!joined.overlaps) next = page.next
        list.items = admit(joined.items)
        list.more = next !== null
        list.loaded = true
        list.error = undefined
      } catch (error) {
        list.error = error
      } finally {
        if (mine === round) list.loading = false
      }
      if (again) {
        again = false
        await list.refresh()
      }
    },
    async loadMore() {
      if (list.loading || next === null) return
      const mine = ++round
      list.loading = true
      try {
        const page = await load(next)
        next = page.next
        list.items = admit(joinPage(list.items, page.items, keyOf))
        list.more = next !== null
        list.error = undefined
      } catch (error) {
        list.error = error
        list.more = false
      } finally {
        if (mine === round) list.loading = false
      }
      if (again) {
        again = false
        await list.refresh()
      }
    },
    change(edit) {
      list.items = edit(list.items)
    },
  })
  return list
}

/** Up to here a list is read from its top while its rows are counted. */
const nearTop = 5_000
const maxKept = 5_000
/** Totals of lists as they were last counted. */
const lastTotals = new Map<string, number>()

/** How a place in a list is reached: over so many rows, from its top or from its end. */
export interface Way {
  readonly fromEnd: boolean
  readonly skip: number
}

/** The shorter way to `limit` rows from `offset` on: never longer than half the list. Pure. */
export function wayTo(offset: number, limit: number, total: number): Way {
  const rest = total - offset - limit
  return offset >= nearTop && rest >= 0 && rest < offset ? { fromEnd: true, skip: rest } : { fromEnd: false, skip: offset }
}

/** Whether rows from `offset` on are read without knowing how many rows there are. Pure. */
export const readsUncounted = (offset: number): boolean => offset < nearTop

/**
 * Rows from `offset` on, first to last, read on the shorter way. That depends on how many there are; counting them takes
 * as long as the way itself, so the way is begun with the last total of this list, and gone again where that was wrong.
 * `list`: a name of the list; `counting`: undefined only where {@link readsUncounted} holds; `read`: the rows in the
 * order of the way.
 */
export async function readPlace<T>(list: string, { offset, limit, counting }: { readonly offset: number; readonly limit: number; readonly counting: Promise<number> | undefined }, read: (way: Way) => Promise<T[]>): Promise<T[]> {
  if (counting === undefined) return read({ fromEnd: false, skip: offset })
  const guess = offset < nearTop ? 0 : (lastTotals.get(list) ?? (await counting))
  const way = wayTo(offset, limit, guess)
  const [found, total] = await Promise.all([read(way), counting])
  keep(list, total)
  if (!way.fromEnd) return found
  return guess === total ? found.toReversed() : readAgain(wayTo(offset, limit, total), read)
}

async function readAgain<T>(way: Way, read: (way: Way) => Promise<T[]>): Promise<T[]> {
  const found = await read(way)
  return way.fromEnd ? found.toReversed() : found
}

function keep(list: string, total: number): void {
  lastTotals.delete(list)
  lastTotals.set(list, total)
  const oldest = lastTotals.keys().next()
  if (lastTotals.size > maxKept && !oldest.done) lastTotals.delete(oldest.value)
}

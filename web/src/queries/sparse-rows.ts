/** A page of a list as the server gave it: its rows from `offset` on, and how many rows the list has, where they were counted. */
export interface Laid<T> {
  readonly offset: number
  readonly rows: readonly T[]
  readonly total: number | undefined
  /** The server does not know yet what was taken out here: its places are not ours. */
  readonly elsewhere: boolean
  /** Round in which the page was asked for: rows of earlier rounds are shown, but asked for again. */
  readonly round: number
}

interface Slot<T> {
  readonly row: T
  readonly round: number
}

/** A row that was taken out, with what is needed to put it back. */
export interface TakenOut<T> {
  readonly row: T
  readonly index: number
  readonly before: string | undefined
  readonly after: string | undefined
}

/** Rows of a long list by their place in it. Most places are empty until somebody looks there: only what is known takes time. */
export class SparseRows<T> {
  readonly #keyOf: (row: T) => string
  #slots = new Map<number, Slot<T>>()
  #total = 0

  constructor(keyOf: (row: T) => string) {
    this.#keyOf = keyOf
  }

  get total(): number {
    return this.#total
  }

  at(index: number): T | undefined {
    return this.#slots.get(index)?.row
  }

  indexOf(key: string): number {
    for (const [index, { row }] of this.#slots) if (this.#keyOf(row) === key) return index
    return -1
  }

  /** Begins with the rows of another list, all of them to be asked for again. */
  copy(other: SparseRows<T>): void {
    this.#total = other.#total
    this.#slots = new Map([...other.#slots].map(([index, { row }]) => [index, { row, round: 0 }]))
  }

  /** First and last place between two places, both included, whose row is missing or older than this round. */
  missing(first: number, last: number, round: number): readonly [number, number] | undefined {
    const wanted = (index: number) => (this.#slots.get(index)?.round ?? -1) < round
    let from = Math.max(0, first)
    let to = Math.min(last, this.#total - 1)
    while (from <= to && !wanted(from)) from++
    while (to >= from && !wanted(to)) to--
    return from <= to ? [from, to] : undefined
  }

  /** Every row that is known, in order. */
  known(): T[] {
    return this.#inOrder().map(([, { row }]) => row)
  }

  /**
   * Takes a page in. Answers by how many places the row at `anchor` (the first one on the screen) moved, because rows
   * came or went above it elsewhere.
   */
  lay({ offset, rows, total, elsewhere, round }: Laid<T>, anchor: number): number {
    const places = new Map(rows.map((row, index) => [this.#keyOf(row), offset + index]))
    const { reference, shift } = this.#shift(places, offset, total, anchor)
    const start = elsewhere ? Math.max(0, offset - shift) : offset
    const moved = elsewhere ? 0 : this.#move(shift, reference, offset, anchor)
    for (const [index, { row }] of this.#slots) {
      const place = places.get(this.#keyOf(row))
      if (place !== undefined && place - offset + start !== index) this.#slots.delete(index)
    }
    this.#resize(Math.max(total ?? this.#total, start + rows.length))
    for (const [index, row] of rows.entries()) this.#slots.set(start + index, { row, round })
    return moved
  }

  /** By how many places the page has moved what is known, seen at the anchor where the page holds it, else at its last known row. */
  #shift(places: ReadonlyMap<string, number>, offset: number, total: number | undefined, anchor: number): { reference: number; shift: number } {
    const place = (index: number) => {
      const slot = this.#slots.get(index)
      return slot && places.get(this.#keyOf(slot.row))
    }
    const reference = place(anchor) === undefined ? Math.max(-1, ...[...this.#slots.keys()].filter((index) => place(index) !== undefined)) : anchor
    const now = reference < 0 ? undefined : place(reference)
    if (now !== undefined) return { reference, shift: now - reference }
    return { reference, shift: offset === 0 && total !== undefined && this.#total > 0 ? total - this.#total : 0 }
  }

  /** Moves what is known to where the page says it is now. Answers how far the row at `anchor` went. */
  #move(shift: number, reference: number, offset: number, anchor: number): number {
    if (shift > 0) {
      // New mail comes at the head as a rule.
      this.#replace((index) => index + shift, this.#total + shift)
      return shift
    }
    if (shift < 0) {
      const at = Math.max(0, Math.min(offset, reference + shift))
      this.#replace((index) => (index < at ? index : index < at - shift ? undefined : index + shift), Math.max(Math.min(at, this.#total), this.#total + shift))
      return at <= anchor ? Math.max(shift, -anchor) : 0
    }
    return 0
  }

  #resize(total: number): void {
    if (total < this.#total) for (const index of this.#slots.keys()) if (index >= total) this.#slots.delete(index)
    this.#total = total
  }

  #inOrder(): [number, Slot<T>][] {
    return [...this.#slots].sort(([first], [second]) => first - second)
  }

  /** Gives every row its new place; undefined: it goes. */
  #replace(placeOf: (index: number) => number | undefined, total: number): void {
    const slots = new Map<number, Slot<T>>()
    for (const [index, slot] of this.#slots) {
      const place = placeOf(index)
      if (place !== undefined) slots.set(place, slot)
    }
    this.#slots = slots
    this.#total = total
  }

  /** Takes rows out; what lies below moves up. */
  takeOut(gone: (row: T) => boolean): TakenOut<T>[] {
    const key = (index: number) => {
      const row = this.at(index)
      return row && this.#keyOf(row)
    }
    const out = this.#inOrder().flatMap(([index, { row }]): TakenOut<T>[] => (gone(row) ? [{ row, index, before: key(index - 1), after: key(index + 1) }] : []))
    if (out.length === 0) return out
    const places = new Set(out.map(({ index }) => index))
    this.#replace((index) => (places.has(index) ? undefined : index - out.filter((each) => each.index < index).length), this.#total - out.length)
    return out
  }

  /** Puts rows back where they were: between the same neighbours, where they are still there. */
  putBack(rows: readonly TakenOut<T>[], round: number): void {
    for (const { row, index, before, after } of rows) {
      if (this.indexOf(this.#keyOf(row)) >= 0) continue
      const previous = before === undefined ? -1 : this.indexOf(before)
      const next = after === undefined ? -1 : this.indexOf(after)
      const at = previous >= 0 ? previous + 1 : next >= 0 ? next : Math.min(index, this.#total)
      this.#replace((other) => (other < at ? other : other + 1), this.#total + 1)
      this.#slots.set(at, { row, round })
    }
  }

  /** Changes the rows for which `edit` answers another one. */
  change(edit: (row: T) => T): boolean {
    let changed = false
    for (const [index, slot] of this.#slots) {
      const row = edit(slot.row)
      if (row === slot.row) continue
      this.#slots.set(index, { row, round: slot.round })
      changed = true
    }
    return changed
  }
}

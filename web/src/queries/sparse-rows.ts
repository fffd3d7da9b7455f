/** A page of a list as the server gave it: its rows from `offset` on, and how many rows the list has. */
export interface Laid<T> {
  readonly offset: number
  readonly rows: readonly T[]
  /** Undefined: the server does not know yet what was taken out here, so its places and its total are not ours. */
  readonly total: number | undefined
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

/** Rows of a long list by their place in it. Most places are empty until somebody looks there. */
export class SparseRows<T> {
  readonly #keyOf: (row: T) => string
  #slots: (Slot<T> | undefined)[] = []

  constructor(keyOf: (row: T) => string) {
    this.#keyOf = keyOf
  }

  get total(): number {
    return this.#slots.length
  }

  at(index: number): T | undefined {
    return this.#slots[index]?.row
  }

  indexOf(key: string): number {
    for (let index = 0; index < this.#slots.length; index++) {
      const slot = this.#slots[index]
      if (slot !== undefined && this.#keyOf(slot.row) === key) return index
    }
    return -1
  }

  /** Begins with the rows of another list, all of them to be asked for again. */
  copy(other: SparseRows<T>): void {
    this.#slots = other.#slots.map((slot) => slot && { row: slot.row, round: 0 })
  }

  /** First and last place between two places, both included, whose row is missing or older than this round. */
  missing(first: number, last: number, round: number): readonly [number, number] | undefined {
    const wanted = (index: number) => (this.#slots[index]?.round ?? -1) < round
    let from = Math.max(0, first)
    let to = Math.min(last, this.#slots.length - 1)
    while (from <= to && !wanted(from)) from++
    while (to >= from && !wanted(to)) to--
    return from <= to ? [from, to] : undefined
  }

  /** Every row that is known, in order. */
  known(): T[] {
    const rows: T[] = []
    for (const slot of this.#slots) if (slot !== undefined) rows.push(slot.row)
    return rows
  }

  /**
   * Takes a page in. Answers by how many places the row at `anchor` (the first one on the screen) moved, because rows
   * came or went above it elsewhere.
   */
  lay({ offset, rows, total, round }: Laid<T>, anchor: number): number {
    const places = new Map(rows.map((row, index) => [this.#keyOf(row), offset + index]))
    const { reference, shift } = this.#shift(places, offset, total, anchor)
    const start = total === undefined ? Math.max(0, offset - shift) : offset
    const moved = total === undefined ? 0 : this.#move(shift, reference, offset, anchor)
    for (let index = 0; index < this.#slots.length; index++) {
      const slot = this.#slots[index]
      const place = slot === undefined ? undefined : places.get(this.#keyOf(slot.row))
      if (place !== undefined && place - offset + start !== index) this.#slots[index] = undefined
    }
    this.#resize(Math.max(total ?? this.#slots.length, start + rows.length))
    for (const [index, row] of rows.entries()) this.#slots[start + index] = { row, round }
    return moved
  }

  /** By how many places the page has moved what is known, seen at the anchor where the page holds it, else at its last known row. */
  #shift(places: ReadonlyMap<string, number>, offset: number, total: number | undefined, anchor: number): { reference: number; shift: number } {
    const place = (index: number) => {
      const slot = this.#slots[index]
      return slot && places.get(this.#keyOf(slot.row))
    }
    let reference = place(anchor) === undefined ? this.#slots.length - 1 : anchor
    while (reference >= 0 && place(reference) === undefined) reference--
    const now = reference < 0 ? undefined : place(reference)
    if (now !== undefined) return { reference, shift: now - reference }
    return { reference, shift: offset === 0 && total !== undefined && this.#slots.length > 0 ? total - this.#slots.length : 0 }
  }

  /** Moves what is known to where the page says it is now. Answers how far the row at `anchor` went. */
  #move(shift: number, reference: number, offset: number, anchor: number): number {
    if (shift > 0) {
      // New mail comes at the head as a rule.
      this.#slots = [...Array.from<undefined>({ length: shift }), ...this.#slots]
      return shift
    }
    if (shift < 0) {
      const at = Math.max(0, Math.min(offset, reference + shift))
      this.#slots.splice(at, -shift)
      return at <= anchor ? Math.max(shift, -anchor) : 0
    }
    return 0
  }

  #resize(total: number): void {
    const before = this.#slots.length
    this.#slots.length = total
    if (total > before) this.#slots.fill(undefined, before)
  }

  /** Takes rows out; what lies below moves up. */
  takeOut(gone: (row: T) => boolean): TakenOut<T>[] {
    const key = (index: number) => {
      const row = this.#slots[index]?.row
      return row && this.#keyOf(row)
    }
    const out: TakenOut<T>[] = []
    for (let index = 0; index < this.#slots.length; index++) {
      const slot = this.#slots[index]
      if (slot !== undefined && gone(slot.row)) out.push({ row: slot.row, index, before: key(index - 1), after: key(index + 1) })
    }
    for (const { index } of out.toReversed()) this.#slots.splice(index, 1)
    return out
  }

  /** Puts rows back where they were: between the same neighbours, where they are still there. */
  putBack(rows: readonly TakenOut<T>[], round: number): void {
    for (const { row, index, before, after } of rows) {
      if (this.indexOf(this.#keyOf(row)) >= 0) continue
      const previous = before === undefined ? -1 : this.indexOf(before)
      const next = after === undefined ? -1 : this.indexOf(after)
      const at = previous >= 0 ? previous + 1 : next >= 0 ? next : Math.min(index, this.#slots.length)
      this.#slots.splice(at, 0, { row, round })
    }
  }

  /** Changes the rows for which `edit` answers another one. */
  change(edit: (row: T) => T): boolean {
    let changed = false
    for (let index = 0; index < this.#slots.length; index++) {
      const slot = this.#slots[index]
      const row = slot && edit(slot.row)
      if (slot === undefined || row === undefined || row === slot.row) continue
      this.#slots[index] = { row, round: slot.round }
      changed = true
    }
    return changed
  }
}

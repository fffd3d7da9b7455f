import { shallowReactive } from "vue"
import { SparseRows, type TakenOut } from "./sparse-rows.ts"

/** Some rows of a list, and how many it has in all, or null where nobody asked; `exact` false: at least so many. `goesOn`: letters that may be added to what was searched for without finding anything else. */
export interface RowPage<T> {
  readonly items: readonly T[]
  readonly total: number | null
  readonly exact: boolean
  readonly goesOn?: string
}

/** Which rows of a list are asked for. `count` false: somebody waits for them, and how many there are in all is known. */
export interface RowPlace {
  readonly offset: number
  readonly limit: number
  readonly count: boolean
}

/** Where the rows of a list come from. `admit` drops what was taken away here and lays local marks over the rest. */
export interface RowSource<T> {
  readonly load: (place: RowPlace, signal: AbortSignal) => Promise<RowPage<T>>
  readonly keyOf: (row: T) => string
  readonly admit: (rows: readonly T[], askedAt: number) => readonly T[]
}

/** What pages watch of a list. `version` counts every change of a row, `moved` the rows by which everything shown went down. */
export interface RowListState {
  version: number
  total: number
  exact: boolean
  /** The server has answered. Before that nobody may say that the list is empty. */
  loaded: boolean
  loading: boolean
  error: unknown
  moved: number
}

interface UnderWay {
  readonly offset: number
  readonly size: number
  readonly round: number
  readonly stop: AbortController
  readonly done: Promise<void>
}

/** Rows in a request. */
export const pageSize = 50
/** Rows of the head, which is asked for first. */
const firstSize = 30
/** Fewer come quicker: where somebody jumps to, only so many more than fill the screen are asked for on each side. */
const spareRows = 2
/** Rows beyond the screen that are loaded before somebody gets there. */
const margin = 15
const throttleMs = 50
/** Rows beyond the screen are asked for once those on it are drawn: a browser and a server on few cores would wait for each other. */
const aroundMs = 60

/**
 * A list of any length, of which only what is on the screen and its neighbours is loaded, by place. Rows taken out or
 * marked here change at once; `pending` says that the server does not know of it yet.
 */
export class RowList<T> {
  readonly state: RowListState = shallowReactive({ version: 0, total: 0, exact: true, loaded: false, loading: false, error: undefined, moved: 0 })
  readonly #source: RowSource<T>
  readonly #rows: SparseRows<T>
  readonly #underWay = new Map<number, UnderWay>()
  /** Places asked for since somebody last moved: what the server leaves empty is not asked for for ever. */
  readonly #asked = new Set<number>()
  #round = 1
  /** Round in which the server counted the rows last. */
  #counted = 0
  #first = 0
  #last = 0
  #pending = 0
  #goesOn = ""
  #lastAsked = -Infinity
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(source: RowSource<T>) {
    this.#source = source
    this.#rows = new SparseRows(source.keyOf)
  }

  at(index: number): T | undefined {
    return this.#rows.at(index)
  }

  indexOf(key: string): number {
    return this.#rows.indexOf(key)
  }

  known(): T[] {
    return this.#rows.known()
  }

  /** Says which places are on the screen. Requests for places that were scrolled past are given up. */
  show(first: number, last: number): void {
    this.#first = Math.max(0, first)
    this.#last = Math.max(this.#first, last)
    for (const each of this.#underWay.values()) {
      const passed = each.offset > this.#last + 2 * margin || each.offset + each.size < this.#first - 2 * margin
      if (passed && each.offset !== 0) this.#giveUp(each)
    }
    this.#asked.clear()
    clearTimeout(this.#timer)
    const wait = this.#lastAsked + throttleMs - performance.now()
    if (wait <= 0) this.#ask()
    else this.#timer = setTimeout(() => this.#ask(), wait)
  }

  /** Asks the server again for the head and for what is on the screen; everything else when somebody looks there. */
  async refresh(): Promise<void> {
    this.#round++
    this.#asked.clear()
    this.#load(0, firstSize)
    this.#ask()
    await Promise.all([...this.#underWay.values()].map((each) => each.done))
  }

  /** Loads the places between two others, both included; at most `most` of them. @throws Error what the server answered */
  async ensure(first: number, last: number, most = 2_000): Promise<void> {
    for (let offset = Math.floor(first / pageSize) * pageSize; offset <= Math.min(last, first + most); offset += pageSize) {
      // Once more where a shorter request for the same place was under way.
      for (let turn = 0; turn < 2 && this.#rows.missing(offset, Math.min(last, offset + pageSize - 1), 0); turn++) await this.#load(offset, pageSize)
    }
    if (this.#rows.missing(first, last, 0) && this.state.error !== undefined) throw this.state.error
  }

  /** Gives up everything that is under way: another list is shown. */
  stop(): void {
    clearTimeout(this.#timer)
    for (const each of [...this.#underWay.values()]) this.#giveUp(each)
  }

  /**
   * Begins with the rows of `other`, where the server has said that the letters `added` to what it searched for change
   * nothing; the server is asked all the same. Answers whether it did.
   */
  takeOver(other: RowList<T>, added: string): boolean {
    if (this.state.loaded || !other.state.loaded || other.#pending > 0 || added === "" || !other.#goesOn.startsWith(added)) return false
    this.#goesOn = other.#goesOn.slice(added.length)
    this.#rows.copy(other.#rows)
    this.state.exact = other.state.exact
    this.state.loaded = true
    this.#changed()
    return true
  }

  /** Takes rows out at once. Call `settled` with the answer once the server has it, or `putBack` when it refused. */
  takeOut(gone: (row: T) => boolean): readonly TakenOut<T>[] {
    const out = this.#rows.takeOut(gone)
    if (out.length > 0) this.#changed()
    this.#pending++
    return out
  }

  putBack(rows: readonly TakenOut<T>[]): void {
    this.#pending--
    this.#rows.putBack(rows, 0)
    this.#changed()
  }

  /** The server has what was taken out. */
  settled(): void {
    this.#pending--
  }

  change(edit: (row: T) => T): void {
    if (this.#rows.change(edit)) this.#changed()
  }

  #changed(): void {
    this.state.total = this.#rows.total
    this.state.version++
  }

  /** What is on the screen comes first; then what is next to it. */
  #ask(): void {
    if (!this.#askSeen()) this.#askAround()
  }

  /** Asks for what is on the screen, in one request where it can, with some rows around it. False: it is all there. */
  #askSeen(): boolean {
    if (!this.state.loaded) {
      void this.#load(0, firstSize)
      return true
    }
    const seen = this.#rows.missing(this.#first, this.#last, this.#round)
    if (!seen) return false
    const [from, to] = seen
    const jumped = from <= this.#first && to >= this.#last
    const spare = jumped ? spareRows : Math.max(0, Math.floor((firstSize - (to - from + 1)) / 2))
    if (!this.#comes(from, to)) this.#loadAll(Math.max(0, from - spare), to, Math.min(pageSize, jumped ? to - from + 1 + 2 * spare : firstSize), true)
    return true
  }

  #askAround(): void {
    const above = this.#rows.missing(this.#first - margin, this.#first - 1, this.#round)
    if (above) this.#loadAll(Math.max(0, above[1] + 1 - pageSize), above[1], pageSize, false)
    const below = this.#rows.missing(this.#last + 1, this.#last + margin, this.#round)
    if (below) this.#loadAll(below[0], below[1], pageSize, false)
  }

  #loadAll(from: number, to: number, size: number, waited: boolean): void {
    for (let offset = from; offset <= to; offset += size) {
      if (this.#asked.has(offset) || this.#comes(offset, Math.min(to, offset + size - 1))) continue
      this.#asked.add(offset)
      void this.#load(offset, size, waited)
    }
  }

  /** Whether a request that is under way answers these places. */
  #comes(from: number, to: number): boolean {
    return [...this.#underWay.values()].some((each) => each.round === this.#round && each.offset <= from && each.offset + each.size > to)
  }

  /** `waited`: somebody looks at these places, so they need not be counted again. */
  #load(offset: number, size: number, waited = false): Promise<void> {
    const known = this.#underWay.get(offset)
    if (known) return known.done
    if (waited) this.#lastAsked = performance.now()
    const stop = new AbortController()
    const { promise: done, resolve } = Promise.withResolvers<void>()
    this.#underWay.set(offset, { offset, size, round: this.#round, stop, done })
    this.state.loading = true
    // Asked in this very moment: what the page draws meanwhile would delay it.
    const count = !waited || offset === 0 || this.#counted < this.#round || !this.state.exact
    void this.#fetch({ offset, limit: size, count }, this.#round, stop.signal).then(resolve)
    return done
  }

  async #fetch(place: RowPlace, round: number, signal: AbortSignal): Promise<void> {
    const { offset } = place
    const askedAt = performance.now()
    const pendingBefore = this.#pending > 0
    try {
      const page = await this.#source.load(place, signal)
      if (signal.aborted) return
      this.#lay(offset, page, round, askedAt, pendingBefore || this.#pending > 0)
      this.#forget(offset)
      if (this.#askSeen()) return
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => this.#ask(), aroundMs)
    } catch (error) {
      if (signal.aborted) return
      this.#forget(offset)
      this.state.error = error
    }
  }

  #lay(offset: number, page: RowPage<T>, round: number, askedAt: number, pending: boolean): void {
    const rows = this.#source.admit(page.items, askedAt)
    const elsewhere = pending && this.state.loaded
    const total = elsewhere || page.total === null ? undefined : Math.max(offset + rows.length, page.total - (page.items.length - rows.length))
    this.state.moved += this.#rows.lay({ offset, rows, total, elsewhere, round }, this.#first)
    if (page.total !== null) this.#counted = round
    this.state.exact = page.exact
    this.#goesOn = page.goesOn ?? ""
    this.state.error = undefined
    this.state.loaded = true
    this.#changed()
  }

  #forget(offset: number): void {
    this.#underWay.delete(offset)
    this.state.loading = this.#underWay.size > 0
  }

  #giveUp({ offset, stop }: UnderWay): void {
    stop.abort()
    this.#forget(offset)
  }
}

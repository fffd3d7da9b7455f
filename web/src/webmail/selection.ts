import type { MailRow } from "@lifeboat/shared/schemas/mail"

/** What is selected in a list: some rows, or all rows of the list but some. `anchor`: key of the row that a range goes out from. */
export interface Selection {
  readonly all: boolean
  /** The selected rows by key; where all are selected, those that are not. */
  readonly rows: ReadonlyMap<string, MailRow>
  readonly anchor: string | undefined
}

export const nothing: Selection = { all: false, rows: new Map(), anchor: undefined }
/** Every row of the list, also those that nobody has looked at yet. */
export const everything: Selection = { all: true, rows: new Map(), anchor: undefined }

export const isSelected = ({ all, rows }: Selection, key: string): boolean => rows.has(key) !== all
export const isEmpty = ({ all, rows }: Selection): boolean => !all && rows.size === 0
/** Rows that are selected, of a list with `total` rows. */
export const selectedCount = ({ all, rows }: Selection, total: number): number => (all ? Math.max(0, total - rows.size) : rows.size)

/** One row more or less; a range goes out from it. */
export function toggle(selection: Selection, key: string, row: MailRow): Selection {
  const rows = new Map(selection.rows)
  if (!rows.delete(key)) rows.set(key, row)
  return { all: selection.all, rows, anchor: key }
}

/** These rows and no others; `anchor` stays. Used for a range and for all that is loaded. */
export function only(selection: Selection, rows: readonly (readonly [string, MailRow])[]): Selection {
  return { all: false, rows: new Map(rows), anchor: selection.anchor }
}

/** These rows in addition (or, where all are selected, no longer left out). */
export function add(selection: Selection, rows: readonly (readonly [string, MailRow])[]): Selection {
  const next = new Map(selection.rows)
  for (const [key, row] of rows) {
    if (selection.all) next.delete(key)
    else next.set(key, row)
  }
  return { ...selection, rows: next }
}

/** Without rows that are not in the list any more. */
export function without(selection: Selection, gone: (row: MailRow) => boolean): Selection {
  const rows = [...selection.rows].filter(([, row]) => !gone(row))
  return rows.length === selection.rows.size ? selection : { ...selection, rows: new Map(rows) }
}

/** First and last place of the range from the anchor to a row; the row alone where there is no anchor. */
export function range(anchorIndex: number, index: number): readonly [number, number] {
  return anchorIndex < 0 ? [index, index] : [Math.min(anchorIndex, index), Math.max(anchorIndex, index)]
}

/** What is seen of a list whose rows all have the same height, pixels. */
export interface ListView {
  readonly scrollTop: number
  /** Height of what is seen. */
  readonly view: number
  readonly row: number
  readonly total: number
}

/** Browsers draw no taller elements (Firefox: 17.8 million pixels); beyond it a step of the scrollbar skips rows. */
const tallest = 12_000_000

const scaleOf = ({ view, row, total }: ListView) => {
  const full = total * row
  return full <= tallest ? 1 : (full - view) / (tallest - view)
}

/** Height of the whole list as the scrollbar knows it. */
export const listHeight = ({ row, total }: Pick<ListView, "row" | "total">): number => Math.min(total * row, tallest)

/** First and last row on the screen, and the rows drawn around them, `spare` on each side; `top`: where the first drawn one stands. */
export function windowOf(at: ListView, spare: number): { readonly first: number; readonly last: number; readonly from: number; readonly to: number; readonly top: number } {
  const { scrollTop, view, row, total } = at
  const hidden = Math.max(0, scrollTop) * scaleOf(at)
  const first = Math.max(0, Math.min(Math.floor(hidden / row), total - 1))
  const last = Math.max(first, Math.min(Math.ceil((hidden + view) / row) - 1, total - 1))
  const from = Math.max(0, first - spare)
  return { first, last, from, to: Math.min(total - 1, last + spare), top: from * row - hidden + Math.max(0, scrollTop) }
}

/** Where to scroll so that a row is seen, moving no more than needed. */
export function scrollTo(index: number, at: ListView): number {
  const scale = scaleOf(at)
  const hidden = at.scrollTop * scale
  const top = index * at.row
  const wanted = top < hidden ? top : top + at.row > hidden + at.view ? top + at.row - at.view : hidden
  return wanted === hidden ? at.scrollTop : Math.max(0, wanted / scale)
}

/** Where to scroll once `rows` rows came above, so that nothing moves under the pointer. At the very top the new ones are shown. */
export function scrollBy(rows: number, at: ListView): number {
  return at.scrollTop <= 0 ? 0 : Math.max(0, at.scrollTop + (rows * at.row) / scaleOf(at))
}

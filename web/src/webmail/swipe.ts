/** What a finger did to a row: pushed far enough to the right or left, held still, or nothing that counts. */
export type SwipeEnd = "right" | "left" | undefined

/** Pixels before a finger's way counts as pushing a row aside rather than scrolling. */
const slack = 12

/** Whether a way is a push to the side. */
export const isSwipe = (dx: number, dy: number): boolean => Math.abs(dx) > slack && Math.abs(dx) > 1.5 * Math.abs(dy)

/** What letting go does: a third of the row's width, at least 72 pixels, is meant. */
export function swipeEnd(dx: number, width: number): SwipeEnd {
  if (Math.abs(dx) < Math.max(72, width / 3)) return undefined
  return dx > 0 ? "right" : "left"
}

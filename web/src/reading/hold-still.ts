/** What is read, held where it is while something changes above it. */
export interface Held {
  /** After the change: the scroller goes along, as far as there is something to scroll. Answers whether it was enough. */
  readonly keep: () => boolean
  /** How much there is still to scroll, CSS pixels. */
  readonly below: () => number
  /** Whether an element of the same view is scrolled out at its top. */
  readonly hides: (element: Element) => boolean
}

/** Notes where `anchor` is. */
export function holdStill(anchor: Element): Held {
  const scroller = scrollerOf(anchor)
  const before = anchor.getBoundingClientRect().top
  const moved = () => anchor.getBoundingClientRect().top - before
  // Browsers that do the same by themselves would do it a second time.
  scroller.style.setProperty("overflow-anchor", "none")
  return {
    keep: () => {
      scroller.scrollBy(0, moved())
      requestAnimationFrame(() => scroller.style.removeProperty("overflow-anchor"))
      return moved() < 1
    },
    below: () => scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop,
    hides: (element) => element.getBoundingClientRect().bottom <= scroller.getBoundingClientRect().top,
  }
}

function scrollerOf(element: Element): HTMLElement {
  for (let above = element.parentElement; above; above = above.parentElement) if (/auto|scroll/.test(getComputedStyle(above).overflowY)) return above
  return document.documentElement
}

import type { MailRow } from "@lifeboat/shared/schemas/mail"
import { useResizeObserver } from "@vueuse/core"
import { computed, nextTick, onMounted, ref, watch, type ShallowRef } from "vue"
import type { RowList } from "../queries/row-list.ts"
import { afterPaint } from "../ui/after-paint.ts"
import { listHeight, scrollBy, scrollTo, windowOf } from "./list-window.ts"

/** Rows drawn beyond the screen, so that scrolling shows no gap. */
const overscan = 6
/** As high a list is at most before it was measured, pixels. */
const tallestGuess = 800
/** Where each list was left, pixels. */
const places = new WeakMap<RowList<MailRow>, number>()

/** Follows the scrolling of a list: which rows are drawn, and which ones are asked for. `rem`: height of a row. */
export function useListScroll(list: () => RowList<MailRow>, scroller: Readonly<ShallowRef<HTMLElement | null>>, rem: () => number) {
  const top = ref(places.get(list()) ?? 0)
  // Measured with the frame that is drawn: asking before would lay the whole page out twice.
  const height = ref(Math.min(tallestGuess, screen.availHeight))
  useResizeObserver(scroller, ([entry]) => (height.value = entry?.contentRect.height ?? height.value))
  const rootSize = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16
  const row = computed(() => rem() * rootSize)
  const at = computed(() => ({ scrollTop: top.value, view: height.value || 640, row: row.value, total: list().state.total }))
  /** What is on the screen comes first; the rows around it once it is there. */
  const spare = ref(0)
  const seen = computed(() => windowOf(at.value, spare.value))
  /** How many of the rows on the screen are there. */
  const there = computed(() => {
    void list().state.version
    let count = 0
    for (let index = seen.value.first; index <= seen.value.last; index++) if (list().at(index) !== undefined) count++
    return count
  })
  const waiting = computed(() => list().state.total === 0 || there.value <= seen.value.last - seen.value.first)
  /** Where nothing is there yet, the rows drawn before stay, out of sight: the machine is free for those asked for. */
  const drawn = computed<{ readonly list: RowList<MailRow>; readonly rows: typeof seen.value }>((before) => (before?.list === list() && there.value === 0 && list().state.total > 0 ? before : { list: list(), rows: seen.value }))
  watch(waiting, (now) => {
    if (now) spare.value = 0
    else afterPaint(() => (spare.value = waiting.value ? 0 : overscan))
  }, { immediate: true })
  const full = computed(() => listHeight(at.value))

  const put = (value: number) => {
    top.value = value
    if (scroller.value && scroller.value.scrollTop !== value) scroller.value.scrollTop = value
  }
  /** The element can be scrolled there only once it has grown. */
  const putLater = (value: number) => {
    top.value = value
    void nextTick(() => put(value))
  }
  watch([list, () => list().state.moved], ([now, moved], [before, movedBefore]) => {
    if (now !== before) {
      places.set(before, top.value)
      putLater(places.get(now) ?? 0)
    } else if (moved !== movedBefore) putLater(scrollBy(moved - movedBefore, at.value))
  })
  watch([list, () => seen.value.first, () => seen.value.last], ([now, first, last]) => now.show(first, last), { immediate: true })
  onMounted(() => put(top.value))

  function onScroll(): void {
    top.value = Math.max(0, scroller.value?.scrollTop ?? 0)
    places.set(list(), top.value)
  }
  return { seen, drawn: computed(() => drawn.value.rows), full, row, onScroll, reveal: (index: number) => put(scrollTo(index, at.value)), pageRows: () => Math.max(1, Math.floor(at.value.view / row.value) - 1) }
}

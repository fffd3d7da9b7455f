import { onScopeDispose, shallowRef, type ShallowRef } from "vue"
import { isSwipe, swipeEnd } from "./swipe.ts"

/** What rows do under a finger. `index` is the row's place. */
export interface SwipeActions {
  readonly indexOf: (target: EventTarget | null) => number
  readonly done: (index: number, end: "right" | "left") => void
  readonly held: (index: number) => void
}

const holdMs = 450

/** Pushing rows aside and holding them, with a finger only. `click` is swallowed after either. */
export function useSwipe({ indexOf, done, held }: SwipeActions) {
  const pushed: ShallowRef<{ readonly index: number; readonly dx: number } | undefined> = shallowRef()
  let start: { readonly index: number; readonly x: number; readonly y: number; readonly width: number } | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let handled = false
  let list: HTMLElement | undefined

  /** A row that is pushed aside is no scrolling. Chromium takes the finger's speed for a fling otherwise, and the next tap ("undo", say) for its stop. */
  function claim(event: TouchEvent): void {
    if (pushed.value) event.preventDefault()
  }
  function release(): void {
    list?.removeEventListener("touchmove", claim)
    list = undefined
  }

  function down(event: PointerEvent): void {
    handled = false
    const index = indexOf(event.target)
    if (event.pointerType !== "touch" || index < 0) return
    release()
    list = event.currentTarget instanceof HTMLElement ? event.currentTarget : undefined
    list?.addEventListener("touchmove", claim, { passive: false })
    start = { index, x: event.clientX, y: event.clientY, width: list?.clientWidth ?? innerWidth }
    clearTimeout(timer)
    timer = setTimeout(() => {
      if (!start || pushed.value) return
      handled = true
      held(start.index)
      start = undefined
    }, holdMs)
  }
  function move(event: PointerEvent): void {
    if (!start || event.pointerType !== "touch") return
    const dx = event.clientX - start.x
    const dy = event.clientY - start.y
    if (Math.hypot(dx, dy) > 10) clearTimeout(timer)
    if (pushed.value || isSwipe(dx, dy)) pushed.value = { index: start.index, dx }
  }
  function up(event: PointerEvent): void {
    clearTimeout(timer)
    release()
    if (start && pushed.value) {
      handled = true
      const end = event.type === "pointercancel" ? undefined : swipeEnd(event.clientX - start.x, start.width)
      if (end) done(start.index, end)
    }
    start = undefined
    pushed.value = undefined
  }
  onScopeDispose(() => {
    clearTimeout(timer)
    release()
  })
  return { pushed, down, move, up, swallows: () => handled }
}

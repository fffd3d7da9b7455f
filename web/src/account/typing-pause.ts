import { useEventListener } from "@vueuse/core"
import { onScopeDispose, readonly, ref } from "vue"

const pauseMs = 700

/** Becomes true once nobody has typed for a moment: what takes the focus by itself waits for that. */
export function useTypingPause() {
  const paused = ref(false)
  const pause = () => (paused.value = true)
  let timer = setTimeout(pause, pauseMs)
  useEventListener(window, "keydown", () => {
    clearTimeout(timer)
    timer = setTimeout(pause, pauseMs)
  }, true)
  onScopeDispose(() => clearTimeout(timer))
  return readonly(paused)
}

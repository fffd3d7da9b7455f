import { computed, shallowRef } from "vue"

const steps = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4]

/** Zoom in steps; undefined fits the window. `fitted` tells how large that is, so that the first step goes on from there. */
export function useZoom(fitted: () => number) {
  const chosen = shallowRef<number>()
  const now = () => chosen.value ?? fitted()
  const larger = () => steps.find((step) => step > now() * 1.01)
  const smaller = () => steps.findLast((step) => step < now() * 0.99)
  return {
    chosen,
    canGrow: computed(() => larger() !== undefined),
    canShrink: computed(() => smaller() !== undefined),
    grow: () => void (chosen.value = larger() ?? chosen.value),
    shrink: () => void (chosen.value = smaller() ?? chosen.value),
    fit: () => void (chosen.value = undefined),
    /** `+`, `-` and `0`, as in every viewer. */
    onKey(event: KeyboardEvent): void {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key === "+" || event.key === "=") chosen.value = larger() ?? chosen.value
      else if (event.key === "-") chosen.value = smaller() ?? chosen.value
      else if (event.key === "0") chosen.value = undefined
      else return
      event.preventDefault()
    },
  }
}

import { shallowRef, type ShallowRef } from "vue"
import { sayError } from "./toasts.ts"

/** Something a person starts with a button. `run` answers whether it worked; a failure is kept in `error` and, unless `quiet`, said. */
export interface Action<A extends unknown[]> {
  readonly running: ShallowRef<boolean>
  readonly error: ShallowRef<unknown>
  readonly run: (...args: A) => Promise<boolean>
}

/** Wraps an action so that it runs once at a time and never fails silently. */
export function useAction<A extends unknown[]>(work: (...args: A) => Promise<void>, quiet = false): Action<A> {
  const running = shallowRef(false)
  const error = shallowRef<unknown>(undefined)
  const run = async (...args: A) => {
    if (running.value) return false
    running.value = true
    error.value = undefined
    try {
      await work(...args)
      return true
    } catch (failure) {
      error.value = failure
      if (!quiet) sayError(failure)
      return false
    } finally {
      running.value = false
    }
  }
  return { running, error, run }
}

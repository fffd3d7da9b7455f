import { computed, shallowRef } from "vue"

/** A break shorter than this is nobody's business, milliseconds: a server restarts, a laptop changes its network. */
const graceMs = 3_000

const lost = shallowRef(false)
const told = shallowRef(false)
const online = shallowRef(navigator.onLine)
let timer: ReturnType<typeof setTimeout> | undefined

addEventListener("online", () => (online.value = true))
addEventListener("offline", () => (online.value = false))

/** Whether there is no connection to the server, said only once it has lasted. `offline`: the device itself has none. */
export const connection = computed<"open" | "lost" | "offline">(() => (!told.value ? "open" : online.value ? "lost" : "offline"))

/** What the stream says about the connection. */
export function setLost(next: boolean): void {
  if (lost.value === next) return
  lost.value = next
  clearTimeout(timer)
  if (next) timer = setTimeout(() => (told.value = true), graceMs)
  else told.value = false
}

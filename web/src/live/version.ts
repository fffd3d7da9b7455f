import { shallowRef } from "vue"
import { isReplaced } from "./part-missing.ts"

/** A newer version of these pages is there. `broken`: parts of this one are gone, so that it cannot go on for long. */
export const newVersion = shallowRef<"none" | "ready" | "broken">("none")

let waiting: ServiceWorker | undefined

/** A new service worker waits until the person wants it. */
function offer(worker: ServiceWorker): void {
  waiting = worker
  if (newVersion.value === "none") newVersion.value = "ready"
}

/** Starts anew with the newest version. */
export function reloadNow(): void {
  if (!waiting) return location.reload()
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true })
  waiting.postMessage({ kind: "activate" })
}

/** The pages come first: the worker loads what it keeps once they stand, milliseconds. */
const registerAfterMs = 3_000
const lookEveryMs = 30 * 60_000

/** Registers the service worker and notices newer ones; and notices where a part of the pages is not on the server any more. */
export async function watchVersion(): Promise<void> {
  const entry = document.querySelector<HTMLScriptElement>("script[type=module][src]")?.src
  addEventListener("vite:preloadError", () => void isReplaced(fetch, entry).then((replaced) => replaced && (newVersion.value = "broken")))
  if (!("serviceWorker" in navigator) || !import.meta.env.PROD) return
  await new Promise((resolve) => setTimeout(resolve, registerAfterMs))
  const registration = await navigator.serviceWorker.register("/sw.js").catch(() => undefined)
  if (!registration) return
  const notice = (worker: ServiceWorker | null) => {
    if (!worker) return
    const look = () => {
      // The first one ever replaces nothing.
      if (worker.state === "installed" && navigator.serviceWorker.controller) offer(worker)
    }
    look()
    worker.addEventListener("statechange", look)
  }
  notice(registration.waiting)
  notice(registration.installing)
  registration.addEventListener("updatefound", () => notice(registration.installing))
  const look = () => void registration.update().catch(() => undefined)
  setInterval(look, lookEveryMs)
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look())
}

/** Removes what the service worker kept of a person's mail. */
export async function wipeKeptMail(): Promise<void> {
  navigator.serviceWorker?.controller?.postMessage({ kind: "wipe" })
  await globalThis.caches?.delete("lifeboat-data").catch(() => undefined)
}

import { shallowReactive } from "vue"

/** Addresses of mails that came from what was kept, because the server did not answer. */
const fromKept = shallowReactive(new Set<string>())

/** Whether the mail at this address came from what was kept; then its page does as well. */
export const cameFromKept = (url: string): boolean => fromKept.has(url)

export function noteKept(url: string, kept: boolean): void {
  if (kept) fromKept.add(url)
  else fromKept.delete(url)
}

/** Has the service worker keep a mail that is read, and its page, for when there is no connection. `owner`: who reads it. */
export function keepRead(owner: string, url: string, mail: object, page: string | undefined): void {
  if (!fromKept.has(url)) navigator.serviceWorker?.controller?.postMessage({ kind: "read", owner, url, body: JSON.stringify(mail), page })
}

/** Removes what was kept of a mail: it is gone, or not this person's any more. */
export async function dropRead(url: string): Promise<void> {
  const cache = await globalThis.caches?.open("lifeboat-data").catch(() => undefined)
  await Promise.all([cache?.delete(url), cache?.delete(`${url}/html`, { ignoreSearch: true })]).catch(() => undefined)
}

/** Removes what the service worker kept of a person's mail. */
export async function wipeKeptMail(): Promise<void> {
  navigator.serviceWorker?.controller?.postMessage({ kind: "wipe" })
  await globalThis.caches?.delete("lifeboat-data").catch(() => undefined)
}

/** Has a page of the server kept on the device for reading without a connection; a frame's own request never reaches the service worker. */
export function keepForOffline(url: string): void {
  if (!navigator.serviceWorker?.controller || !navigator.onLine) return
  const ask = () => void fetch(url, { credentials: "same-origin" }).catch(() => undefined)
  if ("requestIdleCallback" in globalThis) requestIdleCallback(ask, { timeout: 5_000 })
  else setTimeout(ask, 1_000)
}

/**
 * A mail's HTML that was kept, as a document for `srcdoc`, with the policy that the server sent along; undefined where it
 * was not kept.
 */
export async function keptHtml(url: string): Promise<string | undefined> {
  const answer = await fetch(url, { credentials: "same-origin" }).catch(() => undefined)
  const policy = answer?.headers.get("content-security-policy")
  if (!answer?.ok || !policy) return undefined
  return withPolicy(await answer.text(), policy)
}

/** A page with its policy inside; what only a header can say is left to the frame's sandbox. */
export function withPolicy(html: string, policy: string): string {
  const within = policy.split(";").filter((directive) => !/^\s*(?:sandbox|frame-ancestors|report-uri)\b/.test(directive)).join(";").replaceAll("&", "&amp;").replaceAll('"', "&quot;")
  return `<!doctype html><meta http-equiv="Content-Security-Policy" content="${within}">${html.replace(/^\s*<!doctype[^>]*>/i, "")}`
}

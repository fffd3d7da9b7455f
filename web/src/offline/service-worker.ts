import { isRead, keptMark, kindOf, type NamedFolder, passedLists, passesBy, spellings, surplus } from "./kinds.ts"

/** Set by the build: the files of this version, and a name for it. */
declare const __LIFEBOAT_FILES__: readonly string[]
declare const __LIFEBOAT_VERSION__: string
declare const self: ServiceWorkerGlobalScope

const files = new Set(__LIFEBOAT_FILES__)
const shell = "/index.html"
const shellPrefix = "lifeboat-shell-"
const shellCache = `${shellPrefix}${__LIFEBOAT_VERSION__}`
/** What its one owner read last. */
const dataCache = "lifeboat-data"
const ownerKey = "/.owner"
/** A page that takes longer than this to come from the server comes from the device, milliseconds. */
const pageMs = 4_000
const keepAfterMs = 500
/** A mail is up to two entries: its parts, and its HTML. */
const limits = { mail: 400, list: 60 } as const

/** The first rule that fits counts. */
const rules: readonly RouteRule[] = [
  { condition: { urlPattern: { pathname: "/api/mail/folders/*/messages/*", search: `*${keptMark}=*` } }, source: "fetch-event" },
  { condition: { urlPattern: { pathname: "/api/mail/folders/*/messages/*" } }, source: "network" },
  ...passedLists.map((search): RouteRule => ({ condition: { urlPattern: { pathname: "/api/mail/folders/*/messages", search } }, source: "network" })),
  { condition: { urlPattern: { pathname: "/api/mail/stream" } }, source: "network" },
]

/** The part of the Service Worker Static Routing API that is used here; Chromium has it. */
interface RouteRule {
  readonly condition: { readonly urlPattern: URLPatternInit }
  readonly source: "network" | "fetch-event"
}
interface RoutedInstall {
  addRoutes(rules: readonly RouteRule[]): Promise<void>
}
const takesRoutes = (event: ExtendableEvent): event is ExtendableEvent & RoutedInstall => "addRoutes" in event

/** Raised with every wiping: what was asked for before must not be kept after. */
let round = 0

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(shellCache).then((cache) => cache.addAll([shell, ...files].map((file) => new Request(file, { cache: "reload" })))))
  // What is never kept need not come by here, where the browser can tell.
  if (takesRoutes(event)) event.waitUntil(event.addRoutes(rules).catch(() => undefined))
})

/** The version before stays too: tabs that still run it need its parts. */
self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith(shellPrefix) && name !== shellCache)
    await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)))
    // The page is asked for while the worker itself is still starting.
    await self.registration.navigationPreload.enable()
    await self.clients.claim()
  })())
})

self.addEventListener("message", (event) => {
  const { kind, ...mail } = event.data as { kind?: unknown } & Partial<ReadMail>
  if (kind === "activate") void self.skipWaiting()
  if (kind === "wipe") event.waitUntil(wipe())
  if (kind === "read") event.waitUntil(keepRead(mail).catch(() => undefined))
})

self.addEventListener("notificationclick", (event) => {
  event.notification.close()
  const { url } = event.notification.data as { url: string }
  event.waitUntil((async () => {
    const [tab] = await self.clients.matchAll({ type: "window" })
    if (!tab) return void (await self.clients.openWindow(url))
    await tab.focus()
    tab.postMessage({ kind: "open", url })
  })())
})

self.addEventListener("fetch", (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (url.origin !== self.location.origin) return
  if (url.pathname === "/api/session" && request.method !== "GET") return event.respondWith(session(event))
  // What the Outlook add-in reads with a token or a link of its own is not the signed-in person's to keep.
  if (request.method !== "GET" || request.headers.has("authorization") || url.searchParams.has("link")) return
  if (url.pathname.startsWith("/api/") && passesBy(url.search)) return
  if (isRead(url.pathname)) return url.searchParams.has(keptMark) ? event.respondWith(readBefore(url)) : undefined
  const kind = kindOf(url.pathname, request.mode === "navigate" && request.destination === "document", files)
  if (kind === "page") event.respondWith(page(event))
  else if (kind === "file") event.respondWith(file(request))
  else if (kind !== "pass") event.respondWith(data(event, url))
})

/** The newest page there is: from the server, or, where that does not come, from the device. */
async function page(event: FetchEvent): Promise<Response> {
  const kept = () => caches.match(shell, { cacheName: shellCache })
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, pageMs))
  const ahead = event.preloadResponse as Promise<Response | undefined>
  const asked = ahead.then((answer) => answer ?? fetch(event.request)).catch(() => undefined)
  event.waitUntil(asked)
  const answer = await Promise.race([asked, late])
  if (answer && answer.status < 500) return answer
  return (await kept()) ?? answer ?? (await asked) ?? Response.error()
}

async function file(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName: shellCache, ignoreSearch: true })) ?? fetch(request)
}

/** Always the server's answer where there is one; what was kept only where there is none. */
async function data(event: FetchEvent, url: URL): Promise<Response> {
  const { request } = event
  const mine = round
  let answer: Response
  try {
    answer = await fetch(request)
  } catch (error) {
    const kept = await find(request.url)
    if (!kept || mine !== round) throw error
    return kept
  }
  if (url.pathname === "/api/session") await meet(answer.clone())
  if (answer.ok) event.waitUntil(keep(request.url, answer.clone(), round === mine || url.pathname === "/api/session" ? round : -1))
  // Gone, or not this person's any more.
  else if (answer.status === 404 || answer.status === 401) event.waitUntil(caches.open(dataCache).then((cache) => cache.delete(request.url)))
  return answer
}

/** A mail that was read, or its page, as it was kept. */
async function readBefore(url: URL): Promise<Response> {
  const mine = round
  url.searchParams.delete(keptMark)
  const kept = await find(url.href)
  return kept && mine === round ? kept : Response.error()
}

/** What a page tells of a mail that is read: its address and answer, and the address of its page. Of another person than the owner of what is kept it does not count. */
interface ReadMail {
  readonly owner: string
  readonly url: string
  readonly body: string
  readonly page: string | undefined
}

async function keepRead({ owner, url, body, page }: Partial<ReadMail>): Promise<void> {
  const mine = round
  if (url === undefined || body === undefined || owner !== (await ownerNow())) return
  await keep(new URL(url, self.location.origin).href, new Response(body, { headers: { "content-type": "application/json" } }), mine)
  if (page === undefined) return
  const answer = await fetch(page)
  if (answer.ok) await keep(new URL(page, self.location.origin).href, answer, mine)
}

const ownerNow = async () => (await caches.match(ownerKey, { cacheName: dataCache }))?.text()

/** What was kept of an address, however its folder was named then. */
async function find(url: string): Promise<Response | undefined> {
  const cache = await caches.open(dataCache)
  const folders = (await (await cache.match("/api/mail/folders"))?.json()) as { items: NamedFolder[] } | undefined
  for (const spelling of spellings(url, folders?.items ?? [])) {
    const kept = await cache.match(spelling, { ignoreVary: true })
    if (kept) return kept
  }
  return undefined
}

/** Signing in and out. Whatever the server says, after signing out nothing stays here. */
async function session(event: FetchEvent): Promise<Response> {
  if (event.request.method === "DELETE") {
    await wipe()
    return fetch(event.request).finally(() => wipe())
  }
  const answer = await fetch(event.request)
  if (event.request.method === "POST" && answer.ok) await meet(answer.clone())
  return answer
}

/** Somebody else than the owner of what is kept: it goes. */
async function meet(answer: Response): Promise<void> {
  if (!answer.ok) return answer.status === 401 ? wipe() : undefined
  const { address } = (await answer.json()) as { address?: unknown }
  if ((await ownerNow()) === address) return
  await wipe()
  if (typeof address === "string") await (await caches.open(dataCache)).put(ownerKey, new Response(address))
}

async function keep(url: string, answer: Response, began: number): Promise<void> {
  // The page shows first what it asked for.
  await new Promise((resolve) => setTimeout(resolve, keepAfterMs))
  if (began !== round || !(await caches.match(ownerKey, { cacheName: dataCache }))) return
  // Read to its end first: a wiping meanwhile is noticed, and a broken answer is not kept.
  const body = await answer.blob()
  if (began !== round) return
  const cache = await caches.open(dataCache)
  // Deleted first, so that it goes to the end: entries are in the order they were kept.
  await cache.delete(url)
  await cache.put(url, new Response(body, { status: answer.status, headers: answer.headers }))
  if (began !== round) return void (await caches.delete(dataCache))
  const entries = await cache.keys()
  await Promise.all(surplus(entries, (entry) => kindOf(new URL(entry.url).pathname, false, files), limits).map((entry) => cache.delete(entry)))
}

async function wipe(): Promise<void> {
  round++
  await caches.delete(dataCache)
}

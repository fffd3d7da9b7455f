import type { OfficeApi } from "./office-api.ts"

/** Office hosts give up on a pane after five seconds; the archive does not wait longer for Outlook than that. */
const patienceMs = 5_000

/** What tells a page that Outlook shows it, before Office.js is there. */
export interface Surroundings {
  /** The query of the page's address. */
  readonly search: string
  /** `window.name`. */
  readonly name: string
  readonly framed: boolean
  /** Whether a program has put a bridge of its own into the page. */
  readonly bridged: boolean
  /** What Office.js noted when it was loaded in this window before. */
  readonly noted: boolean
}

/** Whether Outlook shows this page, so that asking Microsoft's server for Office.js makes sense. */
export function inOutlook({ search, name, framed, bridged, noted }: Surroundings): boolean {
  return framed || bridged || noted || /[?&]_host_Info=/.test(search) || name.includes("hostInfo")
}

/** Whether a colour (`#rrggbb`) is dark; undefined where it is none. By relative luminance (WCAG 2.2). */
export function isDark(colour: string | undefined): boolean | undefined {
  const parts = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(colour ?? "")?.slice(1)
  if (!parts) return undefined
  const [red = 0, green = 0, blue = 0] = parts.map((part) => {
    const share = Number.parseInt(part, 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.18
}

/** What a person knows a device by in the list of connections: "Outlook (Windows)". */
export function deviceName(platform: unknown): string {
  const names: Readonly<Record<string, string>> = { PC: "Windows", Mac: "Mac", OfficeOnline: "Web", iOS: "iOS", Android: "Android", Universal: "Windows" }
  const name = names[String(platform)]
  return name === undefined ? "Outlook" : `Outlook (${name})`
}

/** Office.js, loaded and ready; undefined outside Outlook, and where it does not come: the archive is shown all the same. */
export async function loadOffice(url: string): Promise<OfficeApi | undefined> {
  if (!window.Office) {
    if (!inOutlook(surroundings()) || !(await loadScript(url))) return undefined
  }
  const office = window.Office
  if (!office) return undefined
  return within(patienceMs, Promise.resolve(office.onReady()).then(({ host }) => (host ? office : undefined)))
}

function surroundings(): Surroundings {
  const bridges: readonly (readonly [string, string])[] = [["chrome", "webview"], ["webkit", "messageHandlers"], ["external", "GetContext"], ["external", "GetHostInfo"]]
  const has = (object: unknown, key: string) => typeof object === "object" && object !== null && key in object
  return {
    search: location.search,
    name: window.name,
    framed: window.self !== window.top,
    bridged: bridges.some(([object, key]) => has(Reflect.get(window, object), key)),
    noted: noted(),
  }
}

function noted(): boolean {
  try {
    return sessionStorage.getItem("hostInfoValue") !== null
  } catch {
    return false
  }
}

function loadScript(url: string): Promise<boolean> {
  return within(
    patienceMs,
    new Promise<boolean>((resolve) => {
      const script = document.createElement("script")
      script.src = url
      script.onload = () => resolve(true)
      script.onerror = () => resolve(false)
      document.head.append(script)
    }),
  ).then((loaded) => loaded === true)
}

function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  return Promise.race([work.catch(() => undefined), new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), ms))])
}

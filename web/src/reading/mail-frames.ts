import { afterPaint } from "../ui/after-paint.ts"

/**
 * Frames with a mail's page. They have our own origin, so that they can be measured, and therefore no scripts, whatever
 * the mail brings. A frame that is likely to be wanted next is loaded ahead, out of sight, and moved to where it is read.
 */

/** Frames kept ahead: what the pointer is on, and the neighbours of what is read. */
const kept = 4
const firstWidth = 640
const discardMs = 200

const ahead = new Map<string, HTMLIFrameElement>()
let shelf: HTMLElement | undefined
let width = firstWidth

/** A frame that shows the page at `src`; not in the document yet. */
function makeFrame(src: string): HTMLIFrameElement {
  const frame = document.createElement("iframe")
  frame.setAttribute("sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox")
  frame.referrerPolicy = "no-referrer"
  frame.addEventListener("load", () => (frame.dataset["loaded"] = "true"), { once: true })
  frame.src = src
  return frame
}

function place(): HTMLElement {
  if (shelf) return shelf
  shelf = document.createElement("div")
  shelf.ariaHidden = "true"
  shelf.className = "no-print pointer-events-none invisible fixed top-0 left-0 -z-10 h-64 overflow-hidden"
  document.body.append(shelf)
  return shelf
}

/** Whether a frame's page has come; what comes later is told by its `load`. */
export const isLoaded = (frame: HTMLIFrameElement): boolean => frame.dataset["loaded"] === "true"

/** Loads a page ahead. It must not load anything from outside: whoever has not opened a mail must not be known to read it. */
export function prepareFrame(src: string): void {
  if (document.visibilityState !== "visible") return
  const known = ahead.get(src)
  ahead.delete(src)
  const frame = known ?? makeFrame(src)
  ahead.set(src, frame)
  if (!known) {
    frame.tabIndex = -1
    frame.width = String(width)
    place().append(frame)
  }
  for (const [oldest, element] of ahead) {
    if (ahead.size <= kept) break
    ahead.delete(oldest)
    element.remove()
  }
}

/**
 * Puts a frame with the page at `src` into `host`, the one loaded ahead where there is one. Browsers that cannot move a
 * frame without loading it again take the page from their own store.
 */
export function placeFrame(host: HTMLElement, src: string): HTMLIFrameElement {
  const ready = ahead.get(src)
  ahead.delete(src)
  width = host.clientWidth || width
  if (ready && "moveBefore" in host && (!isLoaded(ready) || ready.contentDocument?.contentType === "text/html")) {
    ready.removeAttribute("tabindex")
    ready.removeAttribute("width")
    host.moveBefore(ready, null)
    return ready
  }
  ready?.remove()
  const frame = makeFrame(src)
  host.append(frame)
  return frame
}

/** Takes a frame out of sight at once and away later: to end a page takes longer than to show the next one. */
export function discardFrame(frame: HTMLIFrameElement): void {
  if (!("moveBefore" in frame) || !frame.isConnected) return frame.remove()
  place().moveBefore(frame, null)
  afterPaint(() => setTimeout(() => frame.remove(), discardMs))
}

import { onScopeDispose } from "vue"
import { KeyReader } from "./key-reader.ts"
import type { ShortcutName } from "./table.ts"

/** What shortcuts do here; one that answers false did nothing, and the browser goes on with the key. */
export type ShortcutActions = Partial<Record<ShortcutName, () => unknown>>

const typing = "input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable]:not([contenteditable=false])"
const elsewhere = '[role="dialog"],[role="alertdialog"],[role="menu"]'

/** Targets within the mail's frame are of another realm, so no `instanceof`. */
const isElement = (target: EventTarget | null): target is Element => target !== null && "closest" in target

/** Follows the keyboard, also while the focus is in a mail's frame; never while somebody types or a dialog or menu has the focus. */
export function useShortcuts(actions: ShortcutActions, singles: () => boolean): void {
  const reader = new KeyReader()
  const stop = new AbortController()

  function onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return
    if (isElement(event.target) && event.target.closest(`${typing},${elsewhere}`)) return
    const read = reader.read({ key: event.key, ctrlKey: event.ctrlKey, metaKey: event.metaKey, altKey: event.altKey, shiftKey: event.shiftKey, altGraph: event.getModifierState("AltGraph") }, event.timeStamp, singles())
    if (read === undefined) return
    const action = read === "begun" ? () => undefined : actions[read]
    if (action && action() !== false) event.preventDefault()
  }

  function follow(frame: EventTarget | null): void {
    if (!(frame instanceof HTMLIFrameElement)) return
    try {
      frame.contentDocument?.addEventListener("keydown", onKey, { signal: stop.signal })
    } catch {
      // Of another origin: its keys are its own.
    }
  }

  document.addEventListener("keydown", onKey, { signal: stop.signal })
  document.addEventListener("load", (event) => follow(event.target), { signal: stop.signal, capture: true })
  onScopeDispose(() => stop.abort())
}

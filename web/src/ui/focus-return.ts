/** Where the focus goes once what opens now is closed: where it is, or the button of the menu it is in, which is gone by then. */
export function focusReturn(): HTMLElement | null {
  const from = document.activeElement
  const menu = from?.closest("[role=menu]")
  const back = menu ? document.getElementById(menu.getAttribute("aria-labelledby") ?? "") : from
  return back instanceof HTMLElement ? back : null
}

/** Gives the focus back, unless `back` has gone; for the event of a dialog that closes. */
export function giveFocusBack(back: HTMLElement | null, event: Event): void {
  if (!back?.isConnected || back === document.body) return
  event.preventDefault()
  back.focus()
}

/** How often a page that calls no listeners is looked at, milliseconds. */
const lookMs = 120

/** A link in a mail: where it leads as the mail has it, and what is written on it. */
export interface FrameLink {
  readonly href: string
  readonly text: string
}

/**
 * Whether our listeners are called in a page that may not run scripts. WebKit (Safari) calls none there, whoever they belong
 * to; instead of allowing scripts for its sake, `watchSilently` stands in for them.
 */
export function hearsListeners(page: Document): boolean {
  const name = "lifeboat-listening"
  let heard = false
  page.addEventListener(name, () => (heard = true), { once: true })
  page.dispatchEvent(new Event(name))
  return heard
}

/**
 * What listeners would do in a mail's page, by looking at it now and then: `tell` gets the link under the pointer or with
 * the focus, links to mail addresses open a letter of ours, and a click into the mail leaves the keyboard to the page
 * around, so that its shortcuts go on. Answers how to stop.
 */
export function watchSilently(frame: HTMLIFrameElement, page: Document, tell: (link: FrameLink | undefined) => void): () => void {
  const addresses = new Map<Element, string>()
  for (const link of page.querySelectorAll<HTMLAnchorElement>("a[href^='mailto:' i]")) {
    addresses.set(link, link.href)
    link.href = letterAddress(link.href)
  }
  const look = () => {
    if (document.hidden) return
    const focused = document.activeElement === frame
    const under = frame.matches(":hover")
    const link = (under ? page.querySelector<HTMLAnchorElement>("a[href]:hover") : null) ?? (focused ? page.querySelector<HTMLAnchorElement>("a[href]:focus") : null)
    tell(link ? { href: addresses.get(link) ?? link.href, text: link.textContent } : undefined)
    // Who came by Tab is on a link, who selects holds the button or has a selection: both keep the focus.
    if (focused && under && !page.querySelector(":active, :focus") && (page.getSelection()?.isCollapsed ?? true)) window.focus()
  }
  const timer = setInterval(look, lookMs)
  return () => clearInterval(timer)
}

/** A page of ours that begins a letter to where a `mailto:` link leads. */
export const letterAddress = (mailto: string): string => `/mail?mailto=${encodeURIComponent(mailto)}`

/** A page that is not shown draws nothing: then it is done after this long, milliseconds. */
const hiddenMs = 100

/** Runs work once what has just changed is on the screen: what a click did is seen first. */
export function afterPaint(work: () => void): void {
  let done = false
  const once = () => {
    if (!done) work()
    done = true
  }
  if (!document.hidden) requestAnimationFrame(() => setTimeout(once))
  setTimeout(once, document.hidden ? 0 : hiddenMs)
}

/** Runs work once what has just changed is on the screen: what a click did is seen first. */
export function afterPaint(work: () => void): void {
  if (document.hidden) setTimeout(work)
  else requestAnimationFrame(() => setTimeout(work))
}

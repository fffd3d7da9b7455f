/** A frame that never loads its page is taken away after this, milliseconds. */
const patienceMs = 20_000
/** The frame of the mail printed last, where the browser does not tell that its dialog was closed (Safari). */
let last: HTMLIFrameElement | undefined

/** Prints a mail: its own page in a frame nobody sees, with the head that says who wrote it. Resolves once the dialog was opened; false where that failed. */
export function printMail(url: string): Promise<boolean> {
  last?.remove()
  const frame = (last = document.createElement("iframe"))
  frame.sandbox.add("allow-same-origin", "allow-modals")
  frame.title = ""
  frame.ariaHidden = "true"
  frame.tabIndex = -1
  Object.assign(frame.style, { position: "fixed", insetInlineStart: "-10000px", width: "800px", height: "600px", border: "0" })
  return new Promise((resolve) => {
    const done = (printed: boolean) => {
      clearTimeout(timer)
      resolve(printed)
      // The dialog needs the page until it is closed.
      if (printed) frame.contentWindow?.addEventListener("afterprint", () => setTimeout(() => frame.remove()), { once: true })
      else frame.remove()
    }
    const timer = setTimeout(() => done(false), patienceMs)
    frame.addEventListener("load", () => {
      const page = frame.contentWindow
      if (!page || frame.contentDocument?.contentType !== "text/html") return done(false)
      done(true)
      page.focus()
      page.print()
    }, { once: true })
    frame.src = url
    document.body.append(frame)
  })
}

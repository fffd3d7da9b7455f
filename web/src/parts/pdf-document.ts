import { getDocument, GlobalWorkerOptions, PasswordException, TextLayer, type PDFDocumentProxy } from "pdfjs-dist/legacy/build/pdf.mjs"
import workerUrl from "pdfjs-dist/legacy/build/pdf.worker.min.mjs?url"

GlobalWorkerOptions.workerSrc = workerUrl

/** Larger pictures in a page are left out, pixels. */
const maxImageSize = 100_000_000

/** A PDF taken apart in a worker from this very server. Nothing in it is run, and nothing is fetched for it: fonts that are not in it are the system's. */
export async function openPdf(address: string, signal: AbortSignal): Promise<PDFDocumentProxy> {
  const answer = await fetch(address, { credentials: "same-origin", signal })
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`)
  const task = getDocument({ data: await answer.arrayBuffer(), useWasm: false, useWorkerFetch: false, useSystemFonts: true, enableXfa: false, maxImageSize, verbosity: 0 })
  signal.addEventListener("abort", () => void task.destroy())
  return task.promise
}

/** Whether it asks for a password. */
export function isLocked(error: unknown): boolean {
  return error instanceof PasswordException
}

/** Draws a page so that it is `scale` times its size, sharp on this screen, with its text over it for readers and copying. Answers how to stop; `done` fails where the page cannot be drawn. */
export function drawPage(document: PDFDocumentProxy, number: number, scale: number, canvas: HTMLCanvasElement, text: HTMLElement): { readonly done: Promise<void>; stop(): void } {
  let stopped = false
  let stop = () => undefined as void
  const draw = async () => {
    const page = await document.getPage(number)
    if (stopped) return
    const viewport = page.getViewport({ scale })
    // Very large canvases are blank in browsers; sharpness gives way.
    const density = Math.min(devicePixelRatio, Math.sqrt(16_000_000 / (viewport.width * viewport.height)))
    canvas.width = Math.floor(viewport.width * density)
    canvas.height = Math.floor(viewport.height * density)
    canvas.style.width = `${Math.floor(viewport.width)}px`
    canvas.style.height = `${Math.floor(viewport.height)}px`
    const drawing = page.render({ canvas, viewport, transform: [density, 0, 0, density, 0, 0] })
    text.replaceChildren()
    text.style.setProperty("--total-scale-factor", String(scale))
    const layer = new TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport })
    stop = () => {
      drawing.cancel()
      layer.cancel()
    }
    await Promise.all([drawing.promise, layer.render()])
  }
  const done = draw().catch((error: unknown) => {
    if (!stopped) throw error
  })
  return {
    done,
    stop: () => {
      stopped = true
      stop()
    },
  }
}

/** Width and height of a page at its own size. */
export async function pageSize(document: PDFDocumentProxy, number: number): Promise<{ width: number; height: number }> {
  const { width, height } = (await document.getPage(number)).getViewport({ scale: 1 })
  return { width, height }
}

export type { PDFDocumentProxy }

import { onScopeDispose } from "vue"

/**
 * Listens to server-sent events while the surrounding component or effect scope lives. `reopened` runs when the
 * connection came back after a break, because what happened meanwhile was missed. Connections that the server refused
 * for good are tried again every 15 s.
 */
export function useStream(url: string, listeners: Readonly<Record<string, (data: string) => void>>, reopened: () => void): void {
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let broken = false

  const open = () => {
    source = new EventSource(url)
    for (const [name, listener] of Object.entries(listeners)) source.addEventListener(name, (event) => listener(String(event.data)))
    source.addEventListener("open", () => {
      if (broken) reopened()
      broken = false
    })
    source.addEventListener("error", () => {
      broken = true
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(open, 15_000)
    })
  }
  open()
  onScopeDispose(() => {
    clearTimeout(timer)
    source?.close()
  })
}

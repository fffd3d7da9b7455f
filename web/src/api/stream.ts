import { onScopeDispose } from "vue"
import { SharedStream, type StreamListener } from "../live/shared-stream.ts"
import { useSession } from "../stores/session.ts"

const streams = new Map<string, SharedStream>()

/** Listens to a stream until the answered function is called; the browser has one connection for each address, shared by its tabs. */
export function listen(url: string, user: string, listener: StreamListener): { readonly stream: SharedStream; stop(): void } {
  const name = `${user} ${url}`
  let stream = streams.get(name)
  if (!stream) streams.set(name, (stream = new SharedStream(url, name)))
  const used = stream
  used.add(listener)
  return {
    stream: used,
    stop: () => {
      if (!used.remove(listener)) return
      streams.delete(name)
      used.end()
    },
  }
}

/**
 * Listens to server-sent events while the surrounding component or effect scope lives. `reopened` runs when the
 * connection came back after a break, because what happened meanwhile was missed.
 */
export function useStream(url: string, listeners: Readonly<Record<string, (data: string) => void>>, reopened: () => void): void {
  const { stop } = listen(url, useSession().address, {
    event: (name, data) => listeners[name]?.(data),
    open: (again) => again && reopened(),
    lost: () => undefined,
  })
  onScopeDispose(stop)
}

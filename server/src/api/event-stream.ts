import type { FastifyReply, FastifyRequest } from "fastify"
import { ApiError } from "@lifeboat/shared/api-errors"
import type { Sessions } from "../identity/sessions.ts"
import { callerOf } from "./caller.ts"

/** An event, not a comment: pages count on it to notice a connection that died in silence (sleep, a lost network). */
const heartbeatMs = 15_000
/** A reader that lets more than this pile up, bytes, is cut off; browsers come back by themselves. */
const maxPending = 1_048_576
const maxPerUser = 20

/** Server-sent events of one caller. */
export interface EventStream {
  send(event: string, data: unknown): void
}

/** Opens server-sent event streams, bounded per user, each ending with its session and with the server. */
export class EventStreams {
  readonly #sessions: Sessions
  readonly #open = new Map<string, Set<() => void>>()

  constructor(sessions: Sessions) {
    this.#sessions = sessions
  }

  /** Turns the reply into a stream. `begin` starts what feeds it and returns how to stop that. */
  async open(request: FastifyRequest, reply: FastifyReply, begin: (stream: EventStream) => (() => void) | Promise<() => void>): Promise<void> {
    const { user, session } = callerOf(request)
    const mine = this.#open.get(user._id) ?? new Set()
    if (mine.size >= maxPerUser) throw new ApiError("too-many-attempts", "Too many windows of you are open.")
    this.#open.set(user._id, mine)
    const { raw } = reply
    let ended = false
    let stop: (() => void) | undefined
    const end = () => {
      if (ended) return
      ended = true
      clearInterval(heartbeat)
      mine.delete(end)
      if (mine.size === 0) this.#open.delete(user._id)
      stop?.()
      raw.end()
    }
    const write = (text: string) => {
      if (ended) return
      if (raw.writableLength > maxPending) return void raw.destroy()
      raw.write(text)
    }
    const heartbeat = setInterval(() => {
      write("event: alive\ndata: {}\n\n")
      void this.#sessions.exists(session).then((exists) => (exists ? undefined : end()), () => undefined)
    }, heartbeatMs)
    mine.add(end)
    raw.on("close", end)
    raw.on("error", end)
    try {
      stop = await begin({ send: (event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`) })
    } catch (error) {
      clearInterval(heartbeat)
      mine.delete(end)
      throw error
    }
    reply.hijack()
    raw.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store", "x-accel-buffering": "no", connection: "keep-alive" })
    write("retry: 2000\n\n")
    if (ended) stop()
  }

  closeAll(): void {
    for (const streams of this.#open.values()) for (const end of [...streams]) end()
  }
}

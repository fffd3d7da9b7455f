import type { NextHop } from "./smtp-opening.ts"
import type { SmtpConnection } from "./smtp-connection.ts"
import { SmtpFailure } from "./smtp-failure.ts"

export interface PoolLimits {
  /** Connections to one next hop at a time. */
  readonly connections: number
  /** An idle connection is closed after that many milliseconds. */
  readonly idleMs: number
  /** Transactions on one connection before it is closed. */
  readonly transactions: number
}

export const defaultPoolLimits: PoolLimits = { connections: 10, idleMs: 10_000, transactions: 1_000 }

/** How long a transaction may go on when this node stops, milliseconds. */
const stopGrace = 5_000

/** How long a server's own limit of connections is kept to before more are tried, milliseconds. */
const ceilingMs = 10_000

type Connect = (signal: AbortSignal) => Promise<SmtpConnection>

interface Waiter {
  /** A connection that has become free; undefined: room for a new one. */
  readonly grant: (connection: SmtpConnection | undefined) => void
  readonly refuse: (error: unknown) => void
}

/** Connections to one next hop: at most so many, used again while they last, closed when idle. */
export class ConnectionPool {
  readonly #connect: Connect
  readonly #limits: PoolLimits
  #limit: number
  /** Connections in use or being opened. */
  #busy = 0
  /** The one used last at the end: it is taken first, so that needless ones grow old. */
  #idle: { readonly connection: SmtpConnection; readonly since: number }[] = []
  #waiting: Waiter[] = []
  #idleTimer: NodeJS.Timeout | undefined
  /** The server refused a further connection while these were open: it has a limit of its own, which is no failure. */
  #ceiling = { connections: Infinity, until: 0 }
  #closed = false

  constructor(connect: Connect, limits: PoolLimits = defaultPoolLimits) {
    this.#connect = connect
    this.#limits = limits
    this.#limit = limits.connections
  }

  /** Connections open now, idle ones included. */
  get size(): number {
    return this.#busy + this.#idle.length
  }

  /** Whether it can be forgotten: nothing open, nobody waiting, the limit as it was. */
  get empty(): boolean {
    return this.size === 0 && this.#waiting.length === 0 && this.#limit === this.#limits.connections
  }

  /** The most connections from now on, at least 1; those in use finish their transaction first. */
  setLimit(connections: number): void {
    this.#limit = Math.max(1, Math.floor(connections))
    while (this.size > this.#limit && this.#idle.length > 0) this.#idle.shift()?.connection.quit()
    this.#wakeForRoom()
  }

  /**
   * Runs `work` with a connection of its own, waiting for one if need be. `reused`: it has served before, so the server
   * may have closed it meanwhile. `fresh` asks for a new one. Rejects with the failure to connect; all who wait share it.
   * `signal` ends waiting and connecting at once; work that has begun gets a few seconds to finish, because cutting it
   * off after the final dot would make a second copy likely.
   */
  async use<T>(work: (connection: SmtpConnection, reused: boolean) => Promise<T>, signal: AbortSignal, fresh = false): Promise<T> {
    const connection = await this.#acquire(signal, fresh)
    let grace: NodeJS.Timeout | undefined
    const onAbort = () => {
      grace = setTimeout(() => connection.destroy("aborted", "stopping"), stopGrace)
    }
    signal.addEventListener("abort", onAbort)
    try {
      return await work(connection, connection.transactions > 0)
    } catch (error) {
      connection.destroy()
      throw error
    } finally {
      signal.removeEventListener("abort", onAbort)
      clearTimeout(grace)
      this.#release(connection)
    }
  }

  /** Closes idle connections now, the others as they become free; nobody gets a new one. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#idleTimer)
    this.dropIdle()
    for (const waiter of this.#waiting.splice(0)) waiter.refuse(stopping())
  }

  /** Closes idle connections: one of them was found dead. */
  dropIdle(): void {
    for (const { connection } of this.#idle.splice(0)) connection.quit()
  }

  async #acquire(signal: AbortSignal, fresh: boolean): Promise<SmtpConnection> {
    for (;;) {
      if (this.#closed || signal.aborted) throw stopping()
      const free = fresh ? undefined : this.#takeIdle()
      if (free) return free
      if (fresh && !this.#hasRoom) this.#idle.shift()?.connection.quit()
      if (this.#hasRoom) {
        this.#busy++
      } else {
        const granted = await this.#wait(signal)
        if (granted && !fresh && granted.usable) return granted
        granted?.quit()
      }
      try {
        return await this.#connect(signal)
      } catch (error) {
        this.#busy--
        const takesNoMore = error instanceof SmtpFailure && error.reply !== undefined && this.size > 0
        if (!takesNoMore) {
          for (const waiter of this.#waiting.splice(0)) waiter.refuse(error)
          throw error
        }
        this.#ceiling = { connections: this.size, until: performance.now() + ceilingMs }
      }
    }
  }

  get #hasRoom(): boolean {
    const ceiling = performance.now() < this.#ceiling.until ? this.#ceiling.connections : Infinity
    return this.size < Math.min(this.#limit, ceiling)
  }

  /** Waits for a place; it is counted as busy when granted. */
  #wait(signal: AbortSignal): Promise<SmtpConnection | undefined> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        grant: (connection) => {
          signal.removeEventListener("abort", onAbort)
          resolve(connection)
        },
        refuse: (error) => {
          signal.removeEventListener("abort", onAbort)
          reject(error)
        },
      }
      const onAbort = () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter)
        reject(stopping())
      }
      signal.addEventListener("abort", onAbort, { once: true })
      this.#waiting.push(waiter)
    })
  }

  #takeIdle(): SmtpConnection | undefined {
    for (let entry = this.#idle.pop(); entry; entry = this.#idle.pop()) {
      const { connection } = entry
      if (connection.usable) {
        this.#busy++
        return connection
      }
      connection.quit()
    }
    return undefined
  }

  #release(connection: SmtpConnection): void {
    const keep = connection.usable && !this.#closed && connection.transactions < this.#limits.transactions && this.size <= this.#limit
    const waiter = keep ? this.#waiting.shift() : undefined
    if (waiter) return waiter.grant(connection)
    this.#busy--
    if (keep) {
      this.#idle.push({ connection, since: performance.now() })
      this.#watchIdle()
    } else {
      connection.quit()
    }
    this.#wakeForRoom()
  }

  #wakeForRoom(): void {
    while (this.#waiting.length > 0 && this.#hasRoom) {
      this.#busy++
      this.#waiting.shift()?.grant(undefined)
    }
  }

  #watchIdle(): void {
    if (this.#idleTimer || this.#idle.length === 0) return
    const oldest = this.#idle[0]?.since ?? 0
    this.#idleTimer = setTimeout(
      () => {
        this.#idleTimer = undefined
        const limit = performance.now() - this.#limits.idleMs
        while ((this.#idle[0]?.since ?? Infinity) <= limit) this.#idle.shift()?.connection.quit()
        this.#watchIdle()
      },
      Math.max(1, oldest + this.#limits.idleMs - performance.now()),
    )
    this.#idleTimer.unref()
  }
}

/** The pools of all next hops, by address, TLS policy and user. */
export class ConnectionPools {
  readonly #open: (hop: NextHop, signal: AbortSignal) => Promise<SmtpConnection>
  readonly #limits: PoolLimits
  readonly #pools = new Map<string, ConnectionPool>()
  #closed = false

  constructor(open: (hop: NextHop, signal: AbortSignal) => Promise<SmtpConnection>, limits: PoolLimits = defaultPoolLimits) {
    this.#open = open
    this.#limits = limits
  }

  /** The pool of a next hop, made when first asked for. */
  for(hop: NextHop): ConnectionPool {
    const key = JSON.stringify([hop.host, hop.port, hop.servername ?? null, hop.tls, hop.auth?.user ?? null, hop.auth?.password ?? null])
    const known = this.#pools.get(key)
    if (known) return known
    if (this.#pools.size >= poolsKept) {
      for (const [other, pool] of this.#pools) if (pool.empty) this.#pools.delete(other)
    }
    const pool = new ConnectionPool((signal) => this.#open(hop, signal), this.#limits)
    if (this.#closed) pool.close()
    this.#pools.set(key, pool)
    return pool
  }

  /** Closes all pools, for good. */
  close(): void {
    this.#closed = true
    for (const pool of this.#pools.values()) pool.close()
    this.#pools.clear()
  }
}

const poolsKept = 1_000

function stopping(): SmtpFailure {
  return new SmtpFailure("connect", "aborted", "not tried: this node is stopping")
}

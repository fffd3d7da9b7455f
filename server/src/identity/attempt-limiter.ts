import { isIPv6 } from "node:net"

interface Attempts {
  failures: number
  lastAt: number
  openAt: number
}

/** Failures that are free, then a delay that doubles from `firstMs` up to `maxMs`; all forgotten `forgetMs` after the last. */
interface Rule {
  readonly free: number
  readonly firstMs: number
  readonly maxMs: number
}

const rules = {
  /** One account from one address. */
  pair: { free: 5, firstMs: 1_000, maxMs: 60_000 },
  /** One network, whatever the account. */
  network: { free: 50, firstMs: 500, maxMs: 30_000 },
  /** One account from everywhere: holds back only addresses that never signed in to it. */
  account: { free: 30, firstMs: 1_000, maxMs: 60_000 },
} as const satisfies Record<string, Rule>

const forgetMs = 15 * 60_000
const trustMs = 30 * 24 * 3_600_000
const maxKeys = 50_000

/**
 * Slows guessing down without a lock that a stranger could trigger: every wrong password lengthens the time until the
 * next try, per account and address, per network, and per account for addresses that never signed in to it. Kept in
 * memory, bounded; `now` is in milliseconds.
 */
export class AttemptLimiter {
  readonly #attempts = new Map<string, Attempts>()
  readonly #trusted = new Map<string, number>()

  /** Milliseconds to wait before the next try of this account from this address counts; 0: go ahead. */
  waitMs(account: string, address: string, now: number): number {
    const network = networkOf(address)
    const waits = [this.#wait(`pair ${account} ${address}`, now), this.#wait(`network ${network}`, now)]
    const trustedAt = this.#trusted.get(`${account} ${network}`)
    if (trustedAt === undefined || now - trustedAt > trustMs) waits.push(this.#wait(`account ${account}`, now))
    return Math.max(...waits)
  }

  /** Counts a try as wrong, before it is checked, so that tries at the same time count too. `succeeded` takes it back. */
  begun(account: string, address: string, now: number): void {
    this.#count(`pair ${account} ${address}`, rules.pair, now)
    this.#count(`network ${networkOf(address)}`, rules.network, now)
    this.#count(`account ${account}`, rules.account, now)
  }

  succeeded(account: string, address: string, now: number): void {
    this.#attempts.delete(`pair ${account} ${address}`)
    this.#takeBack(`network ${networkOf(address)}`)
    this.#takeBack(`account ${account}`)
    put(this.#trusted, `${account} ${networkOf(address)}`, now)
  }

  #takeBack(key: string): void {
    const attempts = this.#attempts.get(key)
    if (!attempts) return
    if (attempts.failures <= 1) this.#attempts.delete(key)
    else this.#attempts.set(key, { ...attempts, failures: attempts.failures - 1, openAt: attempts.lastAt })
  }

  #wait(key: string, now: number): number {
    const attempts = this.#attempts.get(key)
    return attempts ? Math.max(0, attempts.openAt - now) : 0
  }

  #count(key: string, rule: Rule, now: number): void {
    const before = this.#attempts.get(key)
    const failures = before && now - before.lastAt < forgetMs ? before.failures + 1 : 1
    const over = failures - rule.free
    const delay = over < 0 ? 0 : Math.min(rule.maxMs, rule.firstMs * 2 ** Math.min(over, 20))
    put(this.#attempts, key, { failures, lastAt: now, openAt: now + delay })
  }
}

/** The network an address is counted with: /24 of IPv4, /64 of IPv6. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  const plain = mapped?.[1] ?? address
  if (!isIPv6(plain)) return plain.split(".").slice(0, 3).join(".")
  const [head = "", tail] = plain.split("%")[0]?.split("::") ?? []
  const left = head === "" ? [] : head.split(":")
  const right = tail === undefined || tail === "" ? [] : tail.split(":")
  const groups = tail === undefined ? left : [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0"), ...right]
  return groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(":")
}

/** Sets the newest entry and drops the oldest beyond the bound. */
function put<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= maxKeys) return
  const oldest = map.keys().next()
  if (!oldest.done) map.delete(oldest.value)
}

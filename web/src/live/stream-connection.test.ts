import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { type Source, StreamConnection } from "./stream-connection.ts"

class FakeSource implements Source {
  readyState = 0
  readonly #listeners = new Map<string, (event: { data?: unknown }) => void>()
  addEventListener(name: string, listener: (event: { data?: unknown }) => void) {
    this.#listeners.set(name, listener)
  }
  say(name: string, data?: unknown) {
    if (name === "open") this.readyState = 1
    this.#listeners.get(name)?.({ data })
  }
  fail(readyState: number) {
    this.readyState = readyState
    this.say("error")
  }
  close() {
    this.readyState = 2
  }
}

let sources: FakeSource[]
let told: string[]
let signedIn: boolean
const connect = (gap = false) =>
  new StreamConnection(
    { open: () => sources[sources.push(new FakeSource()) - 1]!, now: () => Date.now(), signedIn: () => Promise.resolve(signedIn) },
    { event: (name, data) => told.push(`${name} ${data}`), open: (again) => told.push(again ? "again" : "open"), lost: () => told.push("lost") },
    gap,
  )
const last = () => sources.at(-1)!

beforeEach(() => {
  vi.useFakeTimers()
  sources = []
  told = []
  signedIn = true
})
afterEach(() => vi.useRealTimers())

describe("a stream", () => {
  it("passes events on, but not the heartbeat", () => {
    connect()
    last().say("open")
    last().say("mailbox", "{}")
    last().say("alive", "{}")
    expect(told).toEqual(["open", "mailbox {}"])
  })

  it("says that something was missed once it is back", () => {
    connect()
    last().say("open")
    last().fail(0)
    last().say("open")
    expect(told).toEqual(["open", "lost", "again"])
    connect(true)
    last().say("open")
    expect(told.at(-1)).toBe("again")
  })

  it("is asked for again when it was refused, ever more patiently, but not when nobody is signed in", async () => {
    connect()
    for (const wait of [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
      const before = sources.length
      last().fail(2)
      await vi.advanceTimersByTimeAsync(wait - 1)
      expect(sources).toHaveLength(before)
      await vi.advanceTimersByTimeAsync(1)
      expect(sources).toHaveLength(before + 1)
    }
    signedIn = false
    const before = sources.length
    last().fail(2)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sources).toHaveLength(before)
  })

  it("that is silent is opened anew; one that beats is left alone", async () => {
    connect()
    last().say("open")
    for (let n = 0; n < 8; n++) {
      await vi.advanceTimersByTimeAsync(15_000)
      last().say("alive")
    }
    expect(sources).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(46_000)
    expect(sources).toHaveLength(2)
    expect(sources[0]?.readyState).toBe(2)
    last().say("open")
    expect(told).toEqual(["open", "lost", "again"])
  })

  it("is doubted sooner after sleep, and let go while there is no network", async () => {
    const connection = connect()
    last().say("open")
    connection.wake()
    expect(sources).toHaveLength(1)
    vi.setSystemTime(Date.now() + 25_000)
    connection.wake()
    expect(sources).toHaveLength(2)
    connection.sleep()
    expect(last().readyState).toBe(2)
    connection.wake()
    expect(sources).toHaveLength(3)
  })

  it("that was ended stays so", async () => {
    const connection = connect()
    last().say("open")
    connection.end()
    last().say("mailbox", "{}")
    await vi.advanceTimersByTimeAsync(120_000)
    connection.wake()
    expect([told, sources.length]).toEqual([["open"], 1])
  })
})

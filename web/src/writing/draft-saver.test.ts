import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { DraftSaver, nextSaveIn, type SaveState } from "./draft-saver.ts"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function saver(save: () => Promise<boolean>) {
  const states: SaveState[] = []
  const made = new DraftSaver({
    save, changed: (state) => states.push(state), now: () => Date.now(),
    later: (run, milliseconds) => { const timer = setTimeout(run, milliseconds); return () => clearTimeout(timer) },
  })
  return { saver: made, states }
}

it("waits for 3 s, longer for what is slow, and backs off while it fails", () => {
  expect(nextSaveIn({ lastDuration: 20, failures: 0 })).toBe(3_000)
  expect(nextSaveIn({ lastDuration: 2_000, failures: 0 })).toBe(12_000)
  expect([1, 2, 3, 9].map((failures) => nextSaveIn({ lastDuration: 20, failures }))).toEqual([4_000, 8_000, 16_000, 60_000])
})

it("saves once for many changes", async () => {
  const save = vi.fn(() => Promise.resolve(true))
  const { saver: made, states } = saver(save)
  made.touch()
  await vi.advanceTimersByTimeAsync(1_000)
  made.touch()
  await vi.advanceTimersByTimeAsync(2_100)
  expect(save).toHaveBeenCalledTimes(1)
  expect(states.at(-1)).toBe("clean")
  await vi.advanceTimersByTimeAsync(60_000)
  expect(save).toHaveBeenCalledTimes(1)
})

it("never saves twice at once, and saves again what changed meanwhile", async () => {
  let under = 0
  let most = 0
  const { saver: made } = saver(async () => {
    most = Math.max(most, ++under)
    await new Promise((resolve) => setTimeout(resolve, 500))
    under--
    return true
  })
  made.touch()
  await vi.advanceTimersByTimeAsync(3_100)
  made.touch()
  const all = made.flush()
  await vi.advanceTimersByTimeAsync(2_000)
  expect(await all).toBe(true)
  expect(made.clean).toBe(true)
  expect(most).toBe(1)
})

it("goes on by itself after failures", async () => {
  let broken = true
  const { saver: made, states } = saver(() => (broken ? Promise.reject(new Error("down")) : Promise.resolve(true)))
  made.touch()
  await vi.advanceTimersByTimeAsync(3_100)
  expect(states.at(-1)).toBe("failed")
  broken = false
  await vi.advanceTimersByTimeAsync(4_100)
  expect(made.clean).toBe(true)
})

it("asks not again for what cannot be saved as it stands, until it changes", async () => {
  const save = vi.fn(() => Promise.resolve(false))
  const { saver: made, states } = saver(save)
  made.touch()
  await vi.advanceTimersByTimeAsync(100_000)
  expect(save).toHaveBeenCalledTimes(1)
  expect(states.at(-1)).toBe("failed")
  made.touch()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(save).toHaveBeenCalledTimes(2)
})

it("stops for sending and goes on when that failed", async () => {
  const save = vi.fn(() => Promise.resolve(true))
  const { saver: made } = saver(save)
  made.touch()
  await made.stop()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(save).not.toHaveBeenCalled()
  made.resume()
  await vi.advanceTimersByTimeAsync(3_100)
  expect(made.clean).toBe(true)
})

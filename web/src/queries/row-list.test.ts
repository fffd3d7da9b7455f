import { beforeEach, expect, it, vi } from "vitest"
import { RowList, type RowPage } from "./row-list.ts"

interface Call { readonly offset: number; readonly limit: number; readonly count: boolean; readonly signal: AbortSignal; answer(page?: Partial<RowPage<string>>): Promise<void>; fail(): Promise<void> }
let calls: Call[]
let total: number
const gone = new Set<string>()
const settle = () => vi.advanceTimersByTimeAsync(0)

function makeList(): RowList<string> {
  return new RowList<string>({
    keyOf: (row) => row,
    admit: (rows) => rows.filter((row) => !gone.has(row)),
    load: ({ offset, limit, count }, signal) => new Promise((resolve, reject) => {
      const items = Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, index) => `m${offset + index}`)
      calls.push({
        offset,
        limit,
        count,
        signal,
        answer: async (page = {}) => (resolve({ items, total: count ? total : null, exact: true, ...page }), settle()),
        fail: async () => (reject(new Error("refused")), settle()),
      })
    }),
  })
}
const asked = () => calls.filter((call) => !call.signal.aborted).map((call) => `${call.offset}+${call.limit}`)

/** A list of which the head is there. */
async function opened(): Promise<RowList<string>> {
  const list = makeList()
  list.show(0, 12)
  await settle()
  await calls[0]?.answer()
  calls = []
  return list
}

beforeEach(() => {
  vi.useFakeTimers()
  calls = []
  gone.clear()
  total = 100_000
})

it("loads the head first, then what is on the screen, then what is next to it", async () => {
  const list = makeList()
  list.show(0, 12)
  await settle()
  expect([asked(), list.state.loaded]).toEqual([["0+30"], false])
  await calls[0]?.answer()
  expect([list.state.loaded, list.state.total, list.at(3), asked()]).toEqual([true, 100_000, "m3", ["0+30"]])
  await calls[1]?.answer()
  list.show(50_000, 50_012)
  await vi.advanceTimersByTimeAsync(60)
  expect(asked().slice(1)).toEqual(["49998+17"])
  await calls[1]?.answer()
  expect([list.at(50_000), list.at(50_012), asked().slice(2)]).toEqual(["m50000", "m50012", []])
  await vi.advanceTimersByTimeAsync(60)
  expect(asked().slice(2)).toEqual(["49948+50", "50015+50"])
})

it("has its rows counted with the head only, and once more where they may have changed", async () => {
  const list = await opened()
  list.show(500, 512)
  await vi.advanceTimersByTimeAsync(60)
  expect(calls.map(({ offset, count }) => [offset, count])).toEqual([[498, false]])
  await calls[0]?.answer()
  expect([list.at(505), list.state.total]).toEqual(["m505", 100_000])
  total++
  void list.refresh()
  await settle()
  expect(calls.slice(1).map(({ offset, count }) => [offset, count])).toEqual([[0, true], [498, true]])
})

it("does not let somebody wait for what is loaded ahead", async () => {
  const list = await opened()
  list.show(10, 22)
  await vi.advanceTimersByTimeAsync(60)
  expect(asked()).toEqual(["30+50"])
  list.show(50_000, 50_012)
  expect(asked()).toContain("49998+17")
})

it("loads on before somebody gets to the end of what is there, each place once", async () => {
  const list = await opened()
  for (let at = 1; at <= 60; at++) {
    list.show(at, at + 12)
    await vi.advanceTimersByTimeAsync(60)
  }
  expect(asked()).toEqual(["30+50"])
  await calls[0]?.answer()
  list.show(1_000, 1_012)
  for (let at = 1_000; at >= 955; at--) {
    list.show(at, at + 12)
    await vi.advanceTimersByTimeAsync(60)
    for (const call of [...calls]) await call.answer()
  }
  expect(asked().slice(1)).toEqual(["998+17", "948+50", "1015+50", "898+50"])
})

it("does not ask for ever for what the server leaves out", async () => {
  const list = await opened()
  list.show(500, 512)
  for (let turn = 0; turn < 20; turn++) {
    await vi.advanceTimersByTimeAsync(60)
    await calls.at(-1)?.answer({ items: [`m${calls.at(-1)?.offset}`] })
  }
  expect(calls.length).toBeLessThan(6)
})

it("a screen that holds more than a request is loaded by several", async () => {
  const list = await opened()
  list.show(1_000, 1_119)
  await vi.advanceTimersByTimeAsync(60)
  expect(asked()).toEqual(["998+50", "1048+50", "1098+50"])
})

it("gives up what was scrolled past, and asks no more often than every 50 ms", async () => {
  const list = await opened()
  await vi.advanceTimersByTimeAsync(60)
  for (let at = 1_000; at <= 20_000; at += 1_000) list.show(at, at + 12)
  await vi.advanceTimersByTimeAsync(60)
  expect(calls.length).toBeLessThanOrEqual(3)
  expect(asked()).toEqual(["19998+17"])
  expect(calls[0]?.signal.aborted).toBe(true)
})

it("a refresh asks for the head and the screen again and keeps what is shown until then", async () => {
  const list = await opened()
  total = 100_001
  void list.refresh()
  await settle()
  expect([list.at(3), list.state.loading]).toEqual(["m3", true])
  await calls[0]?.answer({ items: ["new", ...Array.from({ length: 49 }, (_, index) => `m${index}`)] })
  expect([list.at(0), list.at(4), list.state.moved, list.state.total]).toEqual(["new", "m3", 1, 100_001])
})

it("has all between two places, also where a shorter request for them is under way", async () => {
  const list = await opened()
  list.show(1_002, 1_014)
  await vi.advanceTimersByTimeAsync(60)
  const all = list.ensure(1_000, 1_040)
  expect(asked()).toEqual(["1000+17"])
  await calls[0]?.answer()
  for (const call of calls.slice(1)) await call.answer()
  await all
  expect([list.at(1_000), list.at(1_040)]).toEqual(["m1000", "m1040"])
})

it("what was taken out stays out, although the server still counts it", async () => {
  total = 3
  const list = makeList()
  list.show(0, 12)
  await settle()
  await calls[0]?.answer()
  gone.add("m1")
  const out = list.takeOut((row) => row === "m1")
  expect([list.state.total, list.at(1)]).toEqual([2, "m2"])
  void list.refresh()
  await settle()
  await calls[1]?.answer()
  expect([list.state.total, list.at(1)]).toEqual([2, "m2"])
  list.settled()
  void list.refresh()
  await settle()
  await calls[2]?.answer()
  expect([list.state.total, list.at(1), list.at(2)], "a late answer").toEqual([2, "m2", undefined])
  gone.delete("m1")
  list.takeOut(() => false)
  list.putBack(out)
  expect([list.state.total, list.at(1)]).toEqual([3, "m1"])
})

it("says what went wrong, and mends it with the next answer", async () => {
  const list = makeList()
  list.show(0, 12)
  await settle()
  await calls[0]?.fail()
  expect([list.state.loaded, list.state.error]).toEqual([false, new Error("refused")])
  void list.refresh()
  await settle()
  await calls[1]?.answer()
  expect([list.state.loaded, list.state.error]).toEqual([true, undefined])
})

it("begins with the rows of another search where the letters added change nothing, and asks all the same", async () => {
  total = 3
  const before = makeList()
  void before.refresh()
  await calls[0]?.answer({ goesOn: "tron" })
  const [other, more, rest] = [makeList(), makeList(), makeList()]
  expect([other.takeOver(before, "n"), other.takeOver(before, ""), other.state.loaded]).toEqual([false, false, false])
  expect([more.takeOver(before, "tr"), more.state.loaded, more.state.total, more.at(1)]).toEqual([true, true, 3, "m1"])
  expect([rest.takeOver(more, "on"), rest.at(2)]).toEqual([true, "m2"])
  void more.refresh()
  expect(asked()).toEqual(["0+30", "0+30"])
  await calls[1]?.answer({ items: ["m0"], total: 1 })
  expect([more.state.total, more.at(0), more.at(1), before.at(1)]).toEqual([1, "m0", undefined, "m1"])
})

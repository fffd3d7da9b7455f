import { describe, expect, it } from "vitest"
import { listHeight, scrollBy, scrollTo, windowOf } from "./list-window.ts"

const at = (scrollTop: number, total = 100_000) => ({ scrollTop, view: 600, row: 78, total })

describe("what is seen of a list", () => {
  it("is a few rows, wherever one looks", () => {
    expect(windowOf(at(0), 6)).toEqual({ first: 0, last: 7, from: 0, to: 13, top: 0 })
    expect(windowOf(at(78 * 50_000 + 10), 6)).toEqual({ first: 50_000, last: 50_007, from: 49_994, to: 50_013, top: 78 * 49_994 })
    const end = windowOf(at(78 * 100_000 - 600), 6)
    expect([end.last, end.to]).toEqual([99_999, 99_999])
  })
  it("is nothing of an empty list", () => expect(windowOf(at(0, 0), 6).to).toBe(-1))
  it("reaches the last of ten million rows, though no element can be so tall", () => {
    const total = 10_000_000
    expect(listHeight({ row: 78, total })).toBe(12_000_000)
    const end = windowOf(at(12_000_000 - 600, total), 6)
    expect(end.last).toBe(total - 1)
    expect(end.top + (end.last - end.from + 1) * 78).toBeCloseTo(12_000_000, 3)
    const middle = scrollTo(5_000_000, at(0, total))
    expect(windowOf(at(middle, total), 6).last).toBe(5_000_000)
  })
  it("moves no more than needed to show a row", () => {
    expect(scrollTo(3, at(100))).toBe(100)
    expect(scrollTo(0, at(100))).toBe(0)
    expect(scrollTo(10, at(0))).toBe(11 * 78 - 600)
  })
  it("stays when rows come above, but shows them at the top", () => {
    expect(scrollBy(2, at(1_000))).toBe(1_156)
    expect(scrollBy(2, at(0))).toBe(0)
    expect(scrollBy(-20, at(1_000))).toBe(0)
  })
})

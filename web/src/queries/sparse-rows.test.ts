import { expect, it } from "vitest"
import { SparseRows } from "./sparse-rows.ts"

const page = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `m${from + index}`)
const rowsOf = (total: number) => {
  const rows = new SparseRows<string>((row) => row)
  rows.lay({ offset: 0, rows: page(0, 50), total, elsewhere: false, round: 1 }, 0)
  return rows
}
const shown = (rows: SparseRows<string>, from: number, to: number) => Array.from({ length: to - from }, (_, index) => rows.at(from + index))

it("knows its length at once and asks for what is missing only", () => {
  const rows = rowsOf(100_000)
  expect([rows.total, rows.at(49), rows.at(50), rows.at(99_999)]).toEqual([100_000, "m49", undefined, undefined])
  expect(rows.missing(0, 30, 1)).toBeUndefined()
  expect(rows.missing(40, 70, 1)).toEqual([50, 70])
  expect(rows.missing(99_990, 200_000, 1)).toEqual([99_990, 99_999])
  expect(rows.missing(0, 30, 2)).toEqual([0, 30])
})

it("new mail above moves what is on the screen, and says by how much", () => {
  const rows = rowsOf(1_000)
  rows.lay({ offset: 400, rows: page(400, 450), total: 1_000, elsewhere: false, round: 1 }, 410)
  expect(rows.lay({ offset: 400, rows: ["m398", "m399", ...page(400, 448)], total: 1_002, elsewhere: false, round: 2 }, 410)).toBe(2)
  expect(rows.at(412)).toBe("m410")
  expect(rows.at(2)).toBe("m0")
  expect(rows.lay({ offset: 0, rows: ["new2", "new1", ...page(0, 48)], total: 1_002, elsewhere: false, round: 2 }, 412)).toBe(0)
  expect(shown(rows, 0, 3)).toEqual(["new2", "new1", "m0"])
  expect(rows.at(412)).toBe("m410")
})

it("the head alone, asked for again, moves what lies below it too", () => {
  const rows = rowsOf(1_000)
  rows.lay({ offset: 400, rows: page(400, 450), total: 1_000, elsewhere: false, round: 1 }, 410)
  expect(rows.lay({ offset: 0, rows: ["new", ...page(0, 49)], total: 1_001, elsewhere: false, round: 2 }, 410)).toBe(1)
  expect(rows.at(411)).toBe("m410")
  expect(rows.total).toBe(1_001)
})

it("more new mail than a page holds moves by the difference of the totals", () => {
  const rows = rowsOf(1_000)
  expect(rows.lay({ offset: 0, rows: Array.from({ length: 50 }, (_, index) => `n${index}`), total: 1_070, elsewhere: false, round: 2 }, 30)).toBe(70)
  expect([rows.at(0), rows.at(60), rows.at(70), rows.at(119)]).toEqual(["n0", undefined, "m0", "m49"])
})

it("mail that was deleted elsewhere goes, above the screen without moving it", () => {
  const rows = rowsOf(1_000)
  expect(rows.lay({ offset: 0, rows: ["m0", "m1", "m3", ...page(4, 51)], total: 999, elsewhere: false, round: 2 }, 0)).toBe(0)
  expect(shown(rows, 0, 4)).toEqual(["m0", "m1", "m3", "m4"])
  expect([rows.indexOf("m2"), rows.total]).toEqual([-1, 999])
  rows.lay({ offset: 400, rows: page(401, 451), total: 999, elsewhere: false, round: 2 }, 410)
  expect(rows.lay({ offset: 400, rows: page(404, 454), total: 996, elsewhere: false, round: 3 }, 410)).toBe(-3)
  expect(rows.at(407)).toBe("m411")
})

it("a list that became short or empty has no places left over", () => {
  const rows = rowsOf(1_000)
  rows.lay({ offset: 0, rows: ["m7"], total: 1, elsewhere: false, round: 2 }, 0)
  expect([rows.total, rows.at(0), rows.at(1)]).toEqual([1, "m7", undefined])
  rows.lay({ offset: 0, rows: [], total: 0, elsewhere: false, round: 3 }, 0)
  expect(rows.total).toBe(0)
})

it("no row is shown twice", () => {
  const rows = rowsOf(200)
  rows.lay({ offset: 48, rows: ["m49", "m48", ...page(50, 98)], total: 200, elsewhere: false, round: 2 }, 48)
  expect(rows.known().length).toBe(new Set(rows.known()).size)
})

it("what was taken out comes back between its neighbours, also when more has changed meanwhile", () => {
  const rows = rowsOf(60)
  const out = rows.takeOut((row) => row === "m10" || row === "m11")
  expect([rows.total, rows.at(10)]).toEqual([58, "m12"])
  rows.takeOut((row) => row === "m3")
  rows.putBack(out, 1)
  expect(shown(rows, 8, 12)).toEqual(["m9", "m10", "m11", "m12"])
  rows.putBack(out, 1)
  expect(rows.total).toBe(59)
})

it("changes rows without moving any", () => {
  const rows = rowsOf(60)
  expect(rows.change((row) => (row === "m5" ? "M5" : row))).toBe(true)
  expect(rows.change((row) => row)).toBe(false)
  expect(shown(rows, 4, 7)).toEqual(["m4", "M5", "m6"])
})

it("a page that still counts what was taken out here is laid where it fits, and takes no place more", () => {
  const rows = rowsOf(200)
  rows.takeOut((row) => row === "m3")
  expect(rows.lay({ offset: 40, rows: page(40, 90), total: undefined, elsewhere: true, round: 2 }, 0)).toBe(0)
  expect([rows.total, rows.at(39), rows.at(88), rows.indexOf("m3")]).toEqual([199, "m40", "m89", -1])
})

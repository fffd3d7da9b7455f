import { expect, it } from "vitest"
import { readPlace, wayTo, type Way } from "./list-place.ts"

const rows = (total: number) => Array.from({ length: total }, (_, index) => index)
/** A list as the database gives it, with the ways that were gone. */
function list(total: number) {
  const ways: Way[] = []
  const read = (limit: number) => (way: Way) => {
    ways.push(way)
    const all = way.fromEnd ? rows(total).toReversed() : rows(total)
    return Promise.resolve(all.slice(way.skip, way.skip + limit))
  }
  return { ways, at: (name: string, offset: number, limit: number) => readPlace(name, { offset, limit, counting: Promise.resolve(total) }, read(limit)) }
}

it.each([[0, 50, 100_000, false, 0], [4_999, 50, 10_000, false, 4_999], [49_000, 50, 100_000, false, 49_000], [60_000, 50, 100_000, true, 39_950], [99_970, 50, 100_000, false, 99_970], [9_000, 50, 0, false, 9_000]])(
  "to %d, %d rows of %d",
  (offset, limit, total, fromEnd, skip) => expect(wayTo(offset, limit, total)).toEqual({ fromEnd, skip }),
)

it("answers the same rows on either way, begun with what was counted last", async () => {
  const { at, ways } = list(20_000)
  for (let turn = 0; turn < 2; turn++) expect(await at("a", 15_000, 3)).toEqual([15_000, 15_001, 15_002])
  expect(ways).toEqual([{ fromEnd: true, skip: 4_997 }, { fromEnd: true, skip: 4_997 }])
  expect(await at("a", 7_000, 2)).toEqual([7_000, 7_001])
})

it("goes again where mails came or went since it was counted", async () => {
  await list(20_000).at("b", 15_000, 3)
  const grown = list(20_010)
  expect(await grown.at("b", 15_000, 3)).toEqual([15_000, 15_001, 15_002])
  expect(grown.ways.length).toBe(2)
  const shrunk = list(15_002)
  expect(await shrunk.at("b", 15_000, 3)).toEqual([15_000, 15_001])
  const gone = list(10)
  expect(await gone.at("b", 15_000, 3)).toEqual([])
})

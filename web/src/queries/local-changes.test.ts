import { expect, it } from "vitest"
import { LocalChanges } from "./local-changes.ts"

interface Row { readonly id: string; readonly thread: string; readonly seen: boolean; readonly flagged: boolean }
const row = (id: string, seen = false): Row => ({ id, thread: `t${id}`, seen, flagged: false })
const make = () => new LocalChanges<Row, { seen?: boolean; flagged?: boolean }>((each) => [each.id, each.thread])

it("no list brings back what was taken away, however late it is", () => {
  const changes = make()
  changes.take(["1"])
  changes.take(["t2"])
  for (const askedAt of [0, 1_000_000]) expect(changes.admit([row("1"), row("2"), row("3")], askedAt).map(({ id }) => id)).toEqual(["3"])
  changes.giveBack(["1", "t2"])
  expect(changes.admit([row("1"), row("2")], 0)).toHaveLength(2)
})

it("a mark stands until an answer that was asked for after the server's word shows it", () => {
  const changes = make()
  const mark = changes.mark("1", { seen: true })
  expect(changes.admit([row("1")], 10)[0]?.seen).toBe(true)
  mark.settle(20)
  expect(changes.admit([row("1")], 15)[0]?.seen).toBe(true)
  expect(changes.admit([row("1")], 25)[0]?.seen).toBe(true)
  expect(changes.admit([row("1", true)], 30)[0]?.seen).toBe(true)
  expect(changes.admit([row("1", false)], 35)[0]?.seen, "changed elsewhere since").toBe(false)
})

it("after ten seconds the server is right in any case", () => {
  const changes = make()
  changes.mark("1", { seen: true }).settle(0)
  expect(changes.admit([row("1")], 10_001)[0]?.seen).toBe(false)
})

it("a refused mark goes, a later one of the same mail stays", () => {
  const changes = make()
  const first = changes.mark("1", { seen: true })
  const second = changes.mark("1", { seen: false, flagged: true })
  first.drop()
  first.settle(1)
  expect(changes.admit([row("1", true)], 100_000)[0]).toMatchObject({ seen: false, flagged: true })
  second.drop()
  expect(changes.admit([row("1", true)], 100_000)[0]).toMatchObject({ seen: true, flagged: false })
})

import type { MailRow } from "@lifeboat/shared/schemas/mail"
import { expect, it } from "vitest"
import { add, everything, isEmpty, isSelected, nothing, only, range, selectedCount, toggle, without } from "./selection.ts"

const row = (id: string): MailRow => ({ id, folder: "f", subject: "", from: "", to: "", sender: { name: "", address: "" }, date: "2026-01-01T00:00:00.000Z", seen: true, flagged: false, answered: false, draft: false, attachments: false, size: 0, intro: "", thread: "", count: 1, unreadCount: 0, messageId: null })
const entry = (id: string) => [id, row(id)] as const

it("takes rows in and out, and remembers where a range goes out from", () => {
  const one = toggle(nothing, "a", row("a"))
  const two = toggle(one, "b", row("b"))
  expect([isSelected(two, "a"), isSelected(two, "b"), isSelected(two, "c"), two.anchor, selectedCount(two, 10)]).toEqual([true, true, false, "b", 2])
  expect(isEmpty(toggle(toggle(two, "a", row("a")), "b", row("b")))).toBe(true)
})

it("a range replaces what was selected and keeps its anchor", () => {
  const anchored = toggle(nothing, "c", row("c"))
  const ranged = only(anchored, [entry("c"), entry("d"), entry("e")])
  expect([ranged.anchor, selectedCount(ranged, 10)]).toEqual(["c", 3])
  expect(range(2, 4)).toEqual([2, 4])
  expect(range(4, 2)).toEqual([2, 4])
  expect(range(-1, 7)).toEqual([7, 7])
})

it("all of a folder, but for those taken out, also rows that nobody has seen", () => {
  const butOne = toggle(everything, "b", row("b"))
  expect([isSelected(butOne, "a"), isSelected(butOne, "b"), isSelected(butOne, "unseen"), selectedCount(butOne, 12_431)]).toEqual([true, false, true, 12_430])
  expect(selectedCount(add(butOne, [entry("b")]), 12_431)).toBe(12_431)
})

it("what has left the list is selected no more", () => {
  const two = add(nothing, [entry("a"), entry("b")])
  expect([...without(two, (each) => each.id === "a").rows.keys()]).toEqual(["b"])
  expect(without(two, () => false)).toBe(two)
})

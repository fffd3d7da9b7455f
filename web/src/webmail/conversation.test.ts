import { expect, it } from "vitest"
import { openedAtFirst } from "./conversation.ts"

const row = (id: string, seen = true, folder = "in") => ({ id, seen, folder })

it("opens what is unread, the newest, and the chosen one", () => {
  expect([...openedAtFirst([row("1"), row("2", false), row("3"), row("4", true, "sent")], "1")].toSorted()).toEqual(["in/1", "in/2", "sent/4"])
  expect([...openedAtFirst([row("1"), row("1", true, "sent"), row("2")], "sent/1")].toSorted()).toEqual(["in/2", "sent/1"])
  expect([...openedAtFirst([], "x")]).toEqual([])
})
it("does not open hundreds at once", () => {
  expect(openedAtFirst(Array.from({ length: 300 }, (_, n) => row(String(n), false)), "0").size).toBe(21)
})

import { describe, expect, it } from "vitest"
import { joinHead, joinPage, pagedList } from "./paged-list.ts"

interface Item {
  readonly id: string
  readonly text?: string
}
const keyOf = (item: Item) => item.id
const items = (...ids: string[]): Item[] => ids.map((id) => ({ id }))
const ids = (list: readonly Item[]) => list.map(keyOf).join("")

describe("joining pages", () => {
  it("puts a page behind without repeating what shifted", () => {
    expect(ids(joinPage(items("a", "b", "c"), items("c", "d"), keyOf))).toBe("abcd")
  })
  it("takes new and changed items from a fresh head and keeps what lies behind", () => {
    const joined = joinHead([...items("b", "c"), ...items("d", "e")], [{ id: "a" }, { id: "b", text: "new" }, { id: "c" }], false, keyOf)
    expect(ids(joined.items)).toBe("abcde")
    expect(joined.items[1]?.text).toBe("new")
    expect(joined.overlaps).toBe(true)
  })
  it("drops items that the head should hold but does not", () => {
    expect(ids(joinHead(items("a", "b", "c", "d", "e"), items("a", "c", "d"), false, keyOf).items)).toBe("acde")
  })
  it("begins anew when the head does not reach the list", () => {
    const joined = joinHead(items("x", "y"), items("a", "b"), false, keyOf)
    expect(ids(joined.items)).toBe("ab")
    expect(joined.overlaps).toBe(false)
  })
  it("takes a complete head as the whole list", () => {
    expect(ids(joinHead(items("a", "b", "c"), items("a", "b"), true, keyOf).items)).toBe("ab")
    expect(ids(joinHead(items("a"), [], true, keyOf).items)).toBe("")
  })
})

describe("a paged list", () => {
  const pages: Record<string, { items: Item[]; next: string | null }> = { first: { items: items("a", "b"), next: "2" }, "2": { items: items("c"), next: null } }

  it("loads page by page to the end", async () => {
    const list = pagedList<Item>(async (cursor) => pages[cursor ?? "first"]!, keyOf)
    expect(list.loaded).toBe(false)
    await list.refresh()
    expect([ids(list.items), list.more]).toEqual(["ab", true])
    await list.loadMore()
    await list.loadMore()
    expect([ids(list.items), list.more]).toEqual(["abc", false])
  })
  it("never brings back what was removed here", async () => {
    const gone = new Set(["b"])
    const list = pagedList<Item>(async () => pages.first!, keyOf, (all) => all.filter((item) => !gone.has(item.id)))
    await list.refresh()
    expect(ids(list.items)).toBe("a")
  })
  it("keeps its items and its error when a refresh fails, and recovers", async () => {
    let fail = false
    const list = pagedList<Item>(async () => (fail ? Promise.reject(new Error("down")) : pages.first!), keyOf)
    await list.refresh()
    fail = true
    await list.refresh()
    expect([ids(list.items), String(list.error), list.loading]).toEqual(["ab", "Error: down", false])
    fail = false
    await list.refresh()
    expect(list.error).toBeUndefined()
  })
  it("refreshes once more when asked during a refresh", async () => {
    let calls = 0
    const list = pagedList<Item>(async () => (calls++, pages.first!), keyOf)
    await Promise.all([list.refresh(), list.refresh(), list.refresh()])
    expect(calls).toBe(2)
  })
})

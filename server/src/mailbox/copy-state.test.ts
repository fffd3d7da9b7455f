import { describe, expect, it } from "vitest"
import { nextCopyState, trackedChange, type CopyState, type SeenCopy } from "./copy-state.ts"

const seen = (places: SeenCopy["places"], removals: SeenCopy["removals"] = []): SeenCopy => ({ places, removals })

describe("nextCopyState", () => {
  it.each<[CopyState | undefined, SeenCopy, CopyState]>([
    [undefined, seen(["elsewhere"]), "present"],
    ["present", seen(["trash"]), "trash"],
    ["present", seen(["trash", "elsewhere"]), "present"],
    ["trash", seen(["elsewhere"]), "present"],
    ["deleted", seen(["elsewhere"], ["by-user"]), "present"],
    ["present", seen([], ["by-user"]), "deleted"],
    ["trash", seen([], ["by-user"]), "deleted"],
    ["trash", seen([], ["otherwise"]), "gone"],
    ["present", seen([], ["by-user", "otherwise"]), "gone"],
    ["deleted", seen([], ["otherwise"]), "gone"],
    ["deleted", seen([]), "deleted"],
    ["gone", seen([]), "gone"],
    ["present", seen([]), "gone"],
    ["removed", seen([], ["by-user"]), "removed"],
    ["removed", seen(["trash"]), "removed"],
  ])("%s, then %j → %s", (before, now, after) => expect(nextCopyState(before, now)).toBe(after))
})

describe("trackedChange", () => {
  it.each<[CopyState | undefined, CopyState, string | undefined]>([
    ["present", "trash", "deleted-by-user"],
    ["present", "deleted", "deleted-by-user"],
    [undefined, "trash", "deleted-by-user"],
    ["trash", "deleted", undefined],
    ["trash", "present", "restored-by-user"],
    ["deleted", "present", "restored-by-user"],
    ["present", "gone", undefined],
    [undefined, "present", undefined],
    ["present", "present", undefined],
  ])("%s → %s: %s", (before, after, event) => expect(trackedChange(before, after)).toBe(event))
})

import { expect, it } from "vitest"
import { pick } from "./pick.ts"

const ids = ["a", "b", "c", "d"]

it.each([
  ["one", [], "b", true, undefined, false, ["b"]],
  ["one off", ["a", "b"], "b", false, "a", false, ["a"]],
  ["a range down", ["a"], "c", true, "a", true, ["a", "b", "c"]],
  ["a range up, off", ["a", "b", "c", "d"], "b", false, "d", true, ["a"]],
  ["no range without a start", [], "c", true, "gone", true, ["c"]],
] as const)("%s", (_name, chosen, id, on, anchor, range, expected) => expect([...pick(ids, new Set(chosen), id, on, anchor, range)].sort()).toEqual(expected))

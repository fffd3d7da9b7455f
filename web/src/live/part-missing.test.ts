import { expect, it } from "vitest"
import { isReplaced, isUnloaded } from "./part-missing.ts"

const entry = "/assets/index-1.js"
const answer = (status: number): typeof fetch => () => Promise.resolve(new Response(null, { status }))

it("another version is there only where the server says that this one's beginning is gone", async () => {
  expect([await isReplaced(answer(404), entry), await isReplaced(answer(200), entry), await isReplaced(answer(503), entry), await isReplaced(answer(404), undefined)]).toEqual([true, false, false, false])
  expect(await isReplaced(() => Promise.reject(new TypeError("Failed to fetch")), entry)).toBe(false)
})

it.each(["Failed to fetch dynamically imported module: http://x/a.js", "error loading dynamically imported module: http://x/a.js", "Importing a module script failed.", "Unable to preload CSS for /assets/a.css"])("%j is a part that did not come", (message) =>
  expect([isUnloaded(new TypeError(message)), isUnloaded(new TypeError("x is undefined")), isUnloaded("a")]).toEqual([true, false, false]))

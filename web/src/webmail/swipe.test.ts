import { expect, it } from "vitest"
import { isSwipe, swipeEnd } from "./swipe.ts"

it.each([[40, 5, true], [-40, 5, true], [8, 0, false], [40, 35, false], [0, 80, false]])("%d across and %d down: a push is %s", (dx, dy, expected) => expect(isSwipe(dx, dy)).toBe(expected))

it.each([[130, "right"], [-130, "left"], [110, undefined], [-60, undefined]] as const)("let go at %d of 390 pixels: %s", (dx, expected) => expect(swipeEnd(dx, 390)).toBe(expected))

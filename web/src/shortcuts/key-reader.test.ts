import { describe, expect, it } from "vitest"
import { KeyReader, strokeOf, type Stroke } from "./key-reader.ts"
import { ariaKeys, shortcuts } from "./table.ts"

const press = (key: string, held: Partial<Stroke> = {}): Stroke => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, altGraph: false, ...held })
const reader = new KeyReader()

describe("keys", () => {
  it.each([
    ["j", {}, "next"], ["J", {}, "next"], ["#", {}, "remove"], ["Delete", {}, "remove"], ["?", { shiftKey: true }, "help"], ["/", { shiftKey: true }, "search"],
    ["I", { shiftKey: true }, "markRead"], ["U", { shiftKey: true }, "markUnread"], ["z", { ctrlKey: true }, "undo"], ["z", { metaKey: true }, "undo"], ["r", { ctrlKey: true }, "reply"], ["R", { ctrlKey: true, shiftKey: true }, "replyAll"],
    ["q", {}, undefined], ["c", { ctrlKey: true }, undefined], ["c", { altKey: true }, undefined], ["Delete", { shiftKey: true }, undefined], ["Enter", {}, undefined],
  ] as const)("%s %j: %s", (key, held, expected) => expect(reader.read(press(key, held), 0, true)).toBe(expected))

  it("reads sequences that are typed in time, and starts anew after another key", () => {
    const keys = new KeyReader()
    expect([keys.read(press("g"), 0, true), keys.read(press("i"), 500, true)]).toEqual(["begun", "goInbox"])
    expect([keys.read(press("g"), 0, true), keys.read(press("j"), 2_000, true)]).toEqual(["begun", "next"])
    expect([keys.read(press("*", { shiftKey: true }), 0, true), keys.read(press("a"), 1, true)]).toEqual(["begun", "selectAll"])
    expect([keys.read(press("g"), 0, true), keys.read(press("q"), 1, true), keys.read(press("i"), 2, true)]).toEqual(["begun", undefined, undefined])
  })

  it("switched off, only keys with Ctrl and Delete do something", () => {
    expect(["j", "#", "?", "g"].map((key) => reader.read(press(key), 0, false))).toEqual([undefined, undefined, undefined, undefined])
    expect([reader.read(press("z", { ctrlKey: true }), 0, false), reader.read(press("Delete"), 0, false)]).toEqual(["undo", "remove"])
  })

  it("characters of the third level are characters", () => expect(strokeOf(press("[", { ctrlKey: true, altKey: true, altGraph: true }))).toBe("["))
})

describe("the table", () => {
  it("gives no key two meanings, and no sequence begins with a shortcut", () => {
    const keys = shortcuts.flatMap((each) => [...each.keys])
    expect(new Set(keys).size).toBe(keys.length)
    for (const key of keys.filter((each) => each.includes(" "))) expect(keys).not.toContain(key.split(" ")[0])
  })
  it("tells assistive technology single strokes", () => {
    expect(ariaKeys("remove", true)).toBe("# Delete")
    expect(ariaKeys("remove", false)).toBe("Delete")
    expect(ariaKeys("reply", false)).toBe("Control+R")
    expect(ariaKeys("goInbox", true)).toBeUndefined()
  })
})

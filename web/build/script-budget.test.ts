import { randomBytes } from "node:crypto"
import { describe, expect, it } from "vitest"
import { weigh } from "./script-budget.ts"

const code = (bytes: number) => randomBytes(bytes).toString("latin1")

describe("the weight of scripts", () => {
  const chunks = new Map([
    ["main", { code: code(1_000), imports: ["vendor"] }],
    ["vendor", { code: code(2_000), imports: ["main"] }],
    ["page", { code: code(500), imports: ["vendor", "editor"] }],
    ["editor", { code: code(4_000), imports: [] }],
  ])

  it("counts what is loaded at once, each file once, circles too", () => {
    const { files, bytes } = weigh(chunks, ["main"], new Set())
    expect([...files].sort()).toEqual(["main", "vendor"])
    expect(bytes).toBeGreaterThan(3_000)
  })

  it("leaves out what is there already", () => {
    expect([...weigh(chunks, ["page"], new Set(["main", "vendor"])).files].sort()).toEqual(["editor", "page"])
  })
})

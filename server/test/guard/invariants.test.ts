import { readdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { expect, it } from "vitest"

const server = resolve(import.meta.dirname, "../..")
const tests = readdirSync(server, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts") && !entry.parentPath.includes("node_modules") && entry.name !== "invariants.test.ts")
  .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))

it.each([1, 2, 3, 4, 5, 6, 7, 8])("invariant %i of ARCHITECTURE.md has a test that names it", (number) => {
  expect(readFileSync(resolve(server, "../ARCHITECTURE.md"), "utf8")).toContain(`\n${number}. **`)
  expect(tests.some((source) => source.includes(`(invariant ${number})`) || source.includes(`(invariant ${number}:`))).toBe(true)
})

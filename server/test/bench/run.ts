import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { readConfig } from "../../src/config.ts"
import { freePort } from "../../src/embedded/ports.ts"
import { benchAccept } from "./accept.ts"
import { benchDrain } from "./drain.ts"
import { benchFill } from "./fill.ts"
import { benchMemory } from "./memory.ts"
import { benchWebmail } from "./webmail.ts"
import type { Figure } from "./figure.ts"
import { postfixAvailable } from "./postfix.ts"

const benches = { accept: benchAccept, drain: benchDrain, fill: benchFill, memory: benchMemory, webmail: benchWebmail }

async function free(count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, () => freePort()))
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in benches))
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(", ")}. There are: ${Object.keys(benches).join(", ")}.`)
  process.exit(1)
}
if (!postfixAvailable()) console.log("The peer is left out: it needs Debian's package postfix, and root to run its master process.")
const figures: Figure[] = []
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  console.log(`\n${name}`)
  figures.push(...(await bench(free)))
}
console.log("")
console.table(Object.fromEntries(figures.map(({ name, ...rest }) => [name, rest])))
const folder = join(readConfig().dataDir, "bench")
await mkdir(folder, { recursive: true })
const file = join(folder, `${new Date().toISOString().replaceAll(":", "-")}.json`)
await writeFile(file, `${JSON.stringify(figures, null, 2)}\n`)
console.log(`written to ${file}`)

// Starts everything from a clean checkout. Plain JavaScript for Node 18 and newer: it fetches the Node that the rest needs.
import { join } from "node:path"
import { runBenchmarks, runTests } from "./checks.mjs"
import { cacheFolder, root } from "./folders.mjs"
import { ensureDependencies } from "./dependencies.mjs"
import { ensureNode } from "./node-runtime.mjs"
import { Problem, runToEnd, watchParents } from "./processes.mjs"
import { ensureWebApp } from "./web-app.mjs"

const usage = "Usage: node server/bootstrap/run.mjs demo | start | test [filter …] | bench [name …]"

async function main([command, ...args]) {
  if (!["demo", "start", "test", "bench"].includes(command)) throw new Problem(usage)
  watchParents()
  const cache = await cacheFolder()
  const node = await ensureNode(cache)
  const env = { ...process.env, LIFEBOAT_CACHE: cache, NODE_COMPILE_CACHE: join(cache, "compiled") }
  await ensureDependencies(node, cache)
  await ensureWebApp(node)
  if (command === "test") return runTests(node, args, env)
  if (command === "bench") return runBenchmarks(node, args, env)
  return runToEnd(node, [join(root, "server/src/main.ts"), command, ...args], { env, ipc: true })
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Problem ? error.message : error)
  process.exitCode = 1
}
// Handles that are left open (the parents' watch) must not keep us.
process.exit()

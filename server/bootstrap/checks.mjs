import { existsSync } from "node:fs"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { root } from "./folders.mjs"
import { Problem, runToEnd, stopRequested } from "./processes.mjs"

const none = { passed: 0, failed: 0, skipped: 0 }

/**
 * Runs every test, or those whose file names hold one of the filters: types, unit and flow tests, browser tests.
 * Prints `N passed, M failed` as its last line; exit status 0 only when nothing failed and something passed.
 */
export async function runTests(node, filters, env) {
  const work = await mkdtemp(join(tmpdir(), "lifeboat-test-"))
  const total = { ...none }
  const add = (counts) => Object.keys(none).forEach((key) => (total[key] += counts[key]))
  try {
    if (filters.length === 0) add(await checkTypes(node, env))
    if (!stopRequested()) add(await runVitest(node, filters, env, work))
    if (!stopRequested()) add(await runPlaywright(node, filters, env, work))
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  if (stopRequested()) total.failed += 1
  if (total.passed + total.failed === 0) {
    console.log(`No test matches ${filters.join(" ")}.`)
    total.failed = 1
  }
  if (total.skipped > 0) console.log(`${total.skipped} skipped`)
  console.log(`${total.passed} passed, ${total.failed} failed`)
  return total.failed === 0 ? 0 : 1
}

/** Runs every benchmark or those named; its own script prints the table. */
export async function runBenchmarks(node, names, env) {
  const script = join(root, "server/test/bench/run.ts")
  if (!existsSync(script)) throw new Problem("There are no benchmarks yet.")
  return runToEnd(node, [script, ...names], { env, ipc: true })
}

async function checkTypes(node, env) {
  const counts = { ...none }
  for (const [name, compiler] of [["shared", "typescript/bin/tsc"], ["server", "typescript/bin/tsc"], ["web", "vue-tsc/bin/vue-tsc.js"], ["web/src/offline", "typescript/bin/tsc"], ["e2e", "typescript/bin/tsc"]]) {
    if (stopRequested()) break
    const status = await runToEnd(node, [join(root, "node_modules", compiler), "-p", join(root, name), "--noEmit"], { env, cwd: root })
    console.log(`types of ${name}: ${status === 0 ? "right" : "WRONG"}`)
    counts[status === 0 ? "passed" : "failed"] += 1
  }
  return counts
}

async function runVitest(node, filters, env, work) {
  const output = join(work, "vitest.json")
  const args = ["run", "--passWithNoTests", "--reporter=default", "--reporter=json", `--outputFile.json=${output}`, ...filters]
  const status = await runToEnd(node, [join(root, "node_modules/vitest/vitest.mjs"), ...args], { env, cwd: root })
  const report = await readReport(output)
  const counts = { ...none }
  for (const file of report?.testResults ?? []) {
    for (const { status: outcome } of file.assertionResults) {
      if (outcome === "passed") counts.passed += 1
      else if (outcome === "failed") counts.failed += 1
      else counts.skipped += 1
    }
    // A file that cannot even be loaded has no results of its own.
    if (file.status === "failed" && !file.assertionResults.some((result) => result.status === "failed")) counts.failed += 1
  }
  if (status !== 0 && counts.failed === 0) counts.failed = 1
  return counts
}

async function runPlaywright(node, filters, env, work) {
  const config = join(root, "e2e/playwright.config.ts")
  if (!existsSync(config)) return none
  const output = join(work, "playwright.json")
  const args = ["test", "--config", config, "--reporter=list,json", "--pass-with-no-tests", ...filters]
  const cli = join(root, "e2e/node_modules/@playwright/test/cli.js")
  const status = await runToEnd(node, [cli, ...args], { env: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: output }, cwd: join(root, "e2e") })
  const report = await readReport(output)
  const { expected = 0, flaky = 0, unexpected = 0, skipped = 0 } = report?.stats ?? {}
  const failed = unexpected === 0 && status !== 0 ? 1 : unexpected
  return { passed: expected + flaky, failed, skipped }
}

async function readReport(file) {
  try {
    return JSON.parse(await readFile(file, "utf8"))
  } catch {
    return undefined
  }
}

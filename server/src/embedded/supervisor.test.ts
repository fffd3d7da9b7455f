import { existsSync } from "node:fs"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { pino } from "pino"
import { afterEach, beforeEach, expect, test } from "vitest"
import { PartError } from "./part-error.ts"
import { processIdentity, waitForExit } from "./process-identity.ts"
import { restartDelay, startPart, type Part, type PartDefinition } from "./supervisor.ts"

const log = pino({ level: "silent" })
let folder = ""
const started: Part[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lifeboat-supervisor-"))
})

afterEach(async () => {
  for (const part of started.splice(0)) await part.stop()
  await rm(folder, { recursive: true, force: true })
})

/** A part that runs this JavaScript and is ready once it has made the file `up`. */
function definition(script: string, change: Partial<PartDefinition> = {}): PartDefinition {
  const up = join(folder, "up")
  return {
    name: "sample",
    command: process.execPath,
    args: ["-e", `const up = () => require("fs").writeFileSync(${JSON.stringify(up)}, ""); ${script}`],
    logFile: join(folder, "sample.log"),
    pidFile: join(folder, "sample.pid"),
    ready: async (signal) => {
      while (!signal.aborted && !existsSync(up)) await sleep(10)
      await rm(up, { force: true })
    },
    readyTimeout: 10_000,
    stopTimeout: 5000,
    ...change,
  }
}

async function start(script: string, change: Partial<PartDefinition> = {}): Promise<Part> {
  const part = await startPart(definition(script, change), log)
  started.push(part)
  return part
}

function pidOf(part: Part): number {
  const { pid } = part.status()
  if (pid === undefined) throw new Error("the part does not run")
  return pid
}

const stays = "up(); setInterval(() => {}, 1000);"

test("a part that is killed is started again, and says so", async () => {
  const part = await start(stays)
  const first = pidOf(part)
  const again = new Promise<void>((resolve) => part.onRestart(resolve))
  process.kill(first, "SIGKILL")
  await again
  expect(part.status()).toMatchObject({ state: "running", restarts: 1 })
  expect(pidOf(part)).not.toBe(first)
})

test("a part that ends while it gets ready again is tried until it stays", async () => {
  const tries = join(folder, "tries")
  const part = await start(
    `const fs = require("fs"); fs.appendFileSync(${JSON.stringify(tries)}, "x");
     if ([2, 3].includes(fs.statSync(${JSON.stringify(tries)}).size)) process.exit(3); ${stays}`,
  )
  const again = new Promise<void>((resolve) => part.onRestart(resolve))
  process.kill(pidOf(part), "SIGKILL")
  await again
  expect(await readFile(tries, "utf8")).toBe("xxxx")
  expect(part.status().state).toBe("running")
})

test("stopping asks first, and leaves neither a process nor a pid file", async () => {
  const done = join(folder, "done")
  const part = await start(`process.on("SIGTERM", () => { require("fs").writeFileSync(${JSON.stringify(done)}, ""); process.exit(0) }); ${stays}`)
  const pid = pidOf(part)
  await part.stop()
  expect(existsSync(done)).toBe(true)
  expect(processIdentity(pid)).toBeUndefined()
  expect(existsSync(join(folder, "sample.pid"))).toBe(false)
  expect(part.status()).toMatchObject({ state: "stopped", pid: undefined, restarts: 0 })
})

test("a part that takes no notice, or is frozen, is killed after its deadline", async () => {
  const deaf = await start(`process.on("SIGTERM", () => {}); ${stays}`, { stopTimeout: 200 })
  const pid = pidOf(deaf)
  await deaf.stop()
  expect(processIdentity(pid)).toBeUndefined()

  const frozen = await start(stays, { stopTimeout: 2000 })
  const frozenPid = pidOf(frozen)
  process.kill(frozenPid, "SIGSTOP")
  await frozen.stop()
  expect(processIdentity(frozenPid)).toBeUndefined()
})

test("a first start that fails is told in a sentence, and nothing is left", async () => {
  await expect(start("console.error('disk on fire'); process.exit(7)")).rejects.toThrow(/^sample ended with status 7\. Its last words are in .*sample\.log\.$/)
  expect(await readFile(join(folder, "sample.log"), "utf8")).toContain("disk on fire")

  const explain = (tail: string) => (tail.includes("disk on fire") ? "The disk is on fire." : undefined)
  await expect(start("console.error('disk on fire'); process.exit(7)", { explain })).rejects.toThrow(new PartError("The disk is on fire."))
  await expect(start("setInterval(() => {}, 1000)", { readyTimeout: 300 })).rejects.toThrow("sample was not ready within 0.3 s")
  await expect(start("", { command: join(folder, "nothing-there") })).rejects.toThrow(PartError)
})

test("what a former run left behind is ended, but never a stranger that has its number", async () => {
  const former = await startPart(definition(stays), log)
  const leftover = pidOf(former)
  const next = await start(stays, { pidFile: join(folder, "sample.pid") })
  expect(await waitForExit(leftover, 1000)).toBe(true)
  expect(pidOf(next)).not.toBe(leftover)
  await former.stop()
  await next.stop()

  const stranger = await start(stays, { pidFile: join(folder, "stranger.pid") })
  await writeFile(join(folder, "sample.pid"), `${pidOf(stranger)}\nanother boot/123\n`)
  await start(stays)
  expect(stranger.status()).toMatchObject({ state: "running", restarts: 0 })
})

test("restarting on purpose comes back ready", async () => {
  const part = await start(stays)
  const first = pidOf(part)
  await part.restart()
  expect(part.status()).toMatchObject({ state: "running", restarts: 1 })
  expect(pidOf(part)).not.toBe(first)
  expect(processIdentity(first)).toBeUndefined()
})

test("waiting between restarts grows to ten seconds and no further", () => {
  expect([0, 1, 2, 3, 7, 100].map(restartDelay)).toEqual([100, 200, 400, 800, 10_000, 10_000])
})

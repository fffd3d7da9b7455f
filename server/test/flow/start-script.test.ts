import { spawn, type ChildProcess } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { freePort } from "../../src/embedded/ports.ts"

const root = resolve(import.meta.dirname, "../../..")
let folder = ""
const ports: Record<string, string> = {}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lifeboat-start-"))
  for (const name of ["HTTP", "SMTP", "SUBMISSION", "SUBMISSIONS", "IMAP", "IMAPS", "POP3S"]) ports[`LIFEBOAT_${name}_PORT`] = String(await freePort())
})

afterAll(async () => {
  for (const pid of ourProcesses()) process.kill(pid, "SIGKILL")
  await rm(folder, { recursive: true, force: true })
})

/** All processes that work in this test's data folder, by their command line or environment. */
function ourProcesses(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => readProc(name, "environ").includes(folder) || readProc(name, "cmdline").includes(folder))
    .map(Number)
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1")
  } catch {
    return ""
  }
}

function processWith(part: string): number {
  const pid = ourProcesses().find((candidate) => readProc(String(candidate), "cmdline").includes(part))
  if (pid === undefined) throw new Error(`no process runs ${part}`)
  return pid
}

interface Started {
  readonly npm: ChildProcess
  readonly output: () => string
  readonly ended: Promise<number | null>
}

function npmStart(): Started {
  const { LIFEBOAT_MONGO_URL: _mongo, LIFEBOAT_REDIS_URL: _redis, ...inherited } = process.env
  // In a group of its own, as a service manager or a terminal starts it.
  const npm = spawn("npm", ["start"], { cwd: root, env: { ...inherited, ...ports, LIFEBOAT_DATA: folder, LIFEBOAT_LOG: "error" }, detached: true, stdio: ["ignore", "pipe", "pipe"] })
  let text = ""
  npm.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()))
  npm.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()))
  const ended = new Promise<number | null>((done) => npm.once("exit", (code) => done(code)))
  return { npm, output: () => text, ended }
}

async function startUp(): Promise<Started> {
  const started = npmStart()
  await expect.poll(() => started.output(), { timeout: 120_000, interval: 100 }).toContain("Lifeboat is up")
  return started
}

const nothingLeft = () => expect.poll(ourProcesses, { timeout: 30_000, interval: 100 }).toEqual([])

const groupOf = (started: Started): number => {
  if (started.npm.pid === undefined) throw new Error("npm does not run")
  return -started.npm.pid
}

test.each([
  ["SIGTERM to npm alone", (started: Started) => started.npm.kill("SIGTERM")],
  ["SIGINT to the whole group", (started: Started) => process.kill(groupOf(started), "SIGINT")],
])("%s stops everything with status 0", async (_how, stop) => {
  const started = await startUp()
  stop(started)
  expect(await started.ended).toBe(0)
  await nothingLeft()
  expect(existsSync(join(folder, "lifeboat.pid"))).toBe(false)
})

test.each([
  ["npm", (started: Started) => started.npm.kill("SIGKILL")],
  ["the start script", () => process.kill(processWith("run.mjs"), "SIGKILL")],
  ["Lifeboat itself", () => process.kill(processWith("main.ts"), "SIGKILL")],
  ["every process", () => ourProcesses().forEach((pid) => process.kill(pid, "SIGKILL"))],
])("kill -9 of %s leaves no process, and the next start works with the same data", async (_what, kill) => {
  const started = await startUp()
  kill(started)
  await started.ended
  await nothingLeft()
  const again = await startUp()
  expect(again.output()).not.toContain("shown only this once")
  again.npm.kill("SIGTERM")
  expect(await again.ended).toBe(0)
  await nothingLeft()
})

test("a taken port ends the start with status 1, one sentence and no stack", async () => {
  const port = Number(ports["LIFEBOAT_SUBMISSION_PORT"])
  const other = createServer()
  await new Promise<void>((done) => other.listen(port, "127.0.0.1", done))
  try {
    const started = npmStart()
    expect(await started.ended).toBe(1)
    expect(started.output()).toContain(`Port ${port} on 127.0.0.1 is taken by another program. Stop that program, or set LIFEBOAT_SUBMISSION_PORT to another port.`)
    expect(started.output()).not.toMatch(/^\s+at /m)
    await nothingLeft()
  } finally {
    other.close()
  }
})

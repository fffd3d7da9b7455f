import { fork, type ChildProcess } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { Value } from "typebox/value"
import type { Logger } from "../../logger.ts"
import { WildDuckError } from "../wildduck-error.ts"
import { BatchAnswer, type BatchRequest } from "./batch-messages.ts"

type Moved = [number, number][]
type Wish<R = BatchRequest> = R extends BatchRequest ? Omit<R, "n"> : never

/** Where WildDuck's settings file and its working folder are, and where compiled code is kept. */
export interface BatchSettings {
  readonly settings: string
  readonly folder: string
  readonly cacheDir: string
}

const answerMs = 120_000
/** So long without work, and its memory is given back, milliseconds. */
const idleMs = 30_000

/**
 * Moves and removes many mails of one folder in one step, by a process of its own that is started when it is needed.
 * Throws {@link WildDuckError}: `not-found` where the folder is gone, else `temporary`; what was done then stays done, and the
 * same can be asked for again.
 */
export class MailBatches {
  readonly #settings: () => BatchSettings
  readonly #log: Logger
  readonly #waiting = new Map<number, { readonly child: ChildProcess; readonly take: (answer: BatchAnswer) => void }>()
  #child: ChildProcess | undefined
  #idle: NodeJS.Timeout | undefined
  #last = 0

  constructor(settings: () => BatchSettings, log: Logger) {
    this.#settings = settings
    this.#log = log
  }

  /** Answers pairs of old and new UID. `after`: the highest UID of the target before this was asked for the first time. */
  move(account: string, folder: string, uids: readonly number[], target: string, after: number): Promise<Moved> {
    return this.#ask({ kind: "move", account, folder, uids: [...uids], target, after })
  }

  /** For good. */
  async delete(account: string, folder: string, uids: readonly number[]): Promise<void> {
    await this.#ask({ kind: "delete", account, folder, uids: [...uids] })
  }

  stop(): void {
    clearTimeout(this.#idle)
    this.#child?.disconnect()
    this.#child = undefined
  }

  async #ask(wish: Wish): Promise<Moved> {
    clearTimeout(this.#idle)
    const child = (this.#child ??= this.#start())
    const n = ++this.#last
    const answer = await new Promise<BatchAnswer>((resolve) => {
      const timer = setTimeout(() => {
        child.kill("SIGKILL")
        resolve({ n, error: "no answer in time", gone: false })
      }, answerMs)
      const take = (answered: BatchAnswer) => {
        clearTimeout(timer)
        resolve(answered)
      }
      this.#waiting.set(n, { child, take })
      const request: BatchRequest = { ...wish, n }
      child.send(request, (error) => error && this.#take({ n, error: error.message, gone: false }))
    })
    this.#waiting.delete(n)
    if (this.#waiting.size === 0) {
      this.#idle = setTimeout(() => this.stop(), idleMs)
      this.#idle.unref()
    }
    if ("error" in answer) throw new WildDuckError(answer.gone ? "not-found" : "temporary", 0, undefined, answer.error)
    return answer.moved
  }

  #start(): ChildProcess {
    const { settings, folder, cacheDir } = this.#settings()
    const packageFolder = dirname(createRequire(import.meta.url).resolve("@zone-eu/wildduck/package.json"))
    const child = fork(join(import.meta.dirname, "batch-process.ts"), [`--config=${settings}`], {
      cwd: folder,
      execArgv: ["--max-old-space-size=512", "--no-deprecation"],
      env: { HOME: folder, NODE_ENV: "production", NODE_CONFIG_DIR: join(packageFolder, "config"), NODE_COMPILE_CACHE: join(cacheDir, "compiled") },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    })
    child.stderr?.on("data", (chunk: Buffer) => this.#log.debug({ text: chunk.toString().slice(0, 2_000) }, "the process for many mails says"))
    child.on("message", (answer) => {
      if (Value.Check(BatchAnswer, answer)) this.#take(answer)
    })
    child.on("error", (error) => this.#log.warn({ error: String(error) }, "the process for many mails has a problem"))
    child.once("exit", () => {
      if (this.#child === child) this.#child = undefined
      for (const [n, waiting] of [...this.#waiting]) if (waiting.child === child) this.#take({ n, error: "it has ended", gone: false })
    })
    return child
  }

  #take(answer: BatchAnswer): void {
    this.#waiting.get(answer.n)?.take(answer)
  }
}

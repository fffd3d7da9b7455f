import { mkdir, rename, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { Config } from "../config.ts"
import { endLeftover } from "../embedded/process-identity.ts"
import { listenProblem, rememberedPort, type Listener } from "../embedded/ports.ts"
import { rememberedSecret } from "../embedded/redis.ts"
import { startPart, type PartStatus } from "../embedded/supervisor.ts"
import type { Logger } from "../logger.ts"
import { wildDuckMongoUrl, wildDuckToml } from "./wildduck-settings.ts"

/** The running mailbox store. */
export interface WildDuckProcess {
  /** Base URL of its HTTP API, without a slash at the end. Reachable from this machine only. */
  readonly apiUrl: string
  /** Send it as `X-Access-Token`. It opens every mailbox: never log it. */
  readonly accessToken: string
  /** Connection string of its database (`wildduck`), for the observer. */
  readonly mongoUrl: string
  /** Its settings file and working folder, for a process that uses its classes. */
  readonly settings: string
  readonly folder: string
  status(): PartStatus
  onRestart(listener: () => void): () => void
  restart(): Promise<void>
  stop(): Promise<void>
}

/** What it stands on. */
export interface WildDuckNeeds {
  readonly mongoUrl: string
  readonly redisUrl: string
  readonly certificate: { readonly certFile: string; readonly keyFile: string }
}

/** The listeners that mail clients reach WildDuck by. */
export function wildDuckListeners(config: Config): Listener[] {
  const { host, ports } = config
  return [
    { host, port: ports.imap, setting: "LIFEBOAT_IMAP_PORT" },
    { host, port: ports.imaps, setting: "LIFEBOAT_IMAPS_PORT" },
    { host, port: ports.pop3s, setting: "LIFEBOAT_POP3S_PORT" },
  ]
}

/**
 * Starts WildDuck as a supervised child process: IMAP, POP3 and its HTTP API; no LMTP, no sending.
 * Ready means that its API reaches both databases. Throws PartError.
 */
export async function startWildDuck(config: Config, needs: WildDuckNeeds, log: Logger): Promise<WildDuckProcess> {
  const folder = join(config.dataDir, "wildduck")
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const pidFile = join(folder, "wildduck.pid")
  await endLeftover(pidFile, 2000)
  const accessToken = await rememberedSecret(join(folder, "access-token"))
  const apiPort = await rememberedPort(join(folder, "api-port"), Object.values(config.ports))
  const mongoUrl = wildDuckMongoUrl(needs.mongoUrl)
  const settings = join(folder, "wildduck.toml")
  await writeFile(`${settings}.new`, wildDuckToml(config, { ...needs, mongoUrl, accessToken, apiPort }), { mode: 0o600 })
  await rename(`${settings}.new`, settings)
  const packageFolder = dirname(createRequire(import.meta.url).resolve("@zone-eu/wildduck/package.json"))
  const apiUrl = `http://127.0.0.1:${apiPort}`
  const part = await startPart(
    {
      name: "wildduck",
      command: process.execPath,
      args: ["--max-old-space-size=1024", "--no-deprecation", join(packageFolder, "server.js"), `--config=${settings}`],
      cwd: folder,
      env: {
        PATH: process.env["PATH"],
        HOME: folder,
        NODE_ENV: "production",
        NODE_CONFIG_DIR: join(packageFolder, "config"),
        NODE_COMPILE_CACHE: join(config.cacheDir, "compiled"),
      },
      logFile: join(config.dataDir, "logs", "wildduck.log"),
      pidFile,
      ready: (signal) => waitForHealth(apiUrl, accessToken, signal),
      readyTimeout: 90_000,
      stopTimeout: 5000,
      explain: (tail) => explainWildDuck(tail, wildDuckListeners(config)),
    },
    log,
  )
  return {
    apiUrl,
    accessToken,
    mongoUrl,
    settings,
    folder,
    status: () => part.status(),
    onRestart: (listener) => part.onRestart(listener),
    restart: () => part.restart(),
    stop: () => part.stop(),
  }
}

async function waitForHealth(apiUrl: string, accessToken: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const answer = await fetch(`${apiUrl}/health`, { headers: { "X-Access-Token": accessToken }, signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]) })
      await answer.body?.cancel()
      if (answer.ok) return
    } catch {
      // It does not listen yet.
    }
    await sleep(50)
  }
}

/** Known troubles of WildDuck, from its own log. */
export function explainWildDuck(tail: string, listeners: readonly Listener[]): string | undefined {
  const taken = /listen (EADDRINUSE|EACCES|EADDRNOTAVAIL)\S*[^\n]*?:(\d+)\s/.exec(`${tail}\n`)
  if (taken?.[1] === undefined) return undefined
  const listener = listeners.find(({ port }) => port === Number(taken[2]))
  return listener ? listenProblem(listener, taken[1]) : "The port chosen for WildDuck's API was taken in the same moment. Please start again."
}

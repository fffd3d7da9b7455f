import { spawn, type ChildProcess } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { freePort } from "../../src/embedded/ports.ts"
import { guard } from "./guardian.ts"

const main = resolve(import.meta.dirname, "../../src/main.ts")

/** A whole Lifeboat of its own, started as an outsider would, in a temporary folder on free ports. */
export interface Installation {
  readonly dataDir: string
  readonly env: Readonly<Record<string, string>>
  readonly ports: { http: number; smtp: number; submission: number; submissions: number; imap: number; imaps: number; pop3s: number }
  readonly pid: number
  /** Calls the API as the operator; throws with the answer when it is an error. */
  api<T = unknown>(method: string, path: string, body?: unknown): Promise<T>
  /** Reads bytes from the API as the operator. */
  bytes(path: string): Promise<Buffer>
  /** Signs in somebody else; calls the API as them. */
  as(address: string, password: string): Promise<(method: string, path: string, body?: unknown) => Promise<unknown>>
  /** Starts it again on the same data, after `stop(true)` or a kill. */
  restart(): Promise<void>
  /** Stops it cleanly; with `keep`, leaves its data. */
  stop(keep?: boolean): Promise<void>
  /** Everything it wrote to standard output and error. */
  output(): string
}

/** Starts an installation (`start` or `demo`) and waits until it is ready. `env` adds settings. */
export async function startInstallation(env: Record<string, string> = {}, mode: "start" | "demo" = "start"): Promise<Installation> {
  const dataDir = await mkdtemp(join(tmpdir(), "lifeboat-"))
  const [http = 0, smtp = 0, submission = 0, submissions = 0, imap = 0, imaps = 0, pop3s = 0] = await Promise.all(Array.from({ length: 7 }, () => freePort()))
  const ports = { http, smtp, submission, submissions, imap, imaps, pop3s }
  const settings: Record<string, string> = {
    LIFEBOAT_DATA: dataDir,
    LIFEBOAT_ADMIN_PASSWORD: "operator-password",
    LIFEBOAT_HTTP_PORT: String(http),
    LIFEBOAT_SMTP_PORT: String(smtp),
    LIFEBOAT_SUBMISSION_PORT: String(submission),
    LIFEBOAT_SUBMISSIONS_PORT: String(submissions),
    LIFEBOAT_IMAP_PORT: String(imap),
    LIFEBOAT_IMAPS_PORT: String(imaps),
    LIFEBOAT_POP3S_PORT: String(pop3s),
    LIFEBOAT_LOG: "warn",
    ...env,
  }
  const folderGone = guard({ remove: dataDir })
  let child: ChildProcess
  let childGone = () => undefined as void
  let output = ""
  let token = ""
  const base = `http://127.0.0.1:${http}`
  const call = async (bearer: string, method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(base + path, {
      method,
      headers: { ...(bearer ? { authorization: `Bearer ${bearer}` } : {}), ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text === "" ? undefined : (JSON.parse(text) as unknown)
  }
  const signIn = async (address: string, password: string): Promise<string> => {
    const session = (await call("", "POST", "/api/session", { address, password })) as { token: string }
    return session.token
  }
  const start = async () => {
    child = spawn(process.execPath, [main, mode], { env: { ...process.env, ...settings }, stdio: ["ignore", "pipe", "pipe"] })
    childGone()
    childGone = guard({ pid: child.pid })
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-200_000)
    }
    child.stdout?.on("data", keep)
    child.stderr?.on("data", keep)
    for (let tries = 0; ; tries++) {
      if (child.exitCode !== null || tries > 1_200) throw new Error(`Lifeboat did not start:\n${output.slice(-5_000)}`)
      const ready = await fetch(`${base}/readyz`).then((response) => response.ok, () => false)
      if (ready) break
      await sleep(100)
    }
    token = await signIn("admin@localhost", "operator-password")
  }
  try {
    await start()
  } catch (error) {
    await rm(dataDir, { recursive: true, force: true })
    folderGone()
    throw error
  }
  return {
    dataDir,
    env: settings,
    ports,
    get pid() {
      return child.pid ?? 0
    },
    api: async <T>(method: string, path: string, body?: unknown) => (await call(token, method, path, body)) as T,
    bytes: async (path) => {
      const response = await fetch(base + path, { headers: { authorization: `Bearer ${token}` } })
      if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`)
      return Buffer.from(await response.arrayBuffer())
    },
    as: async (address, password) => {
      const bearer = await signIn(address, password)
      return (method, path, body) => call(bearer, method, path, body)
    },
    restart: start,
    stop: async (keep = false) => {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = new Promise((done) => child.once("exit", done))
        child.kill("SIGTERM")
        await gone
      }
      childGone()
      if (keep) return
      await rm(dataDir, { recursive: true, force: true })
      folderGone()
    },
    output: () => output,
  }
}

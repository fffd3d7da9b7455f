import { randomInt } from "node:crypto"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { dirname } from "node:path"
import { PartError } from "./part-error.ts"

/** One listener of ours: where it binds, and the setting that changes it. */
export interface Listener {
  readonly host: string
  readonly port: number
  /** Name of the environment variable, e.g. `LIFEBOAT_HTTP_PORT`. */
  readonly setting: string
}

/** Why nothing can listen there, as the system's error code; undefined when it is free. */
async function whyTaken(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "unknown reason"))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

/** Ports given out by this process and perhaps not opened yet. */
const givenOut = new Set<number>()

/**
 * A TCP port that nothing uses now on this address, and that is not given out twice. It lies below the range from which
 * systems take the ports of outgoing connections: there any connection could take it before we open it.
 */
export async function freePort(host = "127.0.0.1", avoid: readonly number[] = []): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(20_000, 32_000)
    if (givenOut.has(port) || avoid.includes(port)) continue
    if (await isFree(host, port)) {
      givenOut.add(port)
      return port
    }
  }
  throw new PartError(`No free port can be found on ${host}.`)
}

async function isFree(host: string, port: number): Promise<boolean> {
  return (await whyTaken(host, port)) === undefined
}

/** The port noted in `file` if it is still free, else a new one, noted for the next start. Never one of `avoid`. */
export async function rememberedPort(file: string, avoid: readonly number[] = []): Promise<number> {
  const host = "127.0.0.1"
  const noted = Number(await readFile(file, "utf8").catch(() => ""))
  const usable = Number.isInteger(noted) && noted > 1023 && noted < 65_536 && !avoid.includes(noted)
  if (usable && (await isFree(host, noted))) return noted
  const port = await freePort(host, avoid)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${port}\n`)
  return port
}

/** The sentence for a listener that cannot be opened, by the system's error code. */
export function listenProblem(listener: Listener, code: string): string {
  const change = `set ${listener.setting} to another port`
  if (code === "EADDRINUSE") {
    return `Port ${listener.port} on ${listener.host} is taken by another program. Stop that program, or ${change}.`
  }
  if (code === "EACCES") {
    return `Port ${listener.port} on ${listener.host} may be opened by root only. Please ${change} (1024 or higher).`
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return `${listener.host} is not an address of this machine: change LIFEBOAT_HOST.`
  }
  return `Nothing can listen on port ${listener.port} of ${listener.host} (${code}): ${change}.`
}

/**
 * Checks all our ports before anything starts.
 * Throws {@link PartError} with one sentence for each port that is taken, named twice, or not allowed.
 */
export async function assertPortsFree(listeners: readonly Listener[]): Promise<void> {
  const problems: string[] = []
  const seen = new Map<number, string>()
  for (const listener of listeners) {
    const other = seen.get(listener.port)
    if (other !== undefined) problems.push(`${other} and ${listener.setting} both name port ${listener.port}: change one of them.`)
    seen.set(listener.port, listener.setting)
  }
  for (const listener of listeners) {
    // One at a time: two of ours with the same port would find each other.
    const code = await whyTaken(listener.host, listener.port)
    if (code !== undefined) problems.push(listenProblem(listener, code))
  }
  if (problems.length > 0) throw new PartError(problems.join("\n"))
}

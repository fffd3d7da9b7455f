import { createServer } from "node:net"
import { mkdir, readFile, writeFile } from "node:fs/promises"
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
async function tryToListen(host: string, port: number): Promise<{ code: string | undefined } | { port: number }> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once("error", (error: NodeJS.ErrnoException) => resolve({ code: error.code }))
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve({ port: typeof address === "object" && address ? address.port : port }))
    })
  })
}

/** A TCP port that nothing uses now on this address. */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  const answer = await tryToListen(host, 0)
  if ("port" in answer) return answer.port
  throw new PartError(`No free port can be found on ${host} (${answer.code ?? "unknown reason"}).`)
}

/** The port noted in `file` if it is still free, else a new one, noted for the next start. */
export async function rememberedPort(file: string, host = "127.0.0.1"): Promise<number> {
  const noted = Number(await readFile(file, "utf8").catch(() => ""))
  if (Number.isInteger(noted) && noted > 1023 && noted < 65_536) {
    if ("port" in (await tryToListen(host, noted))) return noted
  }
  const port = await freePort(host)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${port}\n`)
  return port
}

/** The sentence for a listener that cannot be opened, by the system's error code. */
export function listenProblem(listener: Listener, code: string | undefined): string {
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
  return `Nothing can listen on port ${listener.port} of ${listener.host} (${code ?? "unknown reason"}): ${change}.`
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
  const answers = await Promise.all(listeners.map((listener) => tryToListen(listener.host, listener.port)))
  listeners.forEach((listener, index) => {
    const answer = answers[index]
    if (answer && !("port" in answer) && seen.get(listener.port) === listener.setting) problems.push(listenProblem(listener, answer.code))
  })
  if (problems.length > 0) throw new PartError([...new Set(problems)].join("\n"))
}

import { spawn, type ChildProcess } from "node:child_process"
import { resolve } from "node:path"
import { processIdentity } from "../../src/embedded/process-identity.ts"
import type { LeftBehind } from "./guardian-process.ts"

let guardian: ChildProcess | undefined
let last = 0

/**
 * Has something tidied away when this run ends without doing so itself, however it ends: interrupted, terminated, killed.
 * Returns how to say that it is gone. `pid`: a process to end; `run`: a command; `remove`: a folder.
 */
export function guard(left: { readonly pid?: number | undefined; readonly run?: readonly string[]; readonly env?: Readonly<Record<string, string>>; readonly remove?: string }): () => void {
  const id = ++last
  const { pid, ...rest } = left
  tell({ id, left: { ...rest, ...(pid === undefined ? {} : { owner: { pid, identity: processIdentity(pid) ?? "" } }) } })
  return () => tell({ id })
}

function tell(message: { readonly id: number; readonly left?: LeftBehind }): void {
  guardian ??= startGuardian()
  guardian.stdin?.write(`${JSON.stringify(message)}\n`)
}

/** Its standard input ends with this process. A group of its own keeps it out of what a terminal interrupts. */
function startGuardian(): ChildProcess {
  const child = spawn(process.execPath, [resolve(import.meta.dirname, "guardian-process.ts")], { detached: true, stdio: ["pipe", "ignore", "ignore"] })
  child.unref()
  child.stdin?.on("error", () => undefined)
  if (child.stdin && "unref" in child.stdin && typeof child.stdin.unref === "function") child.stdin.unref()
  return child
}

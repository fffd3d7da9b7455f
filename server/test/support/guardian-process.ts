import { spawnSync } from "node:child_process"
import { rm } from "node:fs/promises"
import { createInterface } from "node:readline"
import { processIdentity, waitForExit } from "../../src/embedded/process-identity.ts"
import { processesBelow, stillRunning, type ChildProcessEntry } from "./processes.ts"

/** What a run leaves behind when it is interrupted. */
export interface LeftBehind {
  /** A process, ended with what is below it. */
  readonly owner?: { readonly pid: number; readonly identity: string }
  /** A command that ends something, with what it adds to the environment. */
  readonly run?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** A folder that goes last. */
  readonly remove?: string
}

const patience = 20_000

/** Waits for the end of the run that started it, then ends what that run said of and did not take back. */
async function main(): Promise<void> {
  const left = new Map<number, LeftBehind>()
  for await (const line of createInterface({ input: process.stdin })) {
    const message = JSON.parse(line) as { id: number; left?: LeftBehind }
    if (message.left) left.set(message.id, message.left)
    else left.delete(message.id)
  }
  // The last thing that was started goes first.
  for (const each of [...left.values()].reverse()) await tidy(each).catch(() => undefined)
}

async function tidy({ owner, run, env, remove }: LeftBehind): Promise<void> {
  if (owner && processIdentity(owner.pid) === owner.identity) {
    const below = await processesBelow(owner.pid)
    process.kill(owner.pid, "SIGTERM")
    if (!(await waitForExit(owner.pid, patience))) process.kill(owner.pid, "SIGKILL")
    await endAll(below)
  }
  const [command, ...args] = run ?? []
  if (command !== undefined) spawnSync(command, args, { env: { ...process.env, ...env }, stdio: "ignore" })
  if (remove !== undefined) await rm(remove, { recursive: true, force: true })
}

async function endAll(entries: readonly ChildProcessEntry[]): Promise<void> {
  for (const { pid } of stillRunning(entries)) {
    process.kill(pid, "SIGTERM")
    if (!(await waitForExit(pid, patience))) process.kill(pid, "SIGKILL")
  }
}

if (import.meta.main) await main()

import { readdir, readFile } from "node:fs/promises"
import { processIdentity } from "../../src/embedded/process-identity.ts"

/** A process below another one, with what tells it from later ones of the same number. */
export interface ChildProcessEntry {
  readonly pid: number
  readonly commandLine: string
  readonly identity: string
}

/** All processes below `pid`, at any depth, by /proc. */
export async function processesBelow(pid: number): Promise<ChildProcessEntry[]> {
  const parents = new Map<number, number>()
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue
    const stat = await readFile(`/proc/${name}/stat`, "latin1").catch(() => "")
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])
    if (parent > 0) parents.set(Number(name), parent)
  }
  const below = [...parents.keys()].filter((candidate) => {
    for (let at = parents.get(candidate); at !== undefined; at = parents.get(at)) if (at === pid) return true
    return false
  })
  const entries = await Promise.all(
    below.map(async (child) => {
      const commandLine = (await readFile(`/proc/${child}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ")
      return { pid: child, commandLine, identity: processIdentity(child) ?? "" }
    }),
  )
  return entries.filter((entry) => entry.identity !== "")
}

/** Those that still run. */
export function stillRunning(entries: readonly ChildProcessEntry[]): ChildProcessEntry[] {
  return entries.filter((entry) => processIdentity(entry.pid) === entry.identity)
}

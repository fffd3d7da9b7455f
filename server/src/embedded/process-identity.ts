import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { readFile, rename, rm, writeFile } from "node:fs/promises"
import { setTimeout as sleep } from "node:timers/promises"

/**
 * Who a process is beyond its number, which the system gives out again: a text that differs for any other
 * process that ever had this pid. Undefined when there is no such process.
 */
export function processIdentity(pid: number): string | undefined {
  if (existsSync("/proc/self/stat")) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
      // The name in brackets may hold spaces and brackets; the fields after it are plain.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
      if (fields[0] === "Z" || fields[0] === "X") return undefined
      return `${bootId()}/${fields[19]}`
    } catch {
      return undefined
    }
  }
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim() || undefined
  } catch {
    return undefined
  }
}

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()
  } catch {
    return ""
  }
}

/** Notes which process runs a part, so that the next start can recognise it. */
export async function writePidFile(path: string, pid: number): Promise<void> {
  const temporary = `${path}.${process.pid}.new`
  await writeFile(temporary, `${pid}\n${processIdentity(pid) ?? ""}\n`)
  await rename(temporary, path)
}

/** The process a pid file names, if that very process is still running. */
export async function readPidFile(path: string): Promise<number | undefined> {
  const text = await readFile(path, "utf8").catch(() => "")
  const [pidText, identity] = text.split("\n")
  const pid = Number(pidText)
  if (!Number.isInteger(pid) || pid < 2 || !identity) return undefined
  return processIdentity(pid) === identity ? pid : undefined
}

/** Waits until the process is gone; false when it still runs after `ms`. */
export async function waitForExit(pid: number, ms: number): Promise<boolean> {
  const end = performance.now() + ms
  while (processIdentity(pid) !== undefined) {
    if (performance.now() > end) return false
    await sleep(25)
  }
  return true
}

/** Ends what a former run left behind: asks first, kills after `patience` ms. Returns the pid it ended. */
export async function endLeftover(pidFile: string, patience = 5000): Promise<number | undefined> {
  const pid = await readPidFile(pidFile)
  if (pid !== undefined) {
    for (const [signal, wait] of [["SIGTERM", patience], ["SIGKILL", 5000]] as const) {
      try {
        process.kill(pid, signal)
      } catch {
        break
      }
      if (await waitForExit(pid, wait)) break
    }
  }
  await rm(pidFile, { force: true })
  return pid
}

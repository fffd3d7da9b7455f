import { readFile, readdir } from "node:fs/promises"
import { setTimeout as sleep } from "node:timers/promises"
import { alone, type Figure } from "./figure.ts"
import { startInstallation } from "../support/installation.ts"
import { smtpSource, postfixAvailable } from "./postfix.ts"

/** Resident memory, MB, of a process and all below it, by command name. */
async function memoryOf(root: number): Promise<Map<string, { rss: number; peak: number }>> {
  const parents = new Map<number, number>()
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue
    const stat = await readFile(`/proc/${entry}/stat`, "utf8").catch(() => "")
    const parent = /^\d+ \(.*\) \S (\d+)/s.exec(stat)?.[1]
    if (parent !== undefined) parents.set(Number(entry), Number(parent))
  }
  const found = new Map<string, { rss: number; peak: number }>()
  for (const pid of parents.keys()) {
    let above: number | undefined = pid
    while (above !== undefined && above !== root) above = parents.get(above)
    if (above !== root) continue
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "")
    const command = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ")
    const name = command.includes("wildduck") ? "wildduck" : command.includes("main.ts") ? "lifeboat" : /mongod/.test(command) ? "mongod" : /redis/.test(command) ? "redis" : "other"
    const megabytes = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024
    const before = found.get(name) ?? { rss: 0, peak: 0 }
    found.set(name, { rss: before.rss + megabytes("VmRSS"), peak: before.peak + megabytes("VmHWM") })
  }
  return found
}

/** Memory of every process at rest, and the most it had under load. */
export async function benchMemory(free: (count: number) => Promise<number[]>): Promise<Figure[]> {
  const [down = 0] = await free(1)
  const ours = await startInstallation()
  try {
    await sleep(5_000)
    const rest = await memoryOf(ours.pid)
    await ours.api("PUT", "/api/domains/example.com", { primary: { host: "127.0.0.1", port: down, tls: "none" } })
    await ours.api("POST", "/api/domains/example.com/users", { address: "user@example.com", name: "User", password: "user-password" })
    await ours.api("PUT", "/api/domains/example.com/mode", { force: "emergency" })
    if (postfixAvailable()) await smtpSource(ours.ports.smtp, 50, 3_000, 10_240)
    await sleep(10_000)
    const load = await memoryOf(ours.pid)
    return [
      ...[...rest].map(([name, { rss }]) => alone(`memory-rest-${name}`, rss, "MB")),
      ...[...load].map(([name, { peak }]) => alone(`memory-peak-${name}`, peak, "MB")),
    ]
  } finally {
    await ours.stop()
  }
}

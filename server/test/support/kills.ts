import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { readPidFile, waitForExit } from "../../src/embedded/process-identity.ts"
import type { Installation } from "./installation.ts"

export const parts = ["mongod", "redis", "wildduck"] as const
export const victims = ["lifeboat", ...parts] as const
export type Victim = (typeof victims)[number]

/** The process that is a victim now; undefined while it is being started. */
export function pidOf(installation: Installation, victim: Victim): Promise<number | undefined> {
  return victim === "lifeboat" ? Promise.resolve(installation.pid) : readPidFile(join(installation.dataDir, victim, `${victim}.pid`))
}

/** Kills one process, without warning, as soon as it runs; returns when it did. */
export async function killOne(installation: Installation, victim: Victim): Promise<number> {
  for (let tries = 0; tries < 1_200; tries++) {
    const pid = await pidOf(installation, victim)
    if (pid !== undefined) {
      process.kill(pid, "SIGKILL")
      const at = Date.now()
      await waitForExit(pid, 10_000)
      return at
    }
    await sleep(50)
  }
  throw new Error(`${victim} does not run`)
}

/** Kills every process at the same moment; returns their ids. */
export async function killAll(installation: Installation): Promise<number[]> {
  const pids = (await Promise.all(victims.map((victim) => pidOf(installation, victim)))).filter((pid) => pid !== undefined)
  for (const pid of pids) process.kill(pid, "SIGKILL")
  for (const pid of pids) await waitForExit(pid, 10_000)
  return pids
}

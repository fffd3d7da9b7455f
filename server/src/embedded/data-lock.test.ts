import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { lockDataFolder } from "./data-lock.ts"
import { writePidFile } from "./process-identity.ts"

let folder = ""

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lifeboat-lock-"))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

test("a folder in use is refused, one just given back or left by a killed process is not", async () => {
  const holder = spawn("sleep", ["60"])
  const ended = new Promise((resolve) => holder.once("exit", resolve))
  try {
    if (holder.pid === undefined) throw new Error("sleep does not run")
    await writePidFile(join(folder, "lifeboat.pid"), holder.pid)
    await expect(lockDataFolder(folder, 100)).rejects.toThrow(`Another Lifeboat (process ${holder.pid}) is using ${folder}.`)
    const waiting = lockDataFolder(folder, 10_000)
    holder.kill("SIGKILL")
    const unlock = await waiting
    expect(existsSync(join(folder, "lifeboat.pid"))).toBe(true)
    await unlock()
    expect(existsSync(join(folder, "lifeboat.pid"))).toBe(false)
  } finally {
    holder.kill("SIGKILL")
    await ended
  }
})

test("a half-written lock counts for nothing", async () => {
  await writeFile(join(folder, "lifeboat.pid"), "12")
  await (await lockDataFolder(folder, 100))()
})

test("a folder that cannot be made is named", async () => {
  await writeFile(join(folder, "file"), "")
  await expect(lockDataFolder(join(folder, "file", "data"))).rejects.toThrow(/^The folder LIFEBOAT_DATA=.* cannot be made \(ENOTDIR\)\.$/)
})

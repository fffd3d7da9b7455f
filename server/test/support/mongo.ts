import { randomBytes } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pino } from "pino"
import { inject } from "vitest"
import { readConfig } from "../../src/config.ts"
import { startMongod } from "../../src/embedded/mongod.ts"
import { readPidFile } from "../../src/embedded/process-identity.ts"
import { guard } from "./guardian.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** MongoDB of this test run (replica set, database not named). */
    mongoUrl: string
  }
}

/** A MongoDB of its own in a temporary folder, a replica set of one. `stop` ends it and removes its data. */
export async function startTestMongo(): Promise<{ url: string; stop: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "lifeboat-mongo-"))
  const { cacheDir } = readConfig()
  const log = pino({ level: "error" })
  const { part, url } = await startMongod(
    { folder, logFile: join(folder, "mongod.log"), cacheDir, cacheMb: 256, progress: (line) => console.log(line) },
    log,
  )
  const gone = guard({ pid: await readPidFile(join(folder, "mongod.pid")), remove: folder })
  return {
    url,
    stop: async () => {
      await part.stop()
      await rm(folder, { recursive: true, force: true })
      gone()
    },
  }
}

/** The run's MongoDB, and a database name that no other test file uses. Call it once per test file. */
export function testDatabase(): { url: string; dbName: string } {
  return { url: inject("mongoUrl"), dbName: `test_${randomBytes(6).toString("hex")}` }
}

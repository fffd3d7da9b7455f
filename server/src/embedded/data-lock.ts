import { link, mkdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { PartError } from "./part-error.ts"
import { processIdentity, readPidFile, waitForExit } from "./process-identity.ts"

/**
 * Makes sure that only one Lifeboat works in a data folder. One that is just stopping is waited for, `patience` ms at
 * most; a lock of a killed one counts for nothing. Throws {@link PartError}. The answer gives the lock back.
 */
export async function lockDataFolder(dataDir: string, patience = 15_000): Promise<() => Promise<void>> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    throw new PartError(`The folder LIFEBOAT_DATA=${dataDir} cannot be made (${error.code ?? error.message}).`)
  })
  const file = join(dataDir, "lifeboat.pid")
  const mine = `${file}.${process.pid}`
  await writeFile(mine, `${process.pid}\n${processIdentity(process.pid) ?? ""}\n`).catch((error: NodeJS.ErrnoException) => {
    throw new PartError(`Nothing can be written to LIFEBOAT_DATA=${dataDir} (${error.code ?? error.message}).`)
  })
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      // A link is made by one of several at once, and is never seen half written.
      const taken = await link(mine, file).then(
        () => false,
        () => true,
      )
      if (!taken) return () => rm(file, { force: true })
      const holder = await readPidFile(file)
      if (holder !== undefined && !(await waitForExit(holder, patience))) {
        throw new PartError(`Another Lifeboat (process ${holder}) is using ${dataDir}. Stop it first, or set LIFEBOAT_DATA to another folder.`)
      }
      await rm(file, { force: true })
    }
  } finally {
    await rm(mine, { force: true })
  }
  throw new PartError(`The data folder ${dataDir} cannot be locked. Please start again.`)
}

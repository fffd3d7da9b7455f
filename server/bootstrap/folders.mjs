import { constants } from "node:fs"
import { access, mkdir } from "node:fs/promises"
import { homedir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"

/** The checkout. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..")

/** Folder for what is fetched, shared by all checkouts of this user; inside the checkout where the home cannot be written. */
export async function cacheFolder(env = process.env) {
  const wanted = env.LIFEBOAT_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "lifeboat")
  const choices = env.LIFEBOAT_CACHE ? [wanted] : [wanted, join(root, ".cache")]
  for (const folder of choices.map((choice) => resolve(choice))) {
    try {
      await mkdir(folder, { recursive: true })
      await access(folder, constants.W_OK)
      return folder
    } catch {
      // The next choice.
    }
  }
  throw new Error(`Nothing can be written to ${choices.join(" or ")}: set LIFEBOAT_CACHE to a folder that can.`)
}

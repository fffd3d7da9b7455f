import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { root } from "./folders.mjs"
import { Problem, runToEnd } from "./processes.mjs"

const sources = ["vite.config.ts", "pnpm-lock.yaml", "web/index.html", "web/package.json", "web/tsconfig.json", "web/src", "web/public", "shared/src"]
const stamp = join(root, "web", "dist", ".lifeboat-build")

/** Builds the web app into web/dist when its sources changed since the last build. */
export async function ensureWebApp(node) {
  if (!existsSync(join(root, "vite.config.ts"))) return
  const wanted = await fingerprint()
  if ((await readFile(stamp, "utf8").catch(() => "")) === wanted) return
  console.log("Building the web app …")
  const status = await runToEnd(node, [join(root, "node_modules/vite/bin/vite.js"), "build", "--logLevel", "warn"], { cwd: root })
  if (status !== 0) throw new Problem("The web app could not be built (see above).")
  await writeFile(stamp, wanted)
}

async function fingerprint() {
  const hash = createHash("sha256")
  for (const source of sources) await addTo(hash, source)
  return hash.digest("hex")
}

async function addTo(hash, path) {
  const full = join(root, path)
  let entries
  try {
    entries = await readdir(full, { withFileTypes: true })
  } catch (error) {
    if (error.code === "ENOENT") return
    if (error.code !== "ENOTDIR") throw error
    hash.update(`\0${path}\0`).update(await readFile(full))
    return
  }
  const names = entries.filter(({ name }) => !name.endsWith(".test.ts")).map(({ name }) => name)
  for (const name of names.sort()) await addTo(hash, `${path}/${name}`)
}

import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { root } from "./folders.mjs"
import { Problem, runToEnd } from "./processes.mjs"
import { registryPackage } from "./registry-package.mjs"

const manifests = ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...["shared", "server", "web", "e2e"].map((name) => `${name}/package.json`)]
const stamp = join(root, "node_modules", ".lifeboat-install")

/** Installs what the lockfile names; nothing at all when that has not changed since the last time. */
export async function ensureDependencies(node, cache) {
  const wanted = await fingerprint()
  if ((await readFile(stamp, "utf8").catch(() => "")) === wanted) return
  const pnpm = await pnpmScript(cache)
  console.log("Installing the libraries …")
  const options = ["--frozen-lockfile", "--config.confirmModulesPurge=false", "--config.updateNotifier=false"]
  // A home that cannot be written has no room for pnpm's store either.
  if (cache.startsWith(root)) options.push("--store-dir", join(cache, "pnpm-store"))
  const status = await runToEnd(node, [pnpm, "install", ...options], { cwd: root })
  if (status !== 0) throw new Problem("The libraries could not be installed (see above). Is this machine online?")
  await writeFile(stamp, wanted)
}

async function fingerprint() {
  const hash = createHash("sha256")
  for (const name of manifests) {
    hash.update(`\0${name}\0`)
    if (existsSync(join(root, name))) hash.update(await readFile(join(root, name)))
  }
  return hash.digest("hex")
}

/** pnpm as `packageManager` in package.json pins it: version and SHA-512. */
async function pnpmScript(cache) {
  const { packageManager } = JSON.parse(await readFile(join(root, "package.json"), "utf8"))
  const [, version, hex] = /^pnpm@([^+]+)\+sha512\.([0-9a-f]{128})$/.exec(packageManager) ?? []
  if (version === undefined) throw new Problem("packageManager in package.json must read pnpm@<version>+sha512.<hex>.")
  const sha512 = Buffer.from(hex, "hex").toString("base64")
  const folder = await registryPackage(cache, { name: "pnpm", version, sha512, title: `pnpm ${version} (5 MB)` })
  return join(folder, "bin", "pnpm.mjs")
}

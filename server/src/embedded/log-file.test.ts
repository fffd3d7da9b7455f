import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { openLogFile } from "./log-file.ts"

test("a log is turned over before it outgrows its size, and the oldest goes", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lifeboat-log-"))
  try {
    const log = openLogFile(join(folder, "logs", "part.log"), 10, 2)
    for (const line of ["first 1\n", "second\n", "third 3\n", "fourth\n"]) log.write(Buffer.from(line))
    log.close()
    expect((await readdir(join(folder, "logs"))).sort()).toEqual(["part.log", "part.log.1", "part.log.2"])
    expect(await readFile(join(folder, "logs", "part.log"), "utf8")).toBe("fourth\n")
    expect(await readFile(join(folder, "logs", "part.log.2"), "utf8")).toBe("second\n")
    expect(log.tail()).toBe("first 1\nsecond\nthird 3\nfourth\n")

    const again = openLogFile(join(folder, "logs", "part.log"), 1000)
    again.write(Buffer.from("fifth\n"))
    again.close()
    expect(await readFile(join(folder, "logs", "part.log"), "utf8")).toBe("fourth\nfifth\n")
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { brotliCompressSync, gzipSync } from "node:zlib"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startTestApi, type TestApi } from "../../test/support/api.ts"

let api: TestApi
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lifeboat-web-"))
  await mkdir(join(folder, "dist/assets"), { recursive: true })
  await writeFile(join(folder, "dist/index.html"), "<!doctype html><title>Lifeboat</title>")
  await writeFile(join(folder, "dist/assets/main-abc123.js"), "export {}")
  await writeFile(join(folder, "dist/assets/main-abc123.js.br"), brotliCompressSync("export {}"))
  await writeFile(join(folder, "dist/assets/main-abc123.js.gz"), gzipSync("export {}"))
  await writeFile(join(folder, "dist/lifeboat.svg"), "<svg/>")
  await writeFile(join(folder, "secret.txt"), "secret")
  api = await startTestApi({ webFolder: join(folder, "dist") })
})
afterAll(async () => {
  await api.close()
  await rm(folder, { recursive: true, force: true })
})

describe("static files", () => {
  it.each([
    ["/", "text/html; charset=utf-8", "no-cache"],
    ["/mail/inbox/12", "text/html; charset=utf-8", "no-cache"],
    ["/panel/example.com/users?x=1.js", "text/html; charset=utf-8", "no-cache"],
    ["/assets/main-abc123.js", "application/javascript; charset=utf-8", "public, max-age=31536000, immutable"],
    ["/panel/example.com", "text/html; charset=utf-8", "no-cache"],
    ["/lifeboat.svg", "image/svg+xml", "public, max-age=86400"],
  ])("%s", async (path, type, cache) => {
    const answer = await api.call("GET", path)
    expect([answer.status, answer.headers.get("content-type"), answer.headers.get("cache-control")]).toEqual([200, type, cache])
    expect((await api.call("HEAD", path)).status).toBe(200)
  })

  it("tells with a page what the app will ask for, and with nothing else", async () => {
    expect((await api.call("GET", "/mail")).headers.get("link")).toBe("</api/session>; rel=preload; as=fetch; crossorigin")
    expect((await api.call("GET", "/assets/main-abc123.js")).headers.get("link")).toBeNull()
    expect((await api.call("GET", "/api/nothing")).headers.get("link")).toBeNull()
  })

  it.each([["br, gzip", "br"], ["gzip", "gzip"], ["identity", null]])("packed for who accepts %s", async (accepted, encoding) => {
    const answer = await api.call("GET", "/assets/main-abc123.js", undefined, undefined, { "accept-encoding": accepted })
    expect([answer.headers.get("content-encoding"), answer.headers.get("content-type"), answer.headers.get("vary"), answer.text]).toEqual([encoding, "application/javascript; charset=utf-8", "accept-encoding", "export {}"])
    expect(answer.headers.get("cache-control")).toContain("immutable")
  })

  it.each(["/assets/old-def456.js", "/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/assets/..%5c..%5csecret.txt", "/api/nothing", "/assets/%00.js"])("does not have %s", async (path) => {
    const answer = await api.call("GET", path)
    expect([400, 403, 404]).toContain(answer.status)
    expect(answer.body).toEqual({ code: expect.any(String), message: expect.any(String) })
    expect(answer.headers.get("cache-control") ?? "").not.toContain("immutable")
  })

  it("has a code for other methods as well", async () => expect((await api.call("POST", "/mail")).body).toMatchObject({ code: "not-found" }))
})

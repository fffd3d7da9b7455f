import { Readable } from "node:stream"
import Fastify from "fastify"
import { afterEach, expect, it } from "vitest"
import { unzip } from "../../../test/support/unzip.ts"
import { sendZip, type ZipEntry } from "./zip.ts"

const warnings: unknown[] = []
let close = () => Promise.resolve()
afterEach(() => close())

async function serve(entries: readonly ZipEntry[]): Promise<string> {
  const app = Fastify()
  app.get("/", (_request, reply) => sendZip(reply, "x.zip", entries, { warn: (...args: unknown[]) => void warnings.push(args) }))
  close = () => app.close()
  return app.listen({ host: "127.0.0.1", port: 0 })
}
const entry = (name: string, open: ZipEntry["open"]): ZipEntry => ({ name, date: new Date("2026-06-01T10:00:00Z"), open })

it("holds the files, names in UTF-8, and an empty one for what is gone", async () => {
  const url = await serve([entry("Größe 日.txt", () => Promise.resolve(Readable.from([Buffer.from("a".repeat(100_000))]))), entry("gone.txt", () => Promise.resolve(undefined))])
  const answer = await fetch(url)
  expect(answer.headers.get("content-disposition")).toMatch(/^attachment; filename="x.zip"/)
  const files = unzip(Buffer.from(await answer.arrayBuffer()))
  expect(files.map(({ name, content, unicode }) => [name, content.length, unicode])).toEqual([["Größe 日.txt", 100_000, true], ["gone.txt", 0, true]])
})

it("opens one file at a time, and lets go of it when the caller leaves", async () => {
  let opened = 0
  const streams: Readable[] = []
  const endless = () => {
    opened++
    const stream = new Readable({ read() { setImmediate(() => this.push(Buffer.allocUnsafe(65_536))) } })
    streams.push(stream)
    return Promise.resolve(stream)
  }
  const url = await serve([entry("a", endless), entry("b", endless)])
  const leave = new AbortController()
  const answer = await fetch(url, { signal: leave.signal })
  await answer.body?.getReader().read()
  expect(opened).toBe(1)
  leave.abort()
  await expect.poll(() => streams[0]?.destroyed).toBe(true)
  expect(opened).toBe(1)
})

it.each([
  ["cannot be opened", () => Promise.reject(new Error("no"))],
  ["breaks in the middle", () => Promise.resolve(new Readable({ read() { this.push("x"); this.destroy(new Error("broken")) } }))],
])("breaks off when a file %s", async (_, open) => {
  const url = await serve([entry("a", () => Promise.resolve(Readable.from(["first"]))), entry("b", open)])
  await expect(fetch(url).then((answer) => answer.arrayBuffer())).rejects.toThrow()
  expect(warnings.length).toBeGreaterThan(0)
})

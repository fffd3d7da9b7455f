import { mkdtemp, rm } from "node:fs/promises"
import { createServer, type Server } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, expect, test } from "vitest"
import { assertPortsFree, freePort, rememberedPort } from "./ports.ts"

const open: Server[] = []

afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

async function take(port: number): Promise<void> {
  const server = createServer()
  open.push(server)
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve))
}

test("a taken port is named with the setting that changes it, all of them at once", async () => {
  const [first, second, third] = [await freePort(), await freePort(), await freePort()]
  const listeners = [
    { host: "127.0.0.1", port: first, setting: "LIFEBOAT_HTTP_PORT" },
    { host: "127.0.0.1", port: second, setting: "LIFEBOAT_SMTP_PORT" },
    { host: "127.0.0.1", port: third, setting: "LIFEBOAT_IMAP_PORT" },
  ]
  await expect(assertPortsFree(listeners)).resolves.toBeUndefined()
  await take(first)
  await take(third)
  const advice = (port: number, setting: string) =>
    `Port ${port} on 127.0.0.1 is taken by another program. Stop that program, or set ${setting} to another port.`
  await expect(assertPortsFree(listeners)).rejects.toThrow(`${advice(first, "LIFEBOAT_HTTP_PORT")}\n${advice(third, "LIFEBOAT_IMAP_PORT")}`)
})

test("the same port for two listeners, and an address of another machine, are told too", async () => {
  const port = await freePort()
  const twice = [
    { host: "127.0.0.1", port, setting: "LIFEBOAT_HTTP_PORT" },
    { host: "127.0.0.1", port, setting: "LIFEBOAT_SMTP_PORT" },
  ]
  await expect(assertPortsFree(twice)).rejects.toThrow(`LIFEBOAT_HTTP_PORT and LIFEBOAT_SMTP_PORT both name port ${port}: change one of them.`)
  await expect(assertPortsFree([{ host: "192.0.2.1", port, setting: "LIFEBOAT_HTTP_PORT" }])).rejects.toThrow(/192\.0\.2\.1 is not an address of this machine/)
})

test("a remembered port stays the same until another program takes it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lifeboat-ports-"))
  try {
    const file = join(folder, "deep", "port")
    const port = await rememberedPort(file, [])
    expect(await rememberedPort(file, [])).toBe(port)
    await take(port)
    const other = await rememberedPort(file, [])
    expect(other).not.toBe(port)
    expect(await rememberedPort(file, [])).toBe(other)
    expect(await rememberedPort(file, [other])).not.toBe(other)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

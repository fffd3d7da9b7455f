import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { connect } from "node:tls"
import { Redis } from "ioredis"
import { MongoClient } from "mongodb"
import { pino } from "pino"
import { afterAll, beforeAll, expect, test } from "vitest"
import { readConfig, type Config } from "../../src/config.ts"
import { startEmbeddedParts, type EmbeddedParts } from "../../src/embedded/embedded-parts.ts"
import { freePort } from "../../src/embedded/ports.ts"
import { processIdentity } from "../../src/embedded/process-identity.ts"
import type { PartStatus } from "../../src/embedded/supervisor.ts"
import { startWildDuck, type WildDuckProcess } from "../../src/mailbox/wildduck-process.ts"

const log = pino({ level: "silent" })
let folder = ""
let config: Config
let parts: EmbeddedParts
let wildDuck: WildDuckProcess
const pids = new Set<number>()

const statuses = (): PartStatus[] => [...parts.parts(), wildDuck.status()]
const status = (name: string) => statuses().find((part) => part.name === name)

async function startAll(): Promise<void> {
  parts = await startEmbeddedParts(config, log)
  wildDuck = await startWildDuck(config, parts, log)
  rememberPids()
}

function rememberPids(): void {
  for (const { pid } of statuses()) if (pid !== undefined) pids.add(pid)
}

async function stopAll(): Promise<void> {
  await wildDuck.stop()
  await parts.stop()
}

const kill = (name: string): number => {
  const pid = status(name)?.pid
  if (pid === undefined) throw new Error(`${name} does not run`)
  process.kill(pid, "SIGKILL")
  return pid
}

const runsAgain = (name: string, formerPid: number) =>
  expect.poll(() => status(name), { timeout: 60_000, interval: 50 }).toSatisfy((part: PartStatus) => part.state === "running" && part.pid !== formerPid)

/** Writes one mail through WildDuck's API and reads how many there are. */
async function countAfterNewMail(address: string): Promise<number> {
  const call = async (method: string, path: string, body?: string, type = "application/json") => {
    const answer = await fetch(`${wildDuck.apiUrl}${path}`, {
      method,
      headers: { "X-Access-Token": wildDuck.accessToken, "Content-Type": type },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(30_000),
    })
    return { ok: answer.ok, body: (await answer.json()) as Record<string, unknown> }
  }
  const found = await call("GET", `/users/resolve/${address}`)
  const user = found.ok ? found : await call("POST", "/users", JSON.stringify({ username: address, address, password: "a long enough one" }))
  const id = String(user.body["id"])
  const inbox = await call("GET", `/users/${id}/mailboxes/resolve?path=INBOX`).then((answer) => (answer.ok ? String(answer.body["id"]) : undefined))
  const mailbox = inbox ?? (await firstMailbox(id, call))
  const stored = await call("POST", `/users/${id}/mailboxes/${mailbox}/messages`, "Subject: one\r\n\r\nbody\r\n", "message/rfc822")
  if (!stored.ok) throw new Error(JSON.stringify(stored.body))
  const list = await call("GET", `/users/${id}/mailboxes/${mailbox}/messages`)
  return Number(list.body["total"])
}

async function firstMailbox(id: string, call: (method: string, path: string) => Promise<{ body: Record<string, unknown> }>): Promise<string> {
  const { results } = (await call("GET", `/users/${id}/mailboxes`)).body as { results: { id: string; path: string }[] }
  const inbox = results.find(({ path }) => path === "INBOX")
  if (inbox === undefined) throw new Error("no INBOX")
  return inbox.id
}

async function greeting(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, servername: "localhost", ca: parts.certificate.cert })
    socket.once("data", (chunk: Buffer) => {
      resolve(chunk.toString())
      socket.destroy()
    })
    socket.once("error", reject)
  })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lifeboat-parts-"))
  config = readConfig({
    ...process.env,
    LIFEBOAT_DATA: folder,
    LIFEBOAT_MONGO_URL: "",
    LIFEBOAT_REDIS_URL: "",
    LIFEBOAT_IMAP_PORT: String(await freePort()),
    LIFEBOAT_IMAPS_PORT: String(await freePort()),
    LIFEBOAT_POP3S_PORT: String(await freePort()),
  })
  await startAll()
})

afterAll(async () => {
  await stopAll()
  await rm(folder, { recursive: true, force: true })
})

test("all parts answer, with our certificate and durable writes", async () => {
  expect(await greeting(config.ports.imaps)).toMatch(/^\* OK/)
  expect(await greeting(config.ports.pop3s)).toMatch(/^\+OK/)
  expect(await countAfterNewMail("anna@example.com")).toBe(1)
  const refused = await fetch(`${wildDuck.apiUrl}/users`)
  expect(refused.status).toBe(403)
})

test.each(["mongod", "redis", "wildduck"])("%s killed with -9 comes back by itself, with its data", async (name) => {
  const client = await MongoClient.connect(parts.mongoUrl)
  const redis = new Redis(parts.redisUrl)
  try {
    const items = client.db("kept").collection("items", { writeConcern: { w: "majority", journal: true } })
    await items.insertOne({ name })
    const before = await countAfterNewMail("bert@example.com")
    await redis.set(`kept:${name}`, "yes")
    const formerPid = kill(name)
    await runsAgain(name, formerPid)
    expect(status(name)?.restarts).toBe(1)
    rememberPids()
    expect(await items.countDocuments({ name })).toBe(1)
    await expect.poll(() => countAfterNewMail("bert@example.com").catch(() => 0), { timeout: 60_000, interval: 250 }).toBeGreaterThan(before)
    if (name !== "redis") expect(await redis.get(`kept:${name}`)).toBe("yes")
  } finally {
    redis.disconnect()
    await client.close()
  }
})

test("WildDuck that starts while mongod is away waits for it", async () => {
  await wildDuck.stop()
  const formerPid = kill("mongod")
  wildDuck = await startWildDuck(config, parts, log)
  await runsAgain("mongod", formerPid)
  rememberPids()
  expect(await countAfterNewMail("carla@example.com")).toBe(1)
})

test("stopping leaves no process, and the next start finds the data", async () => {
  await stopAll()
  expect([...pids].filter((pid) => processIdentity(pid) !== undefined)).toEqual([])
  for (const name of ["mongod", "redis", "wildduck"]) {
    expect((await readdir(join(folder, name))).filter((file) => file.endsWith(".pid"))).toEqual([])
  }
  await startAll()
  expect(await countAfterNewMail("anna@example.com")).toBe(2)
})

test("a port taken by another program stops the start with one sentence", async () => {
  await stopAll()
  const { createServer } = await import("node:net")
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(config.ports.imap, "127.0.0.1", resolve))
  parts = await startEmbeddedParts(config, log)
  await expect(startWildDuck(config, parts, log)).rejects.toThrow(
    `Port ${config.ports.imap} on 127.0.0.1 is taken by another program. Stop that program, or set LIFEBOAT_IMAP_PORT to another port.`,
  )
  await new Promise((resolve) => taken.close(resolve))
  wildDuck = await startWildDuck(config, parts, log)
})

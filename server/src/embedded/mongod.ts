import { mkdir } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { MongoClient, MongoServerError } from "mongodb"
import { Type, type Static } from "typebox"
import { Value } from "typebox/value"
import type { Logger } from "../logger.ts"
import type { Progress } from "./downloads.ts"
import { findMongod } from "./mongod-binary.ts"
import { endLeftover } from "./process-identity.ts"
import { rememberedPort } from "./ports.ts"
import { startPart, type Part } from "./supervisor.ts"

/** What the embedded database is started with. */
export interface MongodOptions {
  /** Its folder: data, remembered port, pid file. */
  readonly folder: string
  readonly logFile: string
  readonly cacheDir: string
  /** WiredTiger's cache, MiB; unlimited it would take half of the memory. */
  readonly cacheMb: number
  readonly progress: Progress
  /** Ports that our own listeners will open. */
  readonly avoidPorts?: readonly number[]
}

const replicaSet = "rs0"
const alreadyInitialized = 23

/**
 * Starts the embedded MongoDB: a replica set of one member on 127.0.0.1, journaled, its data kept in `folder`.
 * Ready means: it is primary and takes writes. Throws PartError.
 */
export async function startMongod(options: MongodOptions, log: Logger): Promise<{ part: Part; url: string }> {
  const binary = await findMongod(options.cacheDir, options.progress)
  const data = join(options.folder, "data")
  await mkdir(data, { recursive: true, mode: 0o700 })
  const pidFile = join(options.folder, "mongod.pid")
  // Its port is only free again once a former run's process is gone.
  await endLeftover(pidFile, 15_000)
  const port = await rememberedPort(join(options.folder, "port"), options.avoidPorts)
  const part = await startPart(
    {
      name: "mongod",
      command: binary,
      args: [
        ...["--dbpath", data, "--bind_ip", "127.0.0.1", "--port", String(port), "--replSet", replicaSet],
        ...["--wiredTigerCacheSizeGB", String(Math.max(0.25, options.cacheMb / 1024)), "--oplogSize", "1024"],
        ...["--nounixsocket", "--setParameter", "diagnosticDataCollectionEnabled=false", "--setParameter", "shutdownTimeoutMillisForSignaledShutdown=1000"],
      ],
      logFile: options.logFile,
      pidFile,
      ready: (signal) => becomePrimary(port, signal),
      readyTimeout: 120_000,
      stopTimeout: 20_000,
      explain: explainMongod,
    },
    log,
  )
  return { part, url: `mongodb://127.0.0.1:${port}/?replicaSet=${replicaSet}` }
}

/** Known troubles of mongod, from its own log. */
export function explainMongod(tail: string): string | undefined {
  if (/No space left on device/.test(tail)) return "The disk is full: MongoDB cannot write its data. Make room and start again."
  if (/Permission denied|Attempted to create a lock file on a read-only directory/.test(tail)) {
    return "MongoDB may not write to its data folder: check the owner of LIFEBOAT_DATA."
  }
  if (/Address already in use/.test(tail)) return "The port chosen for MongoDB was taken in the same moment. Please start again."
  if (/Wrong mongod version|Invalid feature compatibility version|UPGRADE PROBLEM/.test(tail)) {
    return "The data folder was written by another version of MongoDB. Use the mongod it was written with (on the PATH), or another LIFEBOAT_DATA."
  }
  return undefined
}

const Hello = Type.Object({
  isWritablePrimary: Type.Optional(Type.Boolean()),
  setName: Type.Optional(Type.String()),
  me: Type.Optional(Type.String()),
  primary: Type.Optional(Type.String()),
  info: Type.Optional(Type.String()),
})

/** Waits for the server, makes it a set of one when it is new, and follows it when its port has changed. */
async function becomePrimary(port: number, signal: AbortSignal): Promise<void> {
  const address = `127.0.0.1:${port}`
  while (!signal.aborted) {
    // A client whose first connection failed stays closed for good, so each one starts on an open port.
    if (await accepts(port)) {
      const client = new MongoClient(`mongodb://${address}/?directConnection=true`, { serverSelectionTimeoutMS: 1000, connectTimeoutMS: 1000, socketTimeoutMS: 10_000, maxPoolSize: 1 })
      try {
        if (await leadToPrimary(client, address, signal)) return
      } finally {
        await client.close().catch(() => undefined)
      }
    }
    await sleep(25)
  }
}

/** True once it is primary; false when this client gets no answer any more. */
async function leadToPrimary(client: MongoClient, address: string, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const hello = await askHello(client)
    if (hello === undefined) return false
    if (hello.isWritablePrimary === true) return true
    // A set that does not find itself in its own record looks like a new one.
    if (hello.setName === undefined && !(await initiate(client, address))) await moveHere(client, address)
    await sleep(25)
  }
  return false
}

async function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: 1000 })
    const done = (open: boolean) => {
      socket.destroy()
      resolve(open)
    }
    socket.once("connect", () => done(true))
    socket.once("timeout", () => done(false))
    socket.once("error", () => done(false))
  })
}

async function askHello(client: MongoClient): Promise<Static<typeof Hello> | undefined> {
  try {
    const answer: unknown = await client.db("admin").command({ hello: 1 })
    return Value.Check(Hello, answer) ? answer : undefined
  } catch {
    return undefined
  }
}

/** Makes it a set of one. False: it has been one before. */
async function initiate(client: MongoClient, host: string): Promise<boolean> {
  try {
    await client.db("admin").command({ replSetInitiate: { _id: replicaSet, members: [{ _id: 0, host }] } })
    return true
  } catch (error) {
    // Any other failure is seen again in the next round, up to the time-out.
    return !(error instanceof MongoServerError && error.code === alreadyInitialized)
  }
}

const StoredConfig = Type.Object({ config: Type.Object({ version: Type.Integer(), members: Type.Array(Type.Object({ host: Type.String() })) }) })

/** The set's own record still names the port of an earlier start. */
async function moveHere(client: MongoClient, host: string): Promise<void> {
  try {
    const answer: unknown = await client.db("admin").command({ replSetGetConfig: 1 })
    if (!Value.Check(StoredConfig, answer) || answer.config.members[0]?.host === host) return
    const config = { ...answer.config, version: answer.config.version + 1, members: [{ ...answer.config.members[0], host }] }
    await client.db("admin").command({ replSetReconfig: config, force: true })
  } catch {
    // Asked too early: the next round tries again.
  }
}

import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import type { Config } from "../config.ts"
import type { Logger } from "../logger.ts"
import { loadCertificate, type Certificate } from "./certificates.ts"
import type { Progress } from "./downloads.ts"
import { startMongod } from "./mongod.ts"
import { PartError } from "./part-error.ts"
import { startRedis } from "./redis.ts"
import type { Part, PartStatus } from "./supervisor.ts"

/** The databases and the certificate that everything else needs. */
export interface EmbeddedParts {
  /** Connection string without a database name of ours. */
  readonly mongoUrl: string
  readonly redisUrl: string
  readonly certificate: Certificate
  /** State of the embedded ones; external servers are not in it. */
  parts(): PartStatus[]
  /** Stops Redis, then MongoDB. Stop everything that uses them first. */
  stop(): Promise<void>
}

const printLine: Progress = (line) => void process.stdout.write(`${line}\n`)

/**
 * Starts the embedded MongoDB and Redis at the same time, leaving out those for which an external server is set, and
 * loads or makes the certificate. Throws {@link PartError} with what to do; nothing is left running then.
 */
export async function startEmbeddedParts(config: Config, log: Logger, progress: Progress = printLine): Promise<EmbeddedParts> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    throw new PartError(`The folder LIFEBOAT_DATA=${config.dataDir} cannot be made (${error.code ?? error.message}).`)
  })
  const logs = join(config.dataDir, "logs")
  const { cacheDir } = config
  const avoidPorts = Object.values(config.ports)
  const [mongod, redis, certificate] = await Promise.allSettled([
    config.mongoUrl === undefined
      ? startMongod({ folder: join(config.dataDir, "mongod"), logFile: join(logs, "mongod.log"), cacheDir, cacheMb: config.mongoCacheMb, progress, avoidPorts }, log)
      : { part: undefined, url: config.mongoUrl },
    config.redisUrl === undefined
      ? startRedis({ folder: join(config.dataDir, "redis"), logFile: join(logs, "redis.log"), cacheDir, progress, avoidPorts }, log)
      : { part: undefined, url: config.redisUrl },
    loadCertificate({ folder: join(config.dataDir, "tls"), hostname: config.hostname, given: config.tls }, new Date()),
  ])
  const parts: Part[] = []
  for (const started of [redis, mongod]) {
    if (started.status === "fulfilled" && started.value.part !== undefined) parts.push(started.value.part)
  }
  const stop = async () => {
    for (const part of parts) await part.stop()
  }
  if (mongod.status === "rejected" || redis.status === "rejected" || certificate.status === "rejected") {
    await stop()
    throw problem([mongod, redis, certificate])
  }
  return {
    mongoUrl: mongod.value.url,
    redisUrl: redis.value.url,
    certificate: certificate.value,
    parts: () => parts.map((part) => part.status()),
    stop,
  }
}

/** One error for all that went wrong; anything unforeseen as it is. */
function problem(results: readonly PromiseSettledResult<unknown>[]): unknown {
  const reasons = results.flatMap((result): unknown[] => (result.status === "rejected" ? [result.reason] : []))
  const unforeseen = reasons.find((reason) => !(reason instanceof PartError))
  return unforeseen ?? new PartError(reasons.map((reason) => (reason instanceof PartError ? reason.message : "")).join("\n"))
}

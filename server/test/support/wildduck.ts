import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ImapFlow } from "imapflow"
import { pino } from "pino"
import { readConfig, type Config } from "../../src/config.ts"
import { loadCertificate } from "../../src/embedded/certificates.ts"
import { freePort } from "../../src/embedded/ports.ts"
import { startRedis } from "../../src/embedded/redis.ts"
import { WildDuckApi } from "../../src/mailbox/wildduck-api.ts"
import { startWildDuck, type WildDuckProcess } from "../../src/mailbox/wildduck-process.ts"
import { openDatabase, type Database } from "../../src/store/database.ts"
import { ensureIndexes } from "../../src/store/indexes.ts"
import { startTestMongo } from "./mongo.ts"

/** WildDuck on a Redis of its own, with a database of Lifeboat beside its. */
export interface TestMailboxes {
  readonly config: Config
  readonly database: Database
  readonly process: WildDuckProcess
  readonly api: WildDuckApi
  /** An IMAP client, signed in. The caller logs it out. */
  imap(address: string, password: string): Promise<ImapFlow>
  stop(): Promise<void>
}

/** Starts WildDuck on free ports, on a MongoDB of its own: it has one fixed database name. */
export async function startTestMailboxes(): Promise<TestMailboxes> {
  const folder = await mkdtemp(join(tmpdir(), "lifeboat-wildduck-"))
  const ports = await Promise.all(Array.from({ length: 7 }, () => freePort()))
  const [http, smtp, submission, submissions, imap, imaps, pop3s] = ports.map(String)
  const config = readConfig({
    LIFEBOAT_DATA: folder,
    LIFEBOAT_CACHE: readConfig().cacheDir,
    LIFEBOAT_HTTP_PORT: http,
    LIFEBOAT_SMTP_PORT: smtp,
    LIFEBOAT_SUBMISSION_PORT: submission,
    LIFEBOAT_SUBMISSIONS_PORT: submissions,
    LIFEBOAT_IMAP_PORT: imap,
    LIFEBOAT_IMAPS_PORT: imaps,
    LIFEBOAT_POP3S_PORT: pop3s,
  })
  const log = pino({ level: "error" })
  const stops: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })]
  const stop = async () => {
    for (const step of stops.toReversed()) await step()
  }
  try {
    const mongo = await startTestMongo()
    stops.push(mongo.stop)
    const redis = await startRedis({ folder: join(folder, "redis"), logFile: join(folder, "redis.log"), cacheDir: config.cacheDir, progress: (line) => console.log(line) }, log)
    stops.push(() => redis.part.stop())
    const certificate = await loadCertificate({ folder: join(folder, "tls"), hostname: "localhost", given: undefined }, new Date())
    const process = await startWildDuck(config, { mongoUrl: mongo.url, redisUrl: redis.url, certificate }, log)
    stops.push(() => process.stop())
    const database = await openDatabase(mongo.url)
    stops.push(() => database.close())
    await ensureIndexes(database)
    return {
      config,
      database,
      process,
      api: new WildDuckApi(process),
      imap: async (address, password) => {
        const client = new ImapFlow({ host: "127.0.0.1", port: config.ports.imaps, secure: true, auth: { user: address, pass: password }, tls: { rejectUnauthorized: false }, logger: false })
        client.on("error", () => undefined)
        await client.connect()
        return client
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

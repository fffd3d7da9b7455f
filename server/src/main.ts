import { hostname } from "node:os"
import { startApp, type App } from "./app.ts"
import { ConfigError, readConfig } from "./config.ts"
import { lockDataFolder } from "./embedded/data-lock.ts"
import { startEmbeddedParts, type EmbeddedParts } from "./embedded/embedded-parts.ts"
import { PartError } from "./embedded/part-error.ts"
import { assertPortsFree } from "./embedded/ports.ts"
import { SampleCompany } from "./embedded/sample-company/sample-company.ts"
import { sampleSetup } from "./embedded/sample-company/sample-setup.ts"
import { samplePeople, samplePassword } from "./embedded/sample-company/sample-people.ts"
import { onStopRequested } from "./embedded/stop-request.ts"
import { FirstOperatorError, ensureFirstOperator } from "./identity/first-operator.ts"
import { createLogger } from "./logger.ts"
import { startWildDuck, wildDuckListeners, type WildDuckProcess } from "./mailbox/wildduck-process.ts"
import { openDatabase, type Database } from "./store/database.ts"
import { ensureIndexes } from "./store/indexes.ts"

const stopDeadline = 30_000

/** Starts a node: `main.ts start`, or `main.ts demo` with the sample company. Runs until SIGINT or SIGTERM. */
async function main(demo: boolean): Promise<void> {
  const config = readConfig()
  const log = createLogger(config.logLevel)
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  const running: { unlock?: () => Promise<void>; parts?: EmbeddedParts; wildduck?: WildDuckProcess; database?: Database; sample?: SampleCompany; app?: App } = {}
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      await running.sample?.stop()
      await running.app?.stop()
      await running.wildduck?.stop()
      await running.database?.close()
      await running.parts?.stop()
      await running.unlock?.()
    })()
    return stopping
  }
  const end = (signal: string) => {
    log.info({ signal }, "stopping")
    setTimeout(() => process.exit(1), stopDeadline).unref()
    void stop().then(() => process.exit(0), () => process.exit(1))
  }
  onStopRequested(end)
  process.on("unhandledRejection", (error) => log.error({ error: error instanceof Error ? error.stack : String(error) }, "an error that nobody handled"))

  const { host, ports, roles } = config
  const wanted = [
    ...(roles.has("api") ? [{ host, port: ports.http, setting: "LIFEBOAT_HTTP_PORT" }] : []),
    ...(roles.has("gateway")
      ? [
          { host, port: ports.smtp, setting: "LIFEBOAT_SMTP_PORT" },
          { host, port: ports.submission, setting: "LIFEBOAT_SUBMISSION_PORT" },
          { host, port: ports.submissions, setting: "LIFEBOAT_SUBMISSIONS_PORT" },
        ]
      : []),
  ]
  try {
    running.unlock = await lockDataFolder(config.dataDir)
    await assertPortsFree([...wanted, ...(roles.has("store") ? wildDuckListeners(config) : [])])
    const parts = (running.parts = await startEmbeddedParts(config, log, say))
    const database = (running.database = await openDatabase(parts.mongoUrl))
    const [wildduck] = await Promise.all([
      roles.has("store") ? startWildDuck(config, { mongoUrl: parts.mongoUrl, redisUrl: parts.redisUrl, certificate: parts.certificate }, log) : undefined,
      ensureIndexes(database),
    ])
    if (wildduck) running.wildduck = wildduck
    let setUp = false
    const sample = demo ? new SampleCompany(config, log) : undefined
    const app = (running.app = await startApp({
      config,
      log,
      database,
      node: `${hostname()}:${ports.smtp}`,
      certificate: parts.certificate,
      wildduck: wildduck && (() => ({ apiUrl: wildduck.apiUrl, accessToken: wildduck.accessToken, settings: wildduck.settings, folder: wildduck.folder, cacheDir: config.cacheDir })),
      demo: sample,
      partProblems: () => {
        const all = [...parts.parts(), ...(wildduck ? [wildduck.status()] : [])]
        const problems = Object.fromEntries(all.map((part) => [part.name, part.state === "running" ? null : `${part.name} is ${part.state}.`]))
        return setUp ? problems : { ...problems, setup: "The first operator and the sample company are being set up." }
      },
    }))
    const operator = await ensureFirstOperator(database, app.users, config.admin)
    if (sample) {
      running.sample = sample
      await sample.start(sampleSetup(database, app))
      void sample.startMail()
    }
    setUp = true
    const url = `http://${host === "0.0.0.0" ? config.hostname : host}:${app.httpPort ?? ports.http}`
    say("")
    say(`Lifeboat is up: ${url}`)
    say(`  Operator    ${operator.address}${operator.generatedPassword === undefined ? "" : `   password ${operator.generatedPassword} (shown only this once)`}`)
    say(`  SMTP ${ports.smtp} · submission ${ports.submission} (STARTTLS), ${ports.submissions} (TLS) · IMAP ${ports.imap} (STARTTLS), ${ports.imaps} (TLS) · POP3 ${ports.pop3s} (TLS)`)
    if (sample) {
      say("")
      say("The sample company example.com, everybody with the password " + samplePassword + ":")
      for (const person of samplePeople) say(`  ${person.address.padEnd(20)} ${person.name}${person.role === "administrator" ? " (administrator)" : ""}`)
      say("What to try:")
      say(`  1. Sign in at ${url} as anna@example.com, and in another window as admin@example.com.`)
      say(`  2. Open ${url}/demo and stop the company's mail server. The bar in the webmail changes within seconds.`)
      say("  3. Read and answer the mail that keeps coming, delete one, move one; use a mail client too, if you like.")
      say("  4. Start the mail server again and look into its mailboxes: everything is there, once, but what you deleted.")
    }
    say("")
    say("Stop it with Ctrl+C.")
  } catch (error) {
    const known = error instanceof PartError || error instanceof ConfigError || error instanceof FirstOperatorError
    process.stderr.write(known ? `\n${error.message}\n` : `\nLifeboat could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    await stop().catch(() => undefined)
    process.exit(1)
  }
}

const mode = process.argv[2]
if (mode !== "start" && mode !== "demo") {
  process.stderr.write("main.ts start | demo\n")
  process.exit(2)
}
await main(mode === "demo").catch((error: unknown) => {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})

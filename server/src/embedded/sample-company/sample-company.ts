import { fork, type ChildProcess } from "node:child_process"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { simpleParser } from "mailparser"
import SMTPConnection from "nodemailer/lib/smtp-connection/index.js"
import { Value } from "typebox/value"
import type { DemoChange, DemoMail, DemoView, Failure } from "@lifeboat/shared/schemas/demo"
import type { Config } from "../../config.ts"
import type { Logger } from "../../logger.ts"
import { rememberedPort } from "../ports.ts"
import { sampleMail } from "./sample-mail.ts"
import { sampleDomain, samplePassword, samplePeople, unlistedAddresses } from "./sample-people.ts"
import { Behaviour, type SampleCommand, type SampleSettings } from "./sample-protocol.ts"

/** Puts the sample company into the installation; asked once, when the domain is not there yet. */
export interface SampleSetup {
  domainExists(): Promise<boolean>
  createDomain(domain: string, primary: { host: string; port: number }, outside: { host: string; port: number }): Promise<void>
  /** The company's server may be on another port after a restart. */
  moveDomain(domain: string, primary: { host: string; port: number }, outside: { host: string; port: number }): Promise<void>
  createUser(person: { address: string; name: string; role: "operator" | "administrator" | "user"; password: string }): Promise<void>
}

const mailInterval = 15_000
const firstMails = 12
const restartDelay = 1_000
const mostShown = 250

/**
 * The sample company of `npm run demo`: its mail server as a process of its own with mailboxes one can look into, its
 * people, and mail that keeps coming.
 */
export class SampleCompany {
  readonly #config: Config
  readonly #log: Logger
  readonly #folder: string
  #ports = { primary: 0, outside: 0 }
  #child: ChildProcess | undefined
  #behaviour: Behaviour = "healthy"
  #failure: Failure = "refuse"
  #sampleMail = true
  #count = 0
  #stopping = false
  #timer: NodeJS.Timeout | undefined

  constructor(config: Config, log: Logger) {
    this.#config = config
    this.#log = log
    this.#folder = join(config.dataDir, "sample-company")
  }

  /** Starts the company's server and enters the company where it is missing. */
  async start(setup: SampleSetup): Promise<void> {
    this.#ports = { primary: await rememberedPort(join(this.#folder, "primary-port")), outside: await rememberedPort(join(this.#folder, "outside-port")) }
    await this.#startServer()
    const primary = { host: "127.0.0.1", port: this.#ports.primary }
    const outside = { host: "127.0.0.1", port: this.#ports.outside }
    if (await setup.domainExists()) return setup.moveDomain(sampleDomain, primary, outside)
    await setup.createDomain(sampleDomain, primary, outside)
    for (const person of samplePeople) await setup.createUser({ ...person, password: samplePassword })
  }

  /** Begins to send sample mail, some of it at once. */
  async startMail(): Promise<void> {
    const already = await this.#countMails()
    for (let n = already; n < firstMails; n++) await this.#sendOne()
    this.#timer = setInterval(() => {
      if (this.#sampleMail) void this.#sendOne()
    }, mailInterval)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    clearInterval(this.#timer)
    const child = this.#child
    if (!child || child.exitCode !== null) return
    const gone = new Promise((resolve) => child.once("exit", resolve))
    child.kill("SIGTERM")
    await gone
  }

  async view(): Promise<DemoView> {
    const addresses = [...samplePeople.map((person) => person.address), ...unlistedAddresses]
    const folders = await readdir(this.#folder, { withFileTypes: true }).catch(() => [])
    const outside = folders.filter((entry) => entry.isDirectory() && entry.name.includes("@") && !addresses.includes(entry.name)).map((entry) => entry.name)
    return {
      domain: sampleDomain,
      running: this.#behaviour === "healthy",
      failure: this.#failure,
      address: `127.0.0.1:${this.#ports.primary}`,
      accounts: samplePeople.map((person) => ({ ...person, password: samplePassword })),
      mailboxes: await Promise.all([...addresses, ...outside.slice(0, 50)].map(async (address) => ({ address, count: (await this.#files(address)).length }))),
      sampleMail: this.#sampleMail,
    }
  }

  async change(change: DemoChange): Promise<DemoView> {
    if (change.sampleMail !== undefined) this.#sampleMail = change.sampleMail
    if (change.failure !== undefined) this.#failure = change.failure
    const running = change.running ?? this.#behaviour === "healthy"
    await this.#behave(running ? "healthy" : this.#failure)
    return this.view()
  }

  /** Mails that lie in one mailbox of the company's server, newest first. */
  async mailbox(address: string): Promise<DemoMail[] | undefined> {
    const known = (await this.view()).mailboxes.some((mailbox) => mailbox.address === address)
    if (!known) return undefined
    const files = (await this.#files(address)).sort().reverse().slice(0, mostShown)
    return Promise.all(
      files.map(async (file) => {
        const mail = await simpleParser(await readFile(join(this.#folder, address, file)), { skipImageLinks: true, skipTextToHtml: true })
        const to = Array.isArray(mail.to) ? mail.to : mail.to ? [mail.to] : []
        return {
          id: file.replace(/\.eml$/, ""),
          subject: mail.subject ?? "",
          from: mail.from?.text ?? "",
          to: to.map((entry) => entry.text).join(", "),
          date: new Date(Number(file.split("-")[0])).toISOString(),
          text: (mail.text ?? "").slice(0, 5_000),
        }
      }),
    )
  }

  async #files(address: string): Promise<string[]> {
    const files = await readdir(join(this.#folder, address)).catch(() => [])
    return files.filter((file) => file.endsWith(".eml"))
  }

  async #countMails(): Promise<number> {
    const counts = await Promise.all(samplePeople.map(async (person) => (await this.#files(person.address)).length))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  async #behave(behaviour: Behaviour): Promise<void> {
    this.#behaviour = behaviour
    const child = this.#child
    if (!child?.connected) return
    const answered = new Promise((resolve) => child.once("message", resolve))
    child.send({ behave: behaviour } satisfies SampleCommand)
    await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, 3_000))])
  }

  async #startServer(): Promise<void> {
    const settings: SampleSettings = {
      host: "127.0.0.1",
      port: this.#ports.primary,
      outsidePort: this.#ports.outside,
      folder: this.#folder,
      domain: sampleDomain,
      addresses: [...samplePeople.map((person) => person.address), ...unlistedAddresses],
      behave: this.#behaviour,
    }
    const child = fork(join(import.meta.dirname, "sample-server.ts"), [JSON.stringify(settings)], { stdio: ["ignore", "ignore", "inherit", "ipc"] })
    this.#child = child
    child.once("exit", () => {
      if (this.#stopping) return
      this.#log.warn("the sample company's server ended and is started again")
      setTimeout(() => void this.#startServer().catch(() => undefined), restartDelay).unref()
    })
    await new Promise<void>((resolve, reject) => {
      child.once("message", (message) => (Value.Check(Behaviour, (message as { behaves?: unknown }).behaves) ? resolve() : reject(new Error("the sample server gave an answer that is none"))))
      child.once("error", reject)
      child.once("exit", (code) => reject(new Error(`the sample company's server ended with ${code}`)))
    })
  }

  async #sendOne(): Promise<void> {
    const { from, to, raw } = await sampleMail(this.#count++, new Date())
    const connection = new SMTPConnection({ host: this.#config.host, port: this.#config.ports.smtp, ignoreTLS: true, connectionTimeout: 5_000, socketTimeout: 30_000 })
    await new Promise<void>((resolve) => {
      connection.once("error", () => resolve())
      connection.once("end", () => resolve())
      connection.connect(() => {
        connection.send({ from, to: [to] }, raw, () => {
          connection.quit()
          resolve()
        })
      })
    })
  }
}

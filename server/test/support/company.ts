import { setTimeout as sleep } from "node:timers/promises"
import type { Mode } from "@lifeboat/shared/continuity-mode"
import type { MessageSummary, OutageView, QueueView, Trail } from "@lifeboat/shared/schemas/archive"
import type { ContinuityChange, ModeView } from "@lifeboat/shared/schemas/domain"
import type { ListOf } from "@lifeboat/shared/schemas/list"
import { startInstallation, type Installation } from "./installation.ts"
import { Person } from "./person.ts"
import { startPrimary, type TestPrimary } from "./primary.ts"
import { processesBelow, stillRunning } from "./processes.ts"
import { SmtpDialogue, type DialogueReply } from "./smtp-dialogue.ts"

export const companyDomain = "example.com"
const password = "correct horse battery"

/** What a company of a story is like; what is left out is ordinary. */
export interface CompanyOptions {
  /** `LIFEBOAT_TIMING`. Default 20. */
  readonly timing?: number
  readonly env?: Readonly<Record<string, string>>
  /** Local parts of its users. */
  readonly users: readonly string[]
  readonly continuity?: ContinuityChange
}

/** A mail from outside, by SMTP on the inbound port. */
export interface OutsideMail {
  readonly subject: string
  readonly to: readonly string[]
  readonly text?: string
  readonly from?: string
  /** The whole content in place of the one made of subject and text. */
  readonly content?: string | Buffer
}

/** A whole installation with one hosted domain, its primary, and a server that stands for the internet. */
export class Company {
  readonly installation: Installation
  readonly primary: TestPrimary
  /** Takes all mail to the outside (smarthost). */
  readonly internet: TestPrimary
  /** Log lines that a story expects; all others of level error fail it. */
  readonly expectedErrors: RegExp[] = []
  readonly #people = new Map<string, Person>()

  private constructor(installation: Installation, primary: TestPrimary, internet: TestPrimary) {
    this.installation = installation
    this.primary = primary
    this.internet = internet
  }

  /** Starts it; everything is in normal mode then, and every user can sign in. */
  static async start(options: CompanyOptions): Promise<Company> {
    const [installation, primary, internet] = await Promise.all([
      startInstallation({ LIFEBOAT_TIMING: String(options.timing ?? 20), LIFEBOAT_MONGO_URL: "", LIFEBOAT_REDIS_URL: "", ...options.env }),
      startPrimary(),
      startPrimary(),
    ])
    const company = new Company(installation, primary, internet)
    await installation.api("PUT", `/api/domains/${companyDomain}`, {
      primary: { host: primary.host, port: primary.port, tls: "none" },
      relay: { smarthost: { host: internet.host, port: internet.port } },
    })
    await installation.api("PUT", `/api/domains/${companyDomain}/continuity`, { enabled: true, activation: "automatic", coverage: "all", ...options.continuity })
    for (const user of options.users) await company.addUser(user)
    return company
  }

  async addUser(local: string, more: Readonly<Record<string, unknown>> = {}): Promise<Person> {
    const address = `${local}@${companyDomain}`
    await this.installation.api("POST", `/api/domains/${companyDomain}/users`, { address, name: local, password, ...more })
    const person = new Person(this.installation, address, password)
    this.#people.set(local, person)
    return person
  }

  person(local: string): Person {
    const person = this.#people.get(local)
    if (!person) throw new Error(`nobody is called ${local}`)
    return person
  }

  /** Calls the API about the domain as the operator. */
  api<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.installation.api<T>(method, `/api/domains/${companyDomain}${path}`, body)
  }

  mode(): Promise<ModeView> {
    return this.api("GET", "/mode")
  }

  /** Waits for a mode; returns the milliseconds it took. */
  async reaches(mode: Mode, timeoutMs = 60_000): Promise<number> {
    const began = performance.now()
    for (;;) {
      const view = await this.mode()
      if (view.mode === mode) return performance.now() - began
      if (performance.now() - began > timeoutMs) throw new Error(`not ${mode} after ${timeoutMs} ms but ${JSON.stringify(view)}`)
      await sleep(50)
    }
  }

  /** Sends a mail from outside; the reply to its end or the first refusal. */
  async receive(mail: OutsideMail): Promise<DialogueReply> {
    const smtp = await SmtpDialogue.open(this.installation.ports.smtp)
    try {
      const reply = await smtp.mail({ from: mail.from ?? "sender@outside.example", to: mail.to, content: mail.content ?? plainContent(mail) })
      if (reply.code === 250) await smtp.command("QUIT")
      return reply
    } finally {
      smtp.close()
    }
  }

  /** The same for a mail that must be taken; its id. */
  async accepted(mail: OutsideMail): Promise<string> {
    const reply = await this.receive(mail)
    const id = /^250 .*queued as (\S+)/.exec(reply.text)?.[1]
    if (id === undefined) throw new Error(`"${mail.subject}" was not taken: ${reply.text}`)
    return id
  }

  async tracking(query = ""): Promise<MessageSummary[]> {
    const rows: MessageSummary[] = []
    for (let cursor = ""; ; ) {
      const page = await this.installation.api<ListOf<MessageSummary>>("GET", `/api/tracking?domain=${companyDomain}&limit=250${query}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)
      rows.push(...page.items)
      if (page.next === null) return rows
      cursor = page.next
    }
  }

  trail(id: string): Promise<Trail> {
    return this.installation.api("GET", `/api/tracking/${id}`)
  }

  /** The recovery reports, newest first. */
  async outages(): Promise<OutageView[]> {
    return (await this.api<ListOf<OutageView>>("GET", "/outages")).items
  }

  queue(): Promise<QueueView> {
    return this.api("GET", "/queue")
  }

  /** Subjects of the mails at the primary for one recipient, sorted: each as often as it arrived. */
  atPrimary(local: string): string[] {
    return this.primary.mailbox(`${local}@${companyDomain}`).map((mail) => subjectOf(mail.raw)).toSorted()
  }

  /** Stops everything. Throws when it logged an error nobody expected, or left a process behind. */
  async stop(): Promise<void> {
    const processes = await processesBelow(this.installation.pid)
    await this.installation.stop()
    await Promise.all([this.primary.stop(), this.internet.stop()])
    const left = stillRunning(processes)
    if (left.length > 0) throw new Error(`left behind: ${left.map((entry) => `${entry.pid} ${entry.commandLine}`).join("; ")}`)
    const errors = this.installation.output().split("\n").filter((line) => isError(line) && !this.expectedErrors.some((expected) => expected.test(line)))
    if (errors.length > 0) throw new Error(`it logged errors:\n${errors.slice(0, 10).join("\n")}`)
  }
}

function isError(line: string): boolean {
  return /"level":(50|60|"error"|"fatal")/.test(line) || /unexpected|nobody handled|\bat .*\.ts:\d+/.test(line)
}

/** A plain mail as an outside server sends it. */
export function plainContent(mail: Pick<OutsideMail, "subject" | "text" | "from" | "to">): string {
  const id = `${performance.now().toString(36)}.${Math.random().toString(36).slice(2)}`
  return [
    `From: Sender <${mail.from ?? "sender@outside.example"}>`,
    `To: ${mail.to.join(", ")}`,
    `Subject: ${mail.subject}`,
    `Message-ID: <${id}@outside.example>`,
    `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
    "",
    mail.text ?? `Text of ${mail.subject}`,
  ].join("\r\n")
}

/** The subject as it stands in the header; empty without one. */
export function subjectOf(raw: Buffer | string): string {
  const text = raw.toString("latin1")
  const header = text.slice(0, text.indexOf("\r\n\r\n"))
  return /^Subject: (.*)$/im.exec(header)?.[1]?.trim() ?? ""
}

import type { DemoChange, DemoMail, DemoView } from "@lifeboat/shared/schemas/demo"
import type { Folder, MailRow } from "@lifeboat/shared/schemas/mail"
import { defaultMailSettings } from "@lifeboat/shared/default-mail-settings"
import type { Continuity, DomainView, ModeView } from "@lifeboat/shared/schemas/domain"
import type { UserView } from "@lifeboat/shared/schemas/user"
import { expect } from "@playwright/test"
import { post, type Letter } from "./post.ts"
import type { Ending } from "./server-control.ts"
import type { Stack } from "./stack.ts"

/** The sample company's people, as `npm run demo` shows them. */
export const domain = "example.com"
export const anna = "anna@example.com"
export const ben = "ben@example.com"
export const clara = "clara@example.com"
export const david = "david@example.com"
export const administrator = "admin@example.com"
export const password = "lifeboat-demo"
export const operator = "admin@localhost"
export const operatorPassword = "operator-password"

/** Longest time that a change of the mode may take, milliseconds, with the timing of this run. */
export const modeTimeout = 30_000

type Call = <T = unknown>(method: string, path: string, body?: unknown) => Promise<T>
interface Page<T> {
  readonly items: readonly T[]
}

/** What tests ask and set beside the pages: the API as the operator, the sample company's server, mail from outside. */
export class Company {
  readonly #stack: Stack
  readonly #sessions = new Map<string, Promise<string>>()

  constructor(stack: Stack) {
    this.#stack = stack
  }

  /** Calls the API as the operator; throws with the answer when it is an error. */
  readonly api: Call = (method, path, body) => this.as(operator, operatorPassword)(method, path, body)

  /** Calls the API as somebody. */
  as(address: string, secret = password): Call {
    return async <T>(method: string, path: string, body?: unknown): Promise<T> => {
      const key = `${address} ${secret}`
      if (!this.#sessions.has(key)) this.#sessions.set(key, this.signIn(address, secret))
      const token = await this.#sessions.get(key)
      return (await this.#call(method, path, body, { authorization: `Bearer ${token}` })) as T
    }
  }

  /** Signs in and answers the token; throws when the password is wrong. */
  async signIn(address: string, secret: string): Promise<string> {
    const { token } = (await this.#call("POST", "/api/session", { address, password: secret }, {})) as { token: string }
    return token
  }

  async #call(method: string, path: string, body: unknown, headers: Record<string, string>): Promise<unknown> {
    const response = await fetch(this.#stack.url + path, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text === "" ? undefined : JSON.parse(text)
  }

  /** The newest mail of a subject as it lies in the archive, byte for byte. */
  async archived(address: string, subject: string): Promise<string> {
    let id: string | undefined
    await expect.poll(async () => (id = (await this.as(address)<Page<{ id: string; subject: string }>>("GET", "/api/archive?limit=50")).items.find((mail) => mail.subject === subject)?.id)).toBeDefined()
    const response = await fetch(`${this.#stack.url}/api/archive/${id}/raw`, { headers: { authorization: `Bearer ${await this.signIn(address, password)}` } })
    if (!response.ok) throw new Error(`The mail ${id} is not there: ${response.status}.`)
    return response.text()
  }

  /** A mail from outside; answers its id. */
  send(letter: Letter): Promise<string> {
    return post(this.#stack.smtpPort, letter)
  }

  mode(): Promise<ModeView> {
    return this.api("GET", `/api/domains/${domain}/mode`)
  }

  force(force: "emergency" | "normal" | null): Promise<ModeView> {
    return this.api("PUT", `/api/domains/${domain}/mode`, { force })
  }

  async reaches(mode: ModeView["mode"]): Promise<void> {
    await expect.poll(async () => (await this.mode()).mode, { message: `the mode becomes ${mode}`, timeout: modeTimeout }).toBe(mode)
  }

  server(change: DemoChange): Promise<DemoView> {
    return this.api("PUT", "/api/demo", change)
  }

  /** The mails that lie on the company's own server for somebody. */
  async atPrimary(address: string): Promise<readonly DemoMail[]> {
    return (await this.api<Page<DemoMail>>("GET", `/api/demo/mailboxes/${address}`)).items
  }

  continuity(): Promise<Continuity> {
    return this.api("GET", `/api/domains/${domain}/continuity`)
  }

  async selectedUsers(): Promise<readonly string[]> {
    return (await this.api<Page<{ address: string }>>("GET", `/api/domains/${domain}/continuity/users`)).items.map((user) => user.address)
  }

  user(address: string): Promise<UserView> {
    return this.api("GET", `/api/domains/${domain}/users/${address}`)
  }

  view(): Promise<DomainView> {
    return this.api("GET", `/api/domains/${domain}`)
  }

  /** Subjects in a folder of somebody's standby mailbox. */
  async subjects(address: string, specialUse: Folder["specialUse"]): Promise<readonly string[]> {
    return (await this.#rows(address, specialUse)).map((row) => row.subject)
  }

  async #rows(address: string, specialUse: Folder["specialUse"]): Promise<readonly MailRow[]> {
    const call = this.as(address)
    const { items } = await call<Page<Folder>>("GET", "/api/mail/folders")
    const folder = items.find((each) => each.specialUse === specialUse)
    return folder ? (await call<Page<MailRow>>("GET", `/api/mail/folders/${folder.id}/messages?limit=250`)).items : []
  }

  /** The beginnings of the texts in a folder of somebody's standby mailbox. */
  async firstWords(address: string, specialUse: Folder["specialUse"]): Promise<readonly string[]> {
    return (await this.#rows(address, specialUse)).map((row) => row.intro)
  }

  /** Takes a mail out of somebody's inbox and trash, as another mail program would. */
  async removeForGood(address: string, subject: string): Promise<void> {
    for (const specialUse of ["inbox", "trash"] as const) {
      const rows = await this.#rows(address, specialUse)
      for (const { folder, id } of rows.filter((row) => row.subject === subject)) await this.as(address)("DELETE", `/api/mail/folders/${folder}/messages/${id}`)
    }
  }

  /** Ends the server itself, not the company's. */
  async endServer(ending: Ending): Promise<void> {
    await this.#control(ending)
  }

  /** Starts it again; resolves when it answers. */
  async startServer(): Promise<void> {
    await this.#control("start")
  }

  async #control(action: Ending | "start"): Promise<void> {
    const response = await fetch(`${this.#stack.controlUrl}/${action}`, { method: "POST" })
    if (!response.ok) throw new Error(`${action}: ${await response.text()}`)
  }

  /** Everything as at the start: server running, normal mode, everybody covered, nothing sent by itself, mail on its way at once. */
  async calm(): Promise<void> {
    await this.server({ running: true, failure: "refuse", sampleMail: false })
    const { primary } = await this.view()
    const { address } = await this.api<DemoView>("GET", "/api/demo")
    const port = Number(address.split(":").at(-1))
    if (primary?.port !== port) await this.api("PUT", `/api/domains/${domain}`, { primary: { host: "127.0.0.1", port, tls: "none" } })
    await this.api("PUT", `/api/domains/${domain}/continuity`, { enabled: true, activation: "automatic", coverage: "all" })
    for (const address of [anna, ben, clara, david]) await this.as(address)("PUT", "/api/mail/settings", { ...defaultMailSettings, undoSeconds: 0 })
    if ((await this.mode()).forced) await this.force(null)
    await this.reaches("normal")
  }
}

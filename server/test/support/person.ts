import { ImapFlow } from "imapflow"
import type { MessageSummary } from "@lifeboat/shared/schemas/archive"
import type { ListOf } from "@lifeboat/shared/schemas/list"
import type { Folder, MailRow, MailView, MailMoved, SpecialUse } from "@lifeboat/shared/schemas/mail"
import type { Outgoing, Sent } from "@lifeboat/shared/schemas/outgoing"
import type { Installation } from "./installation.ts"
import { Pop3Dialogue } from "./pop3-dialogue.ts"
import { SmtpDialogue, type DialogueReply } from "./smtp-dialogue.ts"

/** A user of a hosted domain with every client there is. */
export class Person {
  readonly address: string
  password: string
  readonly #installation: Installation
  #call: ((method: string, path: string, body?: unknown) => Promise<unknown>) | undefined

  constructor(installation: Installation, address: string, password: string) {
    this.#installation = installation
    this.address = address
    this.password = password
  }

  /** Calls the API as this person; throws with status and answer when it is an error. */
  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    this.#call ??= await this.#installation.as(this.address, this.password)
    return (await this.#call(method, path, body)) as T
  }

  /** Forgets the session, so that the next call signs in anew. */
  signOut(): void {
    this.#call = undefined
  }

  async folders(): Promise<Folder[]> {
    return (await this.api<ListOf<Folder>>("GET", "/api/mail/folders")).items
  }

  /** A folder by its special use or its name. */
  async folder(wanted: SpecialUse | (string & {})): Promise<Folder> {
    const found = (await this.folders()).find((folder) => folder.specialUse === wanted || folder.name === wanted)
    if (!found) throw new Error(`${this.address} has no folder ${wanted}`)
    return found
  }

  /** The mails of a folder, newest first, all pages. */
  async mails(folder: SpecialUse | (string & {}) = "inbox"): Promise<MailRow[]> {
    const { id } = await this.folder(folder)
    const rows: MailRow[] = []
    for (let cursor = ""; ; ) {
      const page = await this.api<ListOf<MailRow>>("GET", `/api/mail/folders/${id}/messages?limit=250${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)
      rows.push(...page.items)
      if (page.next === null) return rows
      cursor = page.next
    }
  }

  /** The subjects of a folder, sorted. */
  async subjects(folder: SpecialUse | (string & {}) = "inbox"): Promise<string[]> {
    return (await this.mails(folder)).map((row) => row.subject).toSorted()
  }

  async find(subject: string, folder: SpecialUse | (string & {}) = "inbox"): Promise<MailRow> {
    const found = (await this.mails(folder)).find((row) => row.subject === subject)
    if (!found) throw new Error(`${this.address} has no mail "${subject}" in ${folder}`)
    return found
  }

  open(row: MailRow): Promise<MailView> {
    return this.api("GET", `/api/mail/folders/${row.folder}/messages/${row.id}`)
  }

  /** Deletes as the webmail does: to the trash first. */
  delete(row: MailRow): Promise<MailMoved | undefined> {
    return this.api("DELETE", `/api/mail/folders/${row.folder}/messages/${row.id}`)
  }

  async move(row: MailRow, folder: SpecialUse | (string & {})): Promise<MailMoved> {
    return this.api("PUT", `/api/mail/folders/${row.folder}/messages/${row.id}`, { folder: (await this.folder(folder)).id })
  }

  /** Sends with the webmail. */
  send(mail: Outgoing): Promise<Sent> {
    return this.api("POST", "/api/mail/send", mail)
  }

  /** This person's mails in the archive. */
  async archive(): Promise<MessageSummary[]> {
    return (await this.api<ListOf<MessageSummary>>("GET", "/api/archive?limit=250")).items
  }

  /** A signed-in IMAP client; the caller logs it out. */
  async imap(kind: "starttls" | "tls" = "tls"): Promise<ImapFlow> {
    const { ports } = this.#installation
    const client = new ImapFlow({
      host: "127.0.0.1", port: kind === "tls" ? ports.imaps : ports.imap, secure: kind === "tls", doSTARTTLS: kind === "starttls",
      auth: { user: this.address, pass: this.password }, tls: { rejectUnauthorized: false }, logger: false,
    })
    client.on("error", () => undefined)
    await client.connect()
    return client
  }

  /** Works with a folder by IMAP. */
  async inImap<T>(work: (imap: ImapFlow) => Promise<T>, kind: "starttls" | "tls" = "tls", folder = "INBOX"): Promise<T> {
    const imap = await this.imap(kind)
    try {
      await imap.mailboxOpen(folder)
      return await work(imap)
    } finally {
      await imap.logout().catch(() => undefined)
    }
  }

  /** The sources of a folder's mails by IMAP. */
  async sources(kind: "starttls" | "tls" = "tls", folder = "INBOX"): Promise<Buffer[]> {
    return this.inImap(
      async (imap) => {
        const sources: Buffer[] = []
        for await (const mail of imap.fetch("1:*", { source: true })) sources.push(mail.source ?? Buffer.alloc(0))
        return sources
      },
      kind,
      folder,
    )
  }

  pop3(): Promise<Pop3Dialogue> {
    return Pop3Dialogue.open(this.#installation.ports.pop3s, this.address, this.password)
  }

  /** A submission session, signed in; throws with the reply when that is refused. */
  async submission(kind: "starttls" | "tls" = "starttls"): Promise<SmtpDialogue> {
    const { ports } = this.#installation
    const smtp = await SmtpDialogue.open(kind === "tls" ? ports.submissions : ports.submission, { tls: kind === "tls" })
    if (kind === "starttls") {
      await smtp.startTls()
      await smtp.command("EHLO client.test")
    }
    const reply = await smtp.command(`AUTH PLAIN ${Buffer.from(`\0${this.address}\0${this.password}`).toString("base64")}`)
    if (reply.code === 235) return smtp
    smtp.close()
    throw new Error(`SMTP: ${reply.text}`)
  }

  /** Submits one mail; the reply to its end or the first refusal. */
  async submit(to: readonly string[], content: string | Buffer, kind: "starttls" | "tls" = "starttls", from = this.address): Promise<DialogueReply> {
    const smtp = await this.submission(kind)
    try {
      return await smtp.mail({ from, to, content })
    } finally {
      smtp.close()
    }
  }
}

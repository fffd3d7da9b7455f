import { pino } from "pino"
import type { Folder, MailRow } from "@lifeboat/shared/schemas/mail"
import { smtpReplies } from "@lifeboat/shared/smtp-replies"
import type { Acceptance, Incoming } from "../../src/archive/incoming.ts"
import { MailBatches } from "../../src/mailbox/batches/mail-batches.ts"
import { Provisioning } from "../../src/mailbox/provisioning.ts"
import { startTestApi, type Answer, type TestApi } from "./api.ts"
import { startTestMailboxes, type TestMailboxes } from "./wildduck.ts"

/** The API on a real mailbox store, with two users; what is sent goes to `accepted`. Addresses that begin with `unknown` are refused. */
export interface WebmailCompany {
  readonly mailboxes: TestMailboxes
  readonly api: TestApi
  /** Bearer tokens. */
  readonly anna: string
  readonly boris: string
  readonly accepted: Incoming[]
  /** How the intake answers; as it should be where it answers nothing. */
  intake: (incoming: Incoming) => Promise<Acceptance | undefined>
  folder(token: string, use: Folder["specialUse"]): Promise<string>
  /** Stores a mail in a user's inbox; its id. */
  put(token: string, lines: readonly string[], folder?: Folder["specialUse"]): Promise<string>
  rows(token: string, use: Folder["specialUse"]): Promise<MailRow[]>
  call(method: string, path: string, token: string, body?: unknown): Promise<Answer>
  stop(): Promise<void>
}

export async function startWebmailCompany(): Promise<WebmailCompany> {
  const mailboxes = await startTestMailboxes()
  const { database } = mailboxes
  const provisioning = new Provisioning(database, mailboxes.api, pino({ level: "silent" }))
  const accepted: Incoming[] = []
  const { settings, folder: workingFolder } = mailboxes.process
  const batches = new MailBatches(() => ({ settings, folder: workingFolder, cacheDir: mailboxes.config.cacheDir }), pino({ level: "silent" }))
  const api = await startTestApi({
    database,
    mailbox: { api: mailboxes.api, batches, ensureMailbox: (user) => provisioning.ensureMailbox(user) },
    mail: {
      checkRecipient: (address) =>
        Promise.resolve(address.startsWith("unknown") ? { reply: smtpReplies.unknownRecipient } : { ok: { address, canonical: address.toLowerCase(), domain: null, user: null, covered: false } }),
      accept: async (incoming) => {
        const answer = await company.intake(incoming)
        if (answer) return answer
        accepted.push(incoming)
        return { accepted: true, messageId: incoming.body.messageId }
      },
    },
  })
  const operator = await api.signedIn("admin@localhost", "operator")
  await api.call("PUT", "/api/domains/example.com", operator, {})
  const anna = await api.signedIn("anna@example.com")
  const boris = await api.signedIn("boris@example.com")
  const accounts = new Map<string, string>()
  const accountOf = async (token: string) => {
    const address = token === anna ? "anna@example.com" : "boris@example.com"
    const known = accounts.get(address) ?? (await database.users.findOne({ _id: address }))?.mailbox?.id ?? ""
    accounts.set(address, known)
    return known
  }
  const folder: WebmailCompany["folder"] = async (token, use) => {
    const { items } = (await api.call("GET", "/api/mail/folders", token)).body as unknown as { items: Folder[] }
    return items.find((each) => each.specialUse === use)?.id ?? ""
  }
  await Promise.all([folder(anna, "inbox"), folder(boris, "inbox")])
  const company: WebmailCompany = {
    mailboxes, api, anna, boris, accepted, folder,
    intake: () => Promise.resolve(undefined),
    put: async (token, lines, use = "inbox") => String(await mailboxes.api.upload(await accountOf(token), await folder(token, use), Uint8Array.from(Buffer.from(lines.join("\r\n"))), { unseen: true })),
    rows: async (token, use) => (await api.call("GET", `/api/mail/folders/${await folder(token, use)}/messages?limit=250`, token)).body["items"] as MailRow[],
    call: (method, path, token, body) => api.call(method, path, token, body),
    stop: async () => {
      await api.close()
      batches.stop()
      await mailboxes.stop()
    },
  }
  return company
}

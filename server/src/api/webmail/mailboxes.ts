import { ApiError } from "@lifeboat/shared/api-errors"
import type { SpecialUse } from "@lifeboat/shared/schemas/mail"
import { isCovered } from "../../identity/covered.ts"
import type { StoredFolder } from "../../mailbox/wildduck-schemas.ts"
import type { WildDuckApi } from "../../mailbox/wildduck-api.ts"
import { WildDuckStore } from "../../mailbox/wildduck-store.ts"
import type { UserDocument } from "../../store/documents.ts"
import type { ApiDependencies, MailboxStore } from "../dependencies.ts"

const uses: Readonly<Record<string, SpecialUse>> = { "\\Inbox": "inbox", "\\Sent": "sent", "\\Drafts": "drafts", "\\Junk": "junk", "\\Trash": "trash" }
const foldersMs = 30_000
const maxKnown = 5_000

/** The mailbox of one user, opened. */
export interface OpenMailbox {
  readonly api: WildDuckApi
  /** WildDuck's id of the account. */
  readonly account: string
}

export function specialUseOf(folder: StoredFolder): SpecialUse | null {
  if (folder.path === "INBOX") return "inbox"
  return typeof folder.specialUse === "string" ? (uses[folder.specialUse] ?? null) : null
}

/**
 * Opens mailboxes for their own users only, and folders only where they belong to that mailbox: WildDuck is never
 * asked about a folder that is not the caller's.
 */
export class Mailboxes {
  readonly #store: MailboxStore | undefined
  readonly #domains: ApiDependencies["domains"]
  readonly #stored: WildDuckStore
  readonly #folders = new Map<string, { readonly readAt: number; readonly folders: readonly StoredFolder[] }>()

  constructor({ mailbox, domains, database }: Pick<ApiDependencies, "mailbox" | "domains" | "database">) {
    this.#store = mailbox
    this.#domains = domains
    this.#stored = new WildDuckStore(database)
  }

  /** Throws `no-mailbox` for users the service does not cover, `mailbox-unavailable` without a mailbox store. */
  async open(user: UserDocument): Promise<OpenMailbox> {
    if (!user.mailbox && !isCovered(this.#domains.get(user.domain), user)) throw new ApiError("no-mailbox")
    if (!this.#store) throw new ApiError("mailbox-unavailable")
    const account = user.mailbox?.id ?? (await this.#store.ensureMailbox(user)).id
    return { api: this.#store.api, account }
  }

  /** Every folder with its numbers. */
  async folders(mailbox: OpenMailbox): Promise<readonly StoredFolder[]> {
    const folders = await mailbox.api.folders(mailbox.account, false)
    this.#remember(mailbox.account, folders)
    const counts = await this.#stored.counts(folders.map((folder) => folder.id))
    return folders.map((folder) => ({ ...folder, total: 0, unseen: 0, ...counts.get(folder.id) }))
  }

  /** The mailbox and one folder of it, by id or special use (`inbox`); throws `not-found` for foreign and missing ones. */
  async openFolder(user: UserDocument, id: string): Promise<OpenMailbox & { readonly folder: StoredFolder }> {
    const mailbox = await this.open(user)
    return { ...mailbox, folder: await this.folder(mailbox, (folder) => folder.id === id || specialUseOf(folder) === id) }
  }

  async special(mailbox: OpenMailbox, use: SpecialUse): Promise<StoredFolder> {
    return this.folder(mailbox, (folder) => specialUseOf(folder) === use)
  }

  /** Every folder, without its numbers; up to half a minute old. */
  async known(mailbox: OpenMailbox): Promise<readonly StoredFolder[]> {
    const known = this.#folders.get(mailbox.account)
    if (known && performance.now() - known.readAt < foldersMs) return known.folders
    const folders = await mailbox.api.folders(mailbox.account, false)
    this.#remember(mailbox.account, folders)
    return folders
  }

  async folder(mailbox: OpenMailbox, wanted: (folder: StoredFolder) => boolean): Promise<StoredFolder> {
    const known = this.#folders.get(mailbox.account)
    const found = known && performance.now() - known.readAt < foldersMs ? known.folders.find(wanted) : undefined
    if (found) return found
    const folders = await mailbox.api.folders(mailbox.account, false)
    this.#remember(mailbox.account, folders)
    const now = folders.find(wanted)
    if (!now) throw new ApiError("not-found")
    return now
  }

  /** After a folder was made or removed. */
  forget(mailbox: OpenMailbox): void {
    this.#folders.delete(mailbox.account)
  }

  #remember(account: string, folders: readonly StoredFolder[]): void {
    this.#folders.delete(account)
    this.#folders.set(account, { readAt: performance.now(), folders })
    const oldest = this.#folders.keys().next()
    if (this.#folders.size > maxKnown && !oldest.done) this.#folders.delete(oldest.value)
  }
}

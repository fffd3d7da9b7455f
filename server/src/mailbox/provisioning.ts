import { createHash } from "node:crypto"
import { ObjectId } from "mongodb"
import { Type, type Static } from "typebox"
import { Value } from "typebox/value"
import type { Logger } from "../logger.ts"
import type { Database } from "../store/database.ts"
import type { UserDocument } from "../store/documents.ts"
import { accountAddress, accountKey, accountName } from "./account-name.ts"
import type { WildDuckApi } from "./wildduck-api.ts"
import { WildDuckError } from "./wildduck-error.ts"
import { WildDuckStore, type StoredAccount } from "./wildduck-store.ts"

/** The account of a user in WildDuck: its id, and the version of the user that it shows. */
export type ProvisionedMailbox = NonNullable<UserDocument["mailbox"]>

/** How long an account may be half made before it counts as left behind by a crash. */
const halfMadeMs = 30_000
const maxRounds = 5
/** Trash and Junk outlive the longest time that a mail is held for its primary (WildDuck's own: 30 days). */
const retention = 100 * 86_400_000

/**
 * Accounts in WildDuck, made and changed to match our users: we own names and passwords, WildDuck has copies of them.
 * Every step may be repeated and may run on several nodes at once: the account is found again by its name.
 */
export class Provisioning {
  readonly #database: Database
  readonly #api: WildDuckApi
  readonly #store: WildDuckStore
  readonly #log: Logger
  readonly #running = new Map<string, Promise<ProvisionedMailbox | undefined>>()

  constructor(database: Database, api: WildDuckApi, log: Logger) {
    this.#database = database
    this.#api = api
    this.#store = new WildDuckStore(database)
    this.#log = log
  }

  /** The user's account, made or brought up to date where needed. Throws WildDuckError or a database error: try again. */
  async ensureMailbox(user: UserDocument): Promise<ProvisionedMailbox> {
    if (user.mailbox && user.mailbox.version >= user.version) return user.mailbox
    const mailbox = await this.#once(user._id)
    if (!mailbox) throw new WildDuckError("not-found", 0, undefined, "the user does not exist any more")
    return mailbox
  }

  /**
   * Brings what WildDuck knows of a user up to date at once: after every change that raised `version`. Does nothing for
   * users without an account. Never throws: what fails now is done by the reconciliation.
   */
  async pushUser(address: string): Promise<void> {
    try {
      const user = await this.#database.users.findOne({ _id: address })
      if (user?.mailbox && user.mailbox.version < user.version) await this.#once(address)
    } catch (error) {
      this.#log.warn({ error: String(error), user: address }, "a changed user reaches the mailbox store a little later")
    }
  }

  /** The account that WildDuck has lost (its database was replaced): made again. */
  async restoreMailbox(user: UserDocument): Promise<ProvisionedMailbox> {
    if (user.mailbox) await this.#database.users.updateOne({ _id: user._id, "mailbox.id": user.mailbox.id }, { $set: { mailbox: null } })
    return this.ensureMailbox({ ...user, mailbox: null })
  }

  /** Deletes the account of a user with all mail in it. Held deliveries are not affected: they go to the primary. */
  async removeMailbox(user: Pick<UserDocument, "_id" | "mailbox">): Promise<void> {
    const id = user.mailbox?.id ?? (await this.#find(user._id))?._id.toHexString()
    if (id !== undefined) await this.#api.deleteAccount(id)
    await this.#database.users.updateOne({ _id: user._id, "mailbox.id": id ?? "" }, { $set: { mailbox: null } })
  }

  async #once(address: string): Promise<ProvisionedMailbox | undefined> {
    let running = this.#running.get(address)
    if (!running) {
      running = this.#bringUpToDate(address).finally(() => this.#running.delete(address))
      this.#running.set(address, running)
    }
    return running
  }

  /** Repeats until the version written is the user's version still: whoever writes last writes the newest. */
  async #bringUpToDate(address: string): Promise<ProvisionedMailbox | undefined> {
    for (let round = 0; round < maxRounds; round++) {
      const user = await this.#database.users.findOne({ _id: address })
      if (!user) return undefined
      if (user.mailbox && user.mailbox.version >= user.version) return user.mailbox
      const id = user.mailbox ? await this.#update(user, user.mailbox.id) : await this.#create(user)
      if (id === undefined) continue
      const mailbox = { id, version: user.version }
      const written = await this.#database.users.updateOne({ _id: address, version: user.version }, { $set: { mailbox } })
      if (written.matchedCount > 0) return mailbox
      await this.#database.users.updateOne({ _id: address, mailbox: null }, { $set: { mailbox } })
    }
    throw new WildDuckError("temporary", 0, undefined, "the user is being changed all the time")
  }

  /** Writes a user to their account; undefined: WildDuck has no such account (any more). */
  async #update(user: UserDocument, id: string): Promise<string | undefined> {
    const account = await this.#store.accounts.findOne({ _id: { $in: idsOf(id) } }, { projection: accountFields })
    if (!account) {
      await this.#database.users.updateOne({ _id: user._id, "mailbox.id": id }, { $set: { mailbox: null } })
      return undefined
    }
    await this.#write(user, account)
    return id
  }

  async #create(user: UserDocument): Promise<string | undefined> {
    const settings = { ...settingsOf(user), username: accountName(user._id), address: accountAddress(user._id), password: user.mailboxHash ?? (false as const) }
    try {
      const id = await this.#api.createAccount(settings)
      await this.#settleFolders(id)
      return id
    } catch (error) {
      if (!(error instanceof WildDuckError) || error.failure !== "exists") throw error
    }
    const account = await this.#find(user._id)
    if (!account) throw new WildDuckError("temporary", 0, "AddressExistsError", "another account in the mailbox store has this address")
    const noted = readNote(account.internalData)
    if (noted && noted.since !== user.createdAt.toISOString()) {
      this.#log.warn({ user: user._id }, "the mailbox of a former user of this address is removed")
      await this.#api.deleteAccount(account._id.toHexString())
      return undefined
    }
    if (account.activated) {
      await this.#write(user, account)
      return account._id.toHexString()
    }
    // Another node is at it right now, or a crash left it half made: without folders nobody can use it.
    if (this.#database.now().getTime() - account.created.getTime() < halfMadeMs) {
      throw new WildDuckError("temporary", 0, undefined, "the mailbox is being made")
    }
    this.#log.warn({ user: user._id }, "a mailbox that was left half made is made again")
    await this.#api.deleteAccount(account._id.toHexString())
    return undefined
  }

  async #write(user: UserDocument, account: StoredAccount): Promise<void> {
    const settings = settingsOf(user)
    // A password that stays must not end the sessions of mail clients.
    const samePassword = readNote(account.internalData)?.password === settings.internalData.password
    await this.#api.changeAccount(account._id.toHexString(), { ...settings, disabled: false, ...(samePassword ? {} : { password: user.mailboxHash ?? false }) })
    await this.#settleFolders(account._id.toHexString())
  }

  /** What WildDuck gives no say in when it makes an account: the name of Sent, and how long the trash is kept. */
  async #settleFolders(id: string): Promise<void> {
    for (const folder of (await this.#store.folders([id])).values()) {
      const change = {
        ...(folder.specialUse === "\\Sent" && folder.path === "Sent Mail" ? { path: "Sent" } : {}),
        ...((folder.specialUse === "\\Trash" || folder.specialUse === "\\Junk") && folder.retention !== retention ? { retention } : {}),
      }
      if (Object.keys(change).length > 0) await this.#api.changeFolder(id, folder._id.toHexString(), change)
    }
  }

  async #find(address: string): Promise<StoredAccount | undefined> {
    return (await this.#store.accounts.findOne({ unameview: accountKey(accountName(address)) }, { projection: accountFields })) ?? undefined
  }
}

const accountFields = { username: 1, unameview: 1, address: 1, activated: 1, disabled: 1, created: 1, internalData: 1 } as const

/** `quota` 0: a standby mailbox refuses nothing during an outage. */
function settingsOf(user: UserDocument) {
  const mark = user.mailboxHash === null ? "none" : createHash("sha256").update(user.mailboxHash).digest("base64")
  const name = [...user.name].slice(0, 120).join("")
  // WildDuck takes no empty name.
  return { ...(name === "" ? {} : { name }), quota: 0, internalData: { password: mark, since: user.createdAt.toISOString() } }
}

/** What we note with an account: of whom it is, and which password it has. */
const Note = Type.Object({ password: Type.String(), since: Type.String() })

function readNote(text: string | undefined): Static<typeof Note> | undefined {
  try {
    const note: unknown = JSON.parse(text ?? "")
    return Value.Check(Note, note) ? note : undefined
  } catch {
    return undefined
  }
}

/** The id as MongoDB has it; nothing for a text that is none. */
function idsOf(id: string): StoredAccount["_id"][] {
  return /^[0-9a-f]{24}$/.test(id) ? [ObjectId.createFromHexString(id)] : []
}

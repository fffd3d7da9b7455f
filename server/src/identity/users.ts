import { MongoServerError, type Filter, type UpdateFilter } from "mongodb"
import { ApiError, type ApiErrorCode } from "@lifeboat/shared/api-errors"
import { canonicalAddress, domainOf, mailboxKey } from "@lifeboat/shared/address"
import type { UserChange, UserCreate } from "@lifeboat/shared/schemas/user"
import type { Language } from "@lifeboat/shared/schemas/session"
import type { Database } from "../store/database.ts"
import type { SessionDocument, UserDocument } from "../store/documents.ts"
import { hashPassword } from "./passwords.ts"
import type { Sessions } from "./sessions.ts"

/** Those who must hear of a changed user: the directory's cache and the mailbox store. Must not throw for being down. */
export interface UserListener {
  userChanged(address: string, aliases: readonly string[]): Promise<void>
  userRemoved(user: UserDocument): Promise<void>
  /** Who is covered in a domain was set anew. */
  coverageChanged(domain: string): Promise<void>
}

const minPassword = 8

/** Creates, changes and deletes users. Every refusal is an {@link ApiError} of the catalogue. */
export class Users {
  readonly #database: Database
  readonly #sessions: Sessions
  readonly #listener: UserListener

  constructor(database: Database, sessions: Sessions, listener: UserListener) {
    this.#database = database
    this.#sessions = sessions
    this.#listener = listener
  }

  /** The user of this domain with this address; throws `user-not-found`. */
  async get(domain: string, address: string): Promise<UserDocument> {
    const canonical = canonicalAddress(address)
    const user = canonical === undefined ? null : await this.#database.users.findOne({ _id: canonical, domain })
    if (!user) throw new ApiError("user-not-found")
    return user
  }

  /**
   * Creates a user. `aliasDomains`: the domains an alias may lie in. Throws `invalid-address`, `address-outside-domain`,
   * `address-exists`, `alias-exists`, `address-too-similar`, `password-too-short`.
   */
  async create(domain: string, wanted: UserCreate, aliasDomains: ReadonlySet<string>): Promise<UserDocument> {
    const { address, aliases } = await this.checkNew(domain, wanted, aliasDomains)
    const hashes = wanted.password === undefined ? { passwordHash: null, mailboxHash: null } : await hashPassword(wanted.password)
    const user: UserDocument = {
      _id: address,
      domain,
      name: wanted.name?.trim() ?? "",
      aliases,
      mailboxKey: mailboxKey(address),
      role: wanted.role ?? "user",
      source: wanted.source ?? "local",
      ...hashes,
      version: 1,
      mailbox: null,
      selected: false,
      language: null,
      lastLoginAt: null,
      createdAt: this.#database.now(),
    }
    await refuseDuplicates(() => this.#database.users.insertOne(user))
    await this.#listener.userChanged(address, aliases)
    return user
  }

  /** Throws what `create` would throw, and writes nothing. Returns the addresses in canonical form. */
  async checkNew(domain: string, wanted: UserCreate, aliasDomains: ReadonlySet<string>): Promise<{ address: string; aliases: string[] }> {
    const address = canonicalAddress(wanted.address)
    if (address === undefined) throw new ApiError("invalid-address")
    if (domainOf(address) !== domain) throw new ApiError("address-outside-domain")
    const aliases = checkedAliases(wanted.aliases ?? [], address, aliasDomains)
    refuseShort(wanted.password)
    await this.#refuseTaken(address, [address], "address-exists")
    await this.#refuseTaken(address, aliases, "alias-exists")
    return { address, aliases }
  }

  /** Changes what is given of a user; a new password ends the user's sessions except `keep`. */
  async change(user: UserDocument, wanted: UserChange, aliasDomains: ReadonlySet<string>, keep?: SessionDocument): Promise<UserDocument> {
    const set: Partial<UserDocument> = await this.checkChange(user, wanted, aliasDomains)
    if (wanted.password !== undefined) Object.assign(set, await hashPassword(wanted.password))
    const changed = await this.#update(user, { $set: set, $inc: { version: 1 } })
    if (wanted.password !== undefined) await this.#sessions.endAll(user._id, keep)
    await this.#listener.userChanged(user._id, [...user.aliases, ...changed.aliases])
    return changed
  }

  /** Throws what `change` would throw, and writes nothing. Returns what it would set beside the password. */
  async checkChange(user: UserDocument, wanted: UserChange, aliasDomains: ReadonlySet<string>): Promise<Partial<UserDocument>> {
    const set: Partial<UserDocument> = {}
    if (wanted.name !== undefined) set.name = wanted.name.trim()
    if (wanted.role !== undefined) set.role = wanted.role
    if (wanted.aliases !== undefined) {
      set.aliases = checkedAliases(wanted.aliases, user._id, new Set([...aliasDomains, ...user.aliases.map(domainOf)]))
      await this.#refuseTaken(user._id, set.aliases, "alias-exists")
    }
    refuseShort(wanted.password)
    return set
  }

  /** Sets whether a user is covered where the domain covers selected users only. */
  async select(user: UserDocument, selected: boolean): Promise<void> {
    await this.#update(user, { $set: { selected }, $inc: { version: 1 } })
    await this.#listener.userChanged(user._id, user.aliases)
  }

  /** Tells everybody concerned that the coverage of a domain is another now. */
  async coverageChanged(domain: string): Promise<void> {
    await this.#listener.coverageChanged(domain)
  }

  async setLanguage(user: UserDocument, language: Language): Promise<void> {
    await this.#update(user, { $set: { language } })
  }

  /** Deletes a user, their sessions, settings, uploads and mailbox; mail of theirs that still waits is delivered all the same. */
  async remove(user: UserDocument): Promise<void> {
    await this.#database.users.deleteOne({ _id: user._id })
    await Promise.all([
      this.#database.mailSettings.deleteOne({ _id: user._id }),
      this.#database.uploads.deleteMany({ user: user._id }),
      this.#database.mailJobs.deleteMany({ user: user._id }),
    ])
    await this.#sessions.endRemoved(user._id)
    await this.#listener.userRemoved(user)
  }

  async #update(user: UserDocument, update: UpdateFilter<UserDocument>): Promise<UserDocument> {
    const changed = await refuseDuplicates(() => this.#database.users.findOneAndUpdate({ _id: user._id }, update, { returnDocument: "after" }))
    if (!changed) throw new ApiError("user-not-found")
    return changed
  }

  /** Refuses addresses that somebody other than `owner` has, by address, alias or the mailbox store's idea of the same. */
  async #refuseTaken(owner: string, addresses: readonly string[], code: ApiErrorCode): Promise<void> {
    if (addresses.length === 0) return
    const keys = addresses.map(mailboxKey)
    const filter: Filter<UserDocument> = {
      $or: [{ _id: { $in: [...addresses] } }, { aliases: { $in: [...addresses] } }, { mailboxKey: { $in: keys } }],
    }
    for (const taken of await this.#database.users.find(filter).limit(10).toArray()) {
      if (addresses.includes(taken._id) && (taken._id !== owner || code === "address-exists")) throw new ApiError(code)
      if (taken._id === owner) continue
      if (taken.aliases.some((alias) => addresses.includes(alias))) throw new ApiError("alias-exists")
      throw new ApiError("address-too-similar")
    }
  }
}

/** Throws `password-too-short`. */
export function refuseShort(password: string | undefined): void {
  if (password !== undefined && [...password].length < minPassword) throw new ApiError("password-too-short")
}

function checkedAliases(texts: readonly string[], owner: string, domains: ReadonlySet<string>): string[] {
  const aliases = new Set<string>()
  for (const text of texts) {
    const alias = canonicalAddress(text)
    if (alias === undefined) throw new ApiError("invalid-address", `"${text}" is not a mail address.`)
    if (!domains.has(domainOf(alias))) throw new ApiError("address-outside-domain")
    if (alias !== owner) aliases.add(alias)
  }
  return [...aliases]
}

async function refuseDuplicates<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== 11000) throw error
    const key = JSON.stringify(error["keyPattern"] ?? {})
    throw new ApiError(key.includes("aliases") ? "alias-exists" : key.includes("mailboxKey") ? "address-too-similar" : "address-exists")
  }
}

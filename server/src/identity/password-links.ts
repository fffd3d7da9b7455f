import { createHash, randomBytes } from "node:crypto"
import { ApiError } from "@lifeboat/shared/api-errors"
import { canonicalAddress } from "@lifeboat/shared/address"
import type { Database } from "../store/database.ts"
import type { UserDocument } from "../store/documents.ts"
import { refuseShort, type Users } from "./users.ts"

/** How long a link works. */
export const linkMs = 30 * 60_000
/** Links of one user in that time; a further request sends no mail. */
const linksAtOnce = 3

const hash = (text: string): string => createHash("sha256").update(text).digest("base64url")

/** One-time links by which users set a new password themselves (D6): 32 random bytes in a mail, only their SHA-256 with us. */
export class PasswordLinks {
  readonly #database: Database
  readonly #users: Users

  constructor(database: Database, users: Users) {
    this.#database = database
    this.#users = users
  }

  /**
   * A link for the user of an address; undefined where none is due. Operators get none: administrators read their
   * domain's archive, and must not become operators by that.
   */
  async make(address: string): Promise<{ user: UserDocument; token: string } | undefined> {
    const canonical = canonicalAddress(address)
    if (canonical === undefined) return undefined
    const user = await this.#database.users.findOne({ $or: [{ _id: canonical }, { aliases: canonical }] })
    if (!user || !mayReset(user)) return undefined
    const now = this.#database.now()
    const open = await this.#database.passwordLinks.countDocuments({ address: user._id, createdAt: { $gt: new Date(now.getTime() - linkMs) } }, { limit: linksAtOnce })
    if (open >= linksAtOnce) return undefined
    const token = randomBytes(32).toString("base64url")
    await this.#database.passwordLinks.insertOne({ _id: hash(token), address: user._id, before: passwordMark(user), createdAt: now, expireAt: new Date(now.getTime() + linkMs) })
    return { user, token }
  }

  /** Sets a new password, which ends every session of the user and every other link. Throws `link-expired`, `password-too-short`. */
  async use(token: string, password: string): Promise<UserDocument> {
    refuseShort(password)
    const link = await this.#database.passwordLinks.findOneAndDelete({ _id: hash(token), expireAt: { $gt: this.#database.now() } })
    const user = link && (await this.#database.users.findOne({ _id: link.address }))
    if (!user || !mayReset(user) || link.before !== passwordMark(user)) throw new ApiError("link-expired")
    try {
      const changed = await this.#users.change(user, { password }, new Set())
      await this.#database.passwordLinks.deleteMany({ address: user._id })
      return changed
    } catch (error) {
      await this.#database.passwordLinks.insertOne(link).catch(() => undefined)
      throw error
    }
  }
}

function mayReset(user: UserDocument): boolean {
  return user.role !== "operator" && user.source === "local"
}

function passwordMark(user: UserDocument): string {
  return hash(user.passwordHash ?? "")
}

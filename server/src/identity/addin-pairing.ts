import { createHash, randomInt } from "node:crypto"
import { ApiError } from "@lifeboat/shared/api-errors"
import type { Database } from "../store/database.ts"
import type { SessionDocument, UserDocument } from "../store/documents.ts"
import type { Sessions } from "./sessions.ts"

/** How long a code works. */
export const codeMs = 10 * 60_000
const codeLength = 8
/** No letters or digits that look alike: a code is read from one screen and typed at another. */
const alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
/** Outlooks of one user; a further one ends the connection that was used longest ago. */
const maxDevices = 20
const maxName = 80

const hash = (code: string): string => createHash("sha256").update(code).digest("base64url")

/** A typed code as it was made: without blanks and hyphens, in capitals. Undefined: it cannot be one. */
export function readCode(typed: string): string | undefined {
  const code = typed.toUpperCase().replace(/[\s-]/g, "")
  return code.length === codeLength && [...code].every((letter) => alphabet.includes(letter)) ? code : undefined
}

/** Connections of the Outlook add-in (G1): made once by a code, each with a token of its own that its user can end. */
export class AddinPairings {
  readonly #database: Database
  readonly #sessions: Sessions

  constructor(database: Database, sessions: Sessions) {
    this.#database = database
    this.#sessions = sessions
  }

  /** A new code for a user, which makes the one before void. */
  async makeCode(user: UserDocument): Promise<{ code: string; expireAt: Date }> {
    const code = Array.from({ length: codeLength }, () => alphabet.charAt(randomInt(alphabet.length))).join("")
    const expireAt = new Date(this.#database.now().getTime() + codeMs)
    await this.#database.addinCodes.deleteMany({ address: user._id })
    await this.#database.addinCodes.insertOne({ _id: hash(code), address: user._id, expireAt })
    return { code, expireAt }
  }

  /** Uses a code up. Throws `wrong-code` for one that is unknown, used or too old. */
  async pair(typed: string, device: string): Promise<{ token: string; user: UserDocument }> {
    const code = readCode(typed)
    const found = code === undefined ? null : await this.#database.addinCodes.findOneAndDelete({ _id: hash(code), expireAt: { $gt: this.#database.now() } })
    const user = found && (await this.#database.users.findOne({ _id: found.address }))
    if (!user) throw new ApiError("wrong-code")
    const name = device.replace(/\p{C}/gu, "").trim().slice(0, maxName) || "Outlook"
    const { token } = await this.#sessions.beginAddin(user._id, name)
    const surplus = (await this.devices(user)).slice(maxDevices)
    if (surplus.length > 0) await this.#database.sessions.deleteMany({ _id: { $in: surplus.map((session) => session._id) } })
    return { token, user }
  }

  /** The connections of a user, the one used last first. */
  async devices(user: UserDocument): Promise<SessionDocument[]> {
    return this.#database.sessions.find({ address: user._id, addin: { $exists: true }, expireAt: { $gt: this.#database.now() } }).sort({ "addin.usedAt": -1, _id: 1 }).toArray()
  }

  /** Ends one connection of a user; false: there is no such. */
  async end(user: UserDocument, id: string): Promise<boolean> {
    return (await this.#database.sessions.deleteOne({ address: user._id, "addin.id": id })).deletedCount > 0
  }
}

import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import type { Database } from "../store/database.ts"
import { answerWithin } from "../store/deadline.ts"
import type { SessionDocument, UserDocument } from "../store/documents.ts"

/** How long the database may take to say who is signed in, milliseconds. */
const lookupPatience = 4_000

/** A session ends this long after its last use. */
export const sessionMs = 12 * 3_600_000
const slideEveryMs = 5 * 60_000

/** Name of the session cookie. */
export const sessionCookie = "lifeboat"

/** The signed-in caller of a request. */
export interface Caller {
  readonly session: SessionDocument
  readonly user: UserDocument
}

const hash = (token: string): string => createHash("sha256").update(token).digest("base64url")

/** Sign-ins: 32 random bytes with the caller, only their SHA-256 with us. */
export class Sessions {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Begins a session; the token is shown only now. */
  async begin(address: string): Promise<{ token: string; session: SessionDocument }> {
    const token = randomBytes(32).toString("base64url")
    const now = this.#database.now()
    const session: SessionDocument = {
      _id: hash(token),
      address,
      csrf: randomBytes(24).toString("base64url"),
      createdAt: now,
      expireAt: new Date(now.getTime() + sessionMs),
    }
    await this.#database.sessions.insertOne(session)
    return { token, session }
  }

  /** The caller behind a token, with the user as stored now; undefined: not signed in (any more). */
  async find(token: string): Promise<Caller | undefined> {
    if (!/^[A-Za-z0-9_-]{43}$/.test(token)) return undefined
    const now = this.#database.now()
    const session = await answerWithin(lookupPatience, this.#database.sessions.findOne({ _id: hash(token), expireAt: { $gt: now } }))
    if (!session) return undefined
    const user = await answerWithin(lookupPatience, this.#database.users.findOne({ _id: session.address }))
    if (!user) return undefined
    if (session.expireAt.getTime() - now.getTime() < sessionMs - slideEveryMs) {
      await this.#database.sessions.updateOne({ _id: session._id }, { $set: { expireAt: new Date(now.getTime() + sessionMs) } })
    }
    return { session, user }
  }

  /** Whether a session still holds, without using it. */
  async exists(session: SessionDocument): Promise<boolean> {
    return (await this.#database.sessions.findOne({ _id: session._id, expireAt: { $gt: this.#database.now() } }, { projection: { _id: 1 } })) !== null
  }

  async end(session: SessionDocument): Promise<void> {
    await this.#database.sessions.deleteOne({ _id: session._id })
  }

  /** Ends every session of a user, `except` one: after a new password, or with the user. */
  async endAll(address: string, except?: SessionDocument): Promise<void> {
    await this.#database.sessions.deleteMany({ address, ...(except ? { _id: { $ne: except._id } } : {}) })
  }
}

/** Compares a CSRF value in constant time. */
export function csrfMatches(session: SessionDocument, given: string | undefined): boolean {
  if (given === undefined) return false
  const expected = Buffer.from(session.csrf)
  const actual = Buffer.from(given)
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

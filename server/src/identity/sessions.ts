import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import type { Database } from "../store/database.ts"
import { answerWithin } from "../store/deadline.ts"
import type { SessionDocument, UserDocument } from "../store/documents.ts"

/** How long the database may take to say who is signed in, milliseconds. */
const lookupPatience = 4_000

/** A session ends this long after its last use. */
export const sessionMs = 12 * 3_600_000
const slideEveryMs = 5 * 60_000
/** A connection of the Outlook add-in ends this long after its last use. */
export const addinMs = 180 * 24 * 3_600_000
const addinSlideEveryMs = 3_600_000

/** Name of the session cookie. */
export const sessionCookie = "lifeboat"

/** The signed-in caller of a request. The add-in's caller is always a plain user: it sees what is its owner's own, whatever their role. */
export interface Caller {
  readonly session: SessionDocument
  readonly user: UserDocument
}

const hash = (token: string): string => createHash("sha256").update(token).digest("base64url")

const maxKnown = 5_000

/** Sign-ins: 32 random bytes with the caller, only their SHA-256 with us. */
export class Sessions {
  readonly #database: Database
  /** Whose a session is never changes: who is known is read along with the session, not after it. */
  readonly #addresses = new Map<string, string>()

  constructor(database: Database) {
    this.#database = database
  }

  /** Begins a session; the token is shown only now. */
  begin(address: string): Promise<{ token: string; session: SessionDocument }> {
    return this.#insert(address, sessionMs)
  }

  /** Begins the session of an Outlook add-in, named by its device. */
  beginAddin(address: string, name: string): Promise<{ token: string; session: SessionDocument }> {
    return this.#insert(address, addinMs, name)
  }

  async #insert(address: string, ms: number, device?: string): Promise<{ token: string; session: SessionDocument }> {
    const token = randomBytes(32).toString("base64url")
    const now = this.#database.now()
    const session: SessionDocument = {
      _id: hash(token),
      address,
      csrf: randomBytes(24).toString("base64url"),
      createdAt: now,
      expireAt: new Date(now.getTime() + ms),
      ...(device === undefined ? {} : { addin: { id: randomBytes(9).toString("base64url"), name: device, usedAt: now } }),
    }
    await this.#database.sessions.insertOne(session)
    return { token, session }
  }

  /** The caller behind a token, with the user as stored now; undefined: not signed in (any more). */
  async find(token: string): Promise<Caller | undefined> {
    if (!/^[A-Za-z0-9_-]{43}$/.test(token)) return undefined
    const caller = await this.findById(hash(token))
    if (!caller) return undefined
    const { session } = caller
    const [ms, slideMs] = session.addin ? [addinMs, addinSlideEveryMs] : [sessionMs, slideEveryMs]
    const now = this.#database.now()
    if (session.expireAt.getTime() - now.getTime() < ms - slideMs) {
      await this.#database.sessions.updateOne({ _id: session._id }, { $set: { expireAt: new Date(now.getTime() + ms), ...(session.addin ? { "addin.usedAt": now } : {}) } })
    }
    return caller
  }

  /** The caller of a session that holds, without using it. */
  async findById(id: string): Promise<Caller | undefined> {
    const address = this.#addresses.get(id)
    const [session, known] = await answerWithin(lookupPatience, Promise.all([
      this.#database.sessions.findOne({ _id: id, ...this.#valid() }),
      address === undefined ? null : this.#database.users.findOne({ _id: address }),
    ]))
    if (!session) {
      this.#addresses.delete(id)
      return undefined
    }
    const user = session.address === address ? known : await answerWithin(lookupPatience, this.#database.users.findOne({ _id: session.address }))
    if (!user) return undefined
    this.#remember(id, session.address)
    return { session, user: session.addin ? { ...user, role: "user" } : user }
  }

  #remember(id: string, address: string): void {
    this.#addresses.delete(id)
    this.#addresses.set(id, address)
    const oldest = this.#addresses.keys().next()
    if (this.#addresses.size > maxKnown && !oldest.done) this.#addresses.delete(oldest.value)
  }

  /** Whether a session still holds, without using it. */
  async exists(session: SessionDocument): Promise<boolean> {
    return (await this.#database.sessions.findOne({ _id: session._id, ...this.#valid() }, { projection: { _id: 1 } })) !== null
  }

  /** Whether a token that lets nobody in belongs to a user who was removed. */
  async ofRemovedUser(token: string): Promise<boolean> {
    return (await answerWithin(lookupPatience, this.#database.sessions.findOne({ _id: hash(token), removed: true, expireAt: { $gt: this.#database.now() } }, { projection: { _id: 1 } }))) !== null
  }

  #valid() {
    return { expireAt: { $gt: this.#database.now() }, removed: { $exists: false } }
  }

  async end(session: SessionDocument): Promise<void> {
    await this.#database.sessions.deleteOne({ _id: session._id })
  }

  /** The user is removed: their pages are told so, as long as their sessions would have lasted. */
  async endRemoved(address: string): Promise<void> {
    await this.#database.sessions.deleteMany({ address, addin: { $exists: true } })
    await this.#database.sessions.updateMany({ address }, { $set: { removed: true } })
  }

  /** Ends every session of a user, `except` one: after a new password. */
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

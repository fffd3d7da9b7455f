import { createHmac, randomBytes } from "node:crypto"
import { canonicalAddress } from "@lifeboat/shared/address"
import type { Logger } from "../logger.ts"
import type { Database } from "../store/database.ts"
import { answerWithin } from "../store/deadline.ts"
import type { UserDocument } from "../store/documents.ts"
import { AttemptLimiter } from "./attempt-limiter.ts"
import { hashPassword, verifyPassword } from "./passwords.ts"

/** Where a sign-in comes from, for the log. */
export type SignInProtocol = "web" | "smtp" | "imap" | "pop3"

/** The user, or why not. `limited`: too many wrong passwords, wait `retryAfterMs`; `unavailable`: nobody can tell right now. */
export type SignInResult =
  | { readonly kind: "user"; readonly user: UserDocument }
  | { readonly kind: "wrong" }
  | { readonly kind: "limited"; readonly retryAfterMs: number }
  | { readonly kind: "unavailable" }

const cacheMs = 60_000
const lookupPatience = 4_000
const maxCached = 10_000
const maxAtOnce = 4
const maxWaiting = 200

/**
 * Checks address and password for web and SMTP alike. Unknown users cost the same time and get the same answer. A
 * verified password is remembered for a minute (as an HMAC that a new password makes void), and the same check asked
 * for at the same time is made once.
 */
export class SignIn {
  readonly #database: Database
  readonly #log: Logger
  readonly #limiter = new AttemptLimiter()
  readonly #key = randomBytes(32)
  readonly #verified = new Map<string, number>()
  readonly #running = new Map<string, Promise<boolean>>()
  readonly #waiting: (() => void)[] = []
  #active = 0
  #dummyHash: Promise<string> | undefined

  constructor(database: Database, log: Logger) {
    this.#database = database
    this.#log = log
  }

  async authenticate(address: string, password: string, clientAddress: string, protocol: SignInProtocol): Promise<SignInResult> {
    try {
      return await this.#authenticate(address, password, clientAddress, protocol)
    } catch (error) {
      this.#log.error({ error: String(error), protocol }, "sign-in could not be checked")
      return { kind: "unavailable" }
    }
  }

  async #authenticate(address: string, password: string, clientAddress: string, protocol: SignInProtocol): Promise<SignInResult> {
    const canonical = canonicalAddress(address)
    const user = canonical === undefined ? null : await answerWithin(lookupPatience, this.#database.users.findOne({ $or: [{ _id: canonical }, { aliases: canonical }] }))
    const account = user?._id ?? canonical ?? "-"
    const hash = user?.passwordHash ?? null
    const proof = createHmac("sha256", this.#key).update(`${account}\0${hash ?? ""}\0${password}`).digest("base64")
    const now = Date.now()
    if (user && this.#isCached(proof, now)) return this.#signedIn(user)

    let check = this.#running.get(proof)
    if (!check) {
      const wait = this.#limiter.waitMs(account, clientAddress, now)
      if (wait > 0) return { kind: "limited", retryAfterMs: wait }
      if (this.#waiting.length >= maxWaiting) return { kind: "unavailable" }
      this.#limiter.begun(account, clientAddress, now)
      check = this.#verify(password, hash).finally(() => this.#running.delete(proof))
      this.#running.set(proof, check)
    }
    const right = await check
    if (!user || !right) {
      this.#log.info({ account, clientAddress, protocol }, "wrong address or password")
      return { kind: "wrong" }
    }
    this.#limiter.succeeded(account, clientAddress, Date.now())
    this.#remember(proof, Date.now())
    return this.#signedIn(user)
  }

  async #verify(password: string, hash: string | null): Promise<boolean> {
    if (this.#active >= maxAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#active++
    try {
      this.#dummyHash ??= hashPassword(randomBytes(16).toString("hex")).then((hashes) => hashes.passwordHash)
      const right = await verifyPassword(password, hash ?? (await this.#dummyHash))
      return right && hash !== null
    } finally {
      this.#active--
      this.#waiting.shift()?.()
    }
  }

  #signedIn(user: UserDocument): SignInResult {
    const lastLoginAt = this.#database.now()
    const stale = user.lastLoginAt === null || lastLoginAt.getTime() - user.lastLoginAt.getTime() > 60_000
    if (stale) {
      void this.#database.users.updateOne({ _id: user._id }, { $set: { lastLoginAt } }).catch((error: unknown) => {
        this.#log.warn({ error: String(error) }, "the time of a sign-in was not noted")
      })
    }
    return { kind: "user", user: stale ? { ...user, lastLoginAt } : user }
  }

  #isCached(proof: string, now: number): boolean {
    const until = this.#verified.get(proof)
    return until !== undefined && until > now
  }

  #remember(proof: string, now: number): void {
    this.#verified.delete(proof)
    this.#verified.set(proof, now + cacheMs)
    for (const [key, until] of this.#verified) {
      if (until > now && this.#verified.size <= maxCached) break
      this.#verified.delete(key)
    }
  }
}

import crypto from "node:crypto"
import { promisify } from "node:util"

/** One password in both forms that are kept of it; neither leads back to it. */
export interface PasswordHashes {
  /** argon2id, PHC string: what we check. */
  readonly passwordHash: string
  /** PBKDF2-SHA256, PHC string: what WildDuck checks for IMAP and POP3. */
  readonly mailboxHash: string
}

interface Argon2Cost {
  /** KiB */
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
}

const pbkdf2 = promisify(crypto.pbkdf2)
/** OWASP's second choice of parameters: about 30 ms on one core. */
const cost: Argon2Cost = { memory: 19_456, passes: 2, parallelism: 1 }
/** WildDuck's own number; it hashes again at the first sign-in what has another. */
const pbkdf2Iterations = 100_000
const tagLength = 32

/** Hashes a password for ourselves and for WildDuck. Takes about 60 ms, off the main thread. */
export async function hashPassword(password: string): Promise<PasswordHashes> {
  const text = password.normalize("NFC")
  const [salt, mailboxSalt] = [crypto.randomBytes(16), crypto.randomBytes(16)]
  const [tag, mailboxTag] = await Promise.all([argon2id(text, salt, cost), pbkdf2(text, mailboxSalt, pbkdf2Iterations, tagLength, "sha256")])
  return {
    passwordHash: `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${base64(salt)}$${base64(tag)}`,
    mailboxHash: `$pbkdf2-sha256$i=${pbkdf2Iterations}$${base64(mailboxSalt)}$${base64(mailboxTag)}`,
  }
}

/** Whether a password fits an argon2id PHC string; false as well for a string that is none. */
export async function verifyPassword(password: string, passwordHash: string): Promise<boolean> {
  const match = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,171})$/.exec(passwordHash)
  const [, memory, passes, parallelism, salt, tag] = match ?? []
  if (salt === undefined || tag === undefined) return false
  const expected = Buffer.from(tag, "base64")
  const found = await argon2id(password.normalize("NFC"), Buffer.from(salt, "base64"), { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }, expected.length)
  return crypto.timingSafeEqual(found, expected)
}

async function argon2id(password: string, salt: Buffer, { memory, passes, parallelism }: Argon2Cost, length = tagLength): Promise<Buffer> {
  if (typeof crypto.argon2 === "function") {
    return promisify(crypto.argon2)("argon2id", { message: password, nonce: salt, parallelism, tagLength: length, memory, passes })
  }
  // Node before 24.7 has none of its own.
  const { argon2id: wasm } = await import("hash-wasm")
  return Buffer.from(await wasm({ password, salt, parallelism, iterations: passes, memorySize: memory, hashLength: length, outputType: "binary" }))
}

/** PHC strings use base64 without padding. */
function base64(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("=", "")
}

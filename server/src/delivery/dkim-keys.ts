import { generateKeyPair } from "node:crypto"
import { promisify } from "node:util"
import type { Database } from "../store/database.ts"
import type { DkimKeyDocument } from "../store/documents.ts"

const modulusLength = 2048
const makePair = promisify(generateKeyPair)

/** The selector of a key made at a time: `lifeboat<yyyymm>`, so that each month can have a new one beside the old. */
export function selectorAt(time: Date): string {
  return `lifeboat${time.toISOString().slice(0, 7).replace("-", "")}`
}

/** The TXT record that publishes a key (RFC 6376 §3.6.1). */
export function dkimRecord(key: Pick<DkimKeyDocument, "publicKey">): string {
  return `v=DKIM1; k=rsa; p=${key.publicKey}`
}

/** The key that a domain signs with: its newest; undefined: none was made. */
export async function currentDkimKey(database: Database, domain: string): Promise<DkimKeyDocument | undefined> {
  return (await database.dkimKeys.findOne({ domain }, { sort: { createdAt: -1 } })) ?? undefined
}

/** Makes a domain a key (RSA 2048). One of this month is left as it is, because its record may be published. */
export async function createDkimKey(database: Database, domain: string): Promise<{ key: DkimKeyDocument; created: boolean }> {
  const createdAt = database.now()
  const selector = selectorAt(createdAt)
  const id = `${selector}._domainkey.${domain}`
  const existing = await database.dkimKeys.findOne({ _id: id })
  if (existing) return { key: existing, created: false }
  const { publicKey, privateKey } = await makePair("rsa", {
    modulusLength,
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  })
  const made = { domain, selector, privateKey, publicKey: publicKey.toString("base64"), createdAt }
  const key = await database.dkimKeys.findOneAndUpdate({ _id: id }, { $setOnInsert: made }, { upsert: true, returnDocument: "after" })
  if (!key) throw new Error("the key was not stored")
  return { key, created: key.publicKey === made.publicKey }
}

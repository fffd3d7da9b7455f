import { randomBytes } from "node:crypto"
import { canonicalAddress, domainOf } from "@lifeboat/shared/address"
import type { UserChange } from "@lifeboat/shared/schemas/user"
import type { Database } from "../store/database.ts"
import { verifyPassword } from "./passwords.ts"
import type { Users } from "./users.ts"

/** Thrown when LIFEBOAT_ADMIN_ADDRESS is no mail address. */
export class FirstOperatorError extends Error {}

/**
 * Sees to it that there is an operator. `password` given: it is (made) the operator's password. Otherwise one is
 * generated where the operator does not exist yet, and returned so that it can be printed once.
 */
export async function ensureFirstOperator(
  database: Database,
  users: Users,
  admin: { readonly address: string; readonly password: string | undefined },
): Promise<{ address: string; generatedPassword: string | undefined }> {
  const address = canonicalAddress(admin.address)
  if (address === undefined) throw new FirstOperatorError(`LIFEBOAT_ADMIN_ADDRESS=${admin.address} is not a mail address.`)
  const existing = await database.users.findOne({ _id: address })
  if (!existing) {
    const generated = randomBytes(12).toString("base64url")
    await users.create(domainOf(address), { address, name: "Operator", role: "operator", password: admin.password ?? generated }, new Set())
    return { address, generatedPassword: admin.password === undefined ? generated : undefined }
  }
  const change: UserChange = {}
  if (existing.role !== "operator") change.role = "operator"
  if (admin.password !== undefined && !(existing.passwordHash !== null && (await verifyPassword(admin.password, existing.passwordHash)))) change.password = admin.password
  if (Object.keys(change).length > 0) await users.change(existing, change, new Set())
  return { address, generatedPassword: undefined }
}

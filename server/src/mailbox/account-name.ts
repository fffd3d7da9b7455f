import { createHash } from "node:crypto"
import { mailboxKey } from "@lifeboat/shared/address"

/** WildDuck's rule for usernames. */
const allowed = /^[a-z0-9-]+(?:[._=:][a-z0-9-]+)*@[a-z0-9-]+(?:[._=:][a-z0-9-]+)*$/

/**
 * The username of an account: the address itself where WildDuck allows it, else a name made from it that is always the
 * same. People sign in with their address either way.
 */
export function accountName(address: string): string {
  if (allowed.test(address) && address.length <= 128) return address
  return `lifeboat-${createHash("sha256").update(mailboxKey(address)).digest("hex").slice(0, 32)}`
}

/** The address in the account, or undefined where WildDuck takes none of this form (quoted local part, no dot in the domain). */
export function accountAddress(address: string): string | undefined {
  return address.startsWith('"') || !address.slice(address.lastIndexOf("@")).includes(".") ? undefined : address
}

/** WildDuck's form of a username for comparing. */
export function accountKey(username: string): string {
  const at = username.indexOf("@")
  return at < 0 ? username.replaceAll(".", "") : username.slice(0, at).replaceAll(".", "") + username.slice(at)
}

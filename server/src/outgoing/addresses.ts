import { ApiError } from "@lifeboat/shared/api-errors"
import { canonicalAddress, parseAddress } from "@lifeboat/shared/address"
import { oneLine } from "@lifeboat/shared/hidden-characters"
import type { UserDocument } from "../store/documents.ts"

/** A recipient or sender as written: checked, harmless in a header. */
export interface Written {
  readonly name: string
  readonly address: string
}

/** Reads `address`, `Name <address>` or `"Name" <address>`; undefined for anything else. */
export function readWritten(text: string): Written | undefined {
  const match = /^\s*(?:"((?:[^"\\]|\\.)*)"|([^<>"]*?))\s*<([^<>]+)>\s*$/su.exec(text)
  const address = parseAddress((match?.[3] ?? text).trim())
  if (!address) return undefined
  const name = oneLine(match?.[1]?.replace(/\\(.)/gsu, "$1") ?? match?.[2] ?? "").trim()
  return { name, address: `${address.local}@${address.domain}` }
}

/** All recipients of a list; throws `invalid-address` naming the first that is none. */
export function readRecipients(texts: readonly string[] | undefined): Written[] {
  return (texts ?? []).map((text) => {
    const written = readWritten(text)
    if (!written) throw new ApiError("invalid-address", `"${oneLine(text).slice(0, 200)}" is not a mail address.`)
    return written
  })
}

/** The sender: the user's own address or an alias; throws `sender-not-owned`. */
export function senderOf(user: UserDocument, from: string | undefined): Written {
  if (from === undefined || from.trim() === "") return { name: user.name, address: user._id }
  const written = readWritten(from)
  const canonical = written && canonicalAddress(written.address)
  if (canonical === undefined || ![user._id, ...user.aliases].includes(canonical)) throw new ApiError("sender-not-owned")
  return { name: user.name, address: canonical }
}

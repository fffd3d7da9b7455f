import { canonicalDomain } from "@lifeboat/shared/address"
import { SmtpFailure } from "./smtp-failure.ts"

/** Whether a text needs no SMTPUTF8. */
export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false
  return true
}

/** The address with its domain in A-labels where only the domain is beyond ASCII. */
export function withAsciiDomain(address: string): string {
  if (isAscii(address)) return address
  const at = address.lastIndexOf("@")
  const domain = canonicalDomain(address.slice(at + 1))
  return at > 0 && domain !== undefined ? `${address.slice(0, at)}@${domain}` : address
}

/** The address as it may stand between `<` and `>`. Throws {@link SmtpFailure} for what could end a path or a command. */
export function checkedPath(address: string): string {
  const bad = address.startsWith('"') ? /[\u0000-\u001f\u007f]/ : /[\u0000-\u0020\u007f<>]/
  if (bad.test(address)) throw new SmtpFailure("mail", "local", "an address holds characters that no command may hold")
  return address
}

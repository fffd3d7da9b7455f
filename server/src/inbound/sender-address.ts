import { canonicalAddress, parseAddress } from "@lifeboat/shared/address"

/**
 * Whether a reverse-path can be a sender: empty, a mail address, or one of the odd but harmless forms that real
 * systems use (an address literal, an underscore in the host, no domain at all). Nothing in it can end a command.
 */
export function isSenderPath(path: string): boolean {
  if (path === "" || parseAddress(path)) return true
  return path.length <= 320 && /^[^\s"(),:;<>@[\\\]\u0000-\u001f\u007f]{1,64}(?:@(?:\[[0-9A-Za-z.:]{2,60}\]|[A-Za-z0-9._-]{1,253}))?$/u.test(path)
}

/** The canonical form of a sender, for comparing; undefined where it has none. */
export function canonicalSender(path: string): string | undefined {
  return path === "" ? undefined : canonicalAddress(path)
}

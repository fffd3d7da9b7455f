import { BlockList, isIP } from "node:net"
import type { DomainDocument } from "../store/documents.ts"

/** Whether an IP address is in one of these addresses or CIDR ranges; entries that are neither match nothing. */
export function matchesAddress(address: string, ranges: readonly string[]): boolean {
  const family = familyOf(address)
  if (!family || ranges.length === 0) return false
  return listOf(ranges).check(address, family)
}

const lists = new WeakMap<readonly string[], BlockList>()

/** The ranges ready for checking, made once for each list of settings. */
function listOf(ranges: readonly string[]): BlockList {
  const known = lists.get(ranges)
  if (known) return known
  const list = new BlockList()
  lists.set(ranges, list)
  for (const range of ranges) {
    const [network = "", prefix, ...more] = range.trim().split("/")
    const type = familyOf(network)
    if (!type || more.length > 0) continue
    if (prefix === undefined) list.addAddress(network, type)
    else if (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (type === "ipv4" ? 32 : 128)) list.addSubnet(network, Number(prefix), type)
  }
  return list
}

/** The hosted domains whose own mail servers speak from this address. */
export function relayDomains(address: string, domains: readonly DomainDocument[]): string[] {
  return domains.filter((domain) => matchesAddress(address, domain.relay.addresses)).map((domain) => domain._id)
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  const family = isIP(address)
  return family === 4 ? "ipv4" : family === 6 ? "ipv6" : undefined
}

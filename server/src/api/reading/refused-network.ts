import { BlockList, isIP, isIPv6 } from "node:net"

/** Networks that are not the internet (IANA special-purpose registries, RFC 6890): nobody's pictures come from there. */
const ipv4 = [
  "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
  "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
]

/** Only this part of IPv6 is the internet; within it, these are not, or lead to an IPv4 address that could be anything. */
const ipv6Internet = "2000::/3"
const ipv6 = ["2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"]

const refused = list(ipv4, "ipv4")
const internet = list([ipv6Internet], "ipv6")
const refused6 = list(ipv6, "ipv6")

function list(networks: readonly string[], type: "ipv4" | "ipv6"): BlockList {
  const result = new BlockList()
  for (const network of networks) {
    const [address = "", bits] = network.split("/")
    result.addSubnet(address, Number(bits), type)
  }
  return result
}

/**
 * Whether an address is not to be connected to on behalf of a mail: everything private, loopback, link-local, carrier
 * NAT, multicast, metadata services, and IPv6 forms of them. Unreadable addresses are refused. `allowed`: networks of
 * the operator's own that are fetched from all the same.
 */
export function isRefused(address: string, allowed: BlockList = new BlockList()): boolean {
  const plain = address.replace(/%.*$/, "")
  if (!isIP(plain)) return true
  const type = isIPv6(plain) ? "ipv6" : "ipv4"
  if (allowed.check(plain, type)) return false
  return type === "ipv4" ? refused.check(plain, "ipv4") : !internet.check(plain, "ipv6") || refused6.check(plain, "ipv6")
}

import { BlockList, isIP } from "node:net"
import type { Smarthost } from "../store/documents.ts"
import type { NextHop } from "./smtp-opening.ts"

const loopback = new BlockList()
loopback.addSubnet("127.0.0.0", 8)
loopback.addAddress("::1", "ipv6")

/** A smarthost as a next hop. A password never leaves this machine in the clear: with one, TLS is required. */
export function smarthostHop({ host, port, auth }: Smarthost): NextHop {
  if (!auth) return { host, port, tls: "opportunistic" }
  const version = isIP(host)
  const here = version === 0 ? host === "localhost" : loopback.check(host, version === 6 ? "ipv6" : "ipv4")
  return { host, port, tls: here ? "opportunistic" : "required", auth }
}

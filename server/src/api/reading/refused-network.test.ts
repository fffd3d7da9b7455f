import { BlockList } from "node:net"
import { expect, it } from "vitest"
import { isRefused } from "./refused-network.ts"

it.each([
  "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
  "255.255.255.255", "168.63.129.16", "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:7f00:1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::",
  "3fff::1", "", "localhost", "0x7f000001", "2130706433",
])("refuses %s", (address) => expect(isRefused(address)).toBe(true))

it.each(["8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::1"])("takes %s", (address) => expect(isRefused(address)).toBe(false))

it("takes what the operator allows", () => {
  const own = new BlockList()
  own.addSubnet("10.1.0.0", 16)
  expect(isRefused("10.1.2.3", own)).toBe(false)
  expect(isRefused("10.2.2.3", own)).toBe(true)
})

import { describe, expect, it } from "vitest"
import { canonicalAddress, canonicalDomain, domainOf, mailboxKey, parseAddress, withoutPlus } from "./address.ts"

describe("canonicalAddress", () => {
  it.each([
    ["Anna@Example.COM", "anna@example.com"],
    ["anna+shop@example.com", "anna+shop@example.com"],
    ["jörg@bücher.example", "jörg@xn--bcher-kva.example"],
    ['"anna"@example.com', "anna@example.com"],
    ['"anna b"@example.com', '"anna b"@example.com'],
    ["o'neil@example.com", "o'neil@example.com"],
    ["a@localhost", "a@localhost"],
  ])("%s → %s", (text, expected) => expect(canonicalAddress(text)).toBe(expected))

  it.each(["", "anna", "@example.com", "a@b@", "a b@example.com", "a@exa mple.com", "a..b@example.com", ".a@example.com", "a@[127.0.0.1]", "a@b/c", "a%b\r\n@example.com",
    "a@example.com>", `${"x".repeat(65)}@example.com`, "a@-x.com", "a@x_y.com?"])("refuses %j", (text) => expect(canonicalAddress(text)).toBeUndefined())
})

describe("domains and mailbox keys", () => {
  it("writes domains in A-labels", () => expect(canonicalDomain("BÜCHER.example.")).toBe("xn--bcher-kva.example"))
  it("keeps the local part as it was written", () => expect(parseAddress("Anna@example.com")).toEqual({ local: "Anna", domain: "example.com" }))
  it("drops the plus part", () => expect(withoutPlus("anna+a+b@example.com")).toBe("anna@example.com"))
  it("sees a.b@ and ab@ as one mailbox", () => expect(mailboxKey("a.b+c@example.com")).toBe(mailboxKey("ab@example.com")))
  it("takes the domain from the last at", () => expect(domainOf('"a@b"@example.com')).toBe("example.com"))
})

import { describe, expect, it } from "vitest"
import { mailboxes, ownsAddress, ownsHeader } from "./sender-ownership.ts"

const anna = { _id: "anna@example.com", aliases: ["a.b@example.com", "info@xn--mnchen-3ya.test"] }
const owns = (header: string) => ownsHeader(anna, Buffer.from(header.replaceAll("\n", "\r\n")))

describe("whose address it is", () => {
  it.each(["anna@example.com", "ANNA@Example.COM", "anna+shop@example.com", "a.b@example.com", "info@münchen.test", '"anna"@example.com'])("%s is hers", (address) =>
    expect(ownsAddress(anna, address)).toBe(true),
  )
  it.each(["bob@example.com", "anna@example.com.evil.test", "anna@outside.test", "anna", "", "anna@example.com@x.test", "ab@example.com"])("%s is not", (address) =>
    expect(ownsAddress(anna, address)).toBe(false),
  )
})

describe("originators of a message", () => {
  it.each([
    "From: anna@example.com\n\n",
    'From: "Anna, A." <anna@example.com>\nSender: a.b@example.com\n\n',
    "from: Anna (the (one) bob@example.com)\n <anna@example.com>\n\n",
    "From: =?utf-8?q?Anna?= <Anna+x@example.com>\nReply-To: bob@example.com\n\n",
  ])("takes %j", (header) => expect(owns(header)).toBe(true))

  it.each([
    "Subject: no From\n\n",
    "From: bob@example.com\n\n",
    "From: anna@example.com\nFrom: bob@example.com\n\n",
    "From: anna@example.com\nFrom: anna@example.com\n\n",
    "From: anna@example.com, bob@example.com\n\n",
    "From: anna@example.com\nSender: bob@example.com\n\n",
    "From: anna@example.com\nResent-From: bob@example.com\n\n",
    "From: anna@example.com\nResent-Sender: bob@example.com\n\n",
    "From : bob@example.com\nFrom: anna@example.com\n\n",
    "From: bob@example.com (<anna@example.com>)\n\n",
    "From: <bob@example.com> <anna@example.com>\n\n",
    "From: bob@example.com <anna@example.com>\n\n",
    "From: group: anna@example.com, bob@example.com;\n\n",
    "From: \"unclosed <anna@example.com>\n\n",
    "From: (unclosed <anna@example.com>\n\n",
    "From: anna@example.com\\\n <bob@example.com>\n\n",
    "From:\n\n",
  ])("refuses %j", (header) => expect(owns(header)).toBe(false))

  it("reads lists", () => expect(mailboxes('"a,b" <a@x.test>, c@y.test (z),')).toEqual(["a@x.test", "c@y.test"]))
})

import { describe, expect, it } from "vitest"
import type { Incoming } from "../archive/incoming.ts"
import { mailDate, traceOf } from "./received-header.ts"

const receivedAt = new Date("2026-11-23T04:05:06Z")
const recipient = (address: string) => ({ address, canonical: address, domain: "example.com", user: null, covered: false })

function incoming(changes: { header?: string; helo?: string; address?: string; recipients?: string[]; submitter?: string; transport?: Incoming["transport"]; smtpUtf8?: boolean } = {}): Incoming {
  const header = Buffer.from(changes.header ?? "From: a@b.test\r\nDate: x\r\nMessage-ID: <y@z>\r\n\r\n")
  return {
    receivedAt,
    client: { address: changes.address ?? "192.0.2.1", name: "", helo: changes.helo ?? "client.test", tls: false, user: null },
    envelope: { mailFrom: "a@b.test", smtpUtf8: changes.smtpUtf8 ?? false, eightBit: false },
    recipients: (changes.recipients ?? ["anna@example.com"]).map(recipient),
    body: { messageId: "0123456789abcdefghjkmnpq", size: header.length, bytes: header, header },
    transport: changes.transport === undefined ? { extended: true, tls: null } : changes.transport,
    submitter: changes.submitter ?? null,
  }
}

describe("trace header", () => {
  it("tells from where, by whom, how, for whom and when, folded", () => {
    expect(traceOf(incoming(), "mx.test")).toBe(
      "Received: from client.test ([192.0.2.1])\r\n\tby mx.test (Lifeboat) with ESMTP\r\n\tid 0123456789abcdefghjkmnpq\r\n\tfor <anna@example.com>;\r\n\tMon, 23 Nov 2026 04:05:06 +0000\r\n",
    )
  })

  it("names the protocol as RFC 3848 and RFC 6531 say", () => {
    const tls = { protocol: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" }
    expect(traceOf(incoming({ transport: { extended: false, tls: null } }), "mx.test")).toContain(" with SMTP\r\n")
    expect(traceOf(incoming({ transport: { extended: true, tls }, submitter: "a@b.test" }), "mx.test")).toContain(" with ESMTPSA (TLSv1.3 TLS_AES_256_GCM_SHA384)\r\n")
    expect(traceOf(incoming({ transport: { extended: true, tls }, smtpUtf8: true }), "mx.test")).toContain(" with UTF8SMTPS (")
    expect(traceOf(incoming({ transport: null }), "mx.test")).toContain(" with HTTP\r\n")
  })

  it("keeps blind copies blind", () => expect(traceOf(incoming({ recipients: ["a@example.com", "b@example.com"] }), "mx.test")).not.toContain("for <"))

  it("lets nothing in that a client chose", () => {
    const trace = traceOf(incoming({ helo: "x) by evil\r\nBcc: y\0", address: "::1", recipients: ['"a>\tb"@example.com'] }), "mx.test")
    expect(trace.split("\r\n")[0]).toBe("Received: from x__by_evil__Bcc:_y_ ([IPv6:::1])")
    expect(trace).not.toContain("for <")
    for (const line of trace.split("\r\n").slice(1, -1)) expect(line).toMatch(/^\t/)
  })

  it("adds Date and Message-ID for our own users only", () => {
    const header = "From: a@b.test\r\nSubject: x\r\n\r\n"
    expect(traceOf(incoming({ header }), "mx.test")).not.toMatch(/^(Date|Message-ID):/m)
    const trace = traceOf(incoming({ header, submitter: "a@b.test" }), "mx.test")
    expect(trace).toContain("\r\nDate: Mon, 23 Nov 2026 04:05:06 +0000\r\nMessage-ID: <0123456789abcdefghjkmnpq@mx.test>\r\n")
    expect(traceOf(incoming({ submitter: "a@b.test" }), "mx.test")).not.toMatch(/^(Date|Message-ID):/m)
  })

  it.each(["hello\r\n", " folded: no\r\n", "\tX: y\r\n", "no colon here\r\n\r\n"])("ends the header before a body that begins with %j", (header) =>
    expect(traceOf(incoming({ header }), "mx.test")).toMatch(/\+0000\r\n\r\n$/),
  )

  it.each(["From a@b.test Mon Nov 23 04:05:06 2026\r\nX: y\r\n", ">From a@b.test\r\n"])("makes a field of the separator of a mailbox file: %j", (header) =>
    expect(traceOf(incoming({ header }), "mx.test")).toMatch(/\+0000\r\nX-Mailbox-Line: $/),
  )

  it.each(["X: y\r\n", "\r\nbody", "", "\nbody"])("needs no empty line before %j", (header) => expect(traceOf(incoming({ header }), "mx.test")).toMatch(/[^\n]\r\n$/))

  it("writes dates in UTC", () => expect(mailDate(new Date("2026-02-01T23:59:09Z"))).toBe("Sun, 1 Feb 2026 23:59:09 +0000"))
})

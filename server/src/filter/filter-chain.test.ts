import { describe, expect, it } from "vitest"
import { smtpReplies } from "@lifeboat/shared/smtp-replies"
import { createFilterChain } from "./filter-chain.ts"
import { countFields, hasField, headerFields } from "./header-fields.ts"
import type { FilteredMail, FilterSettings } from "./verdict.ts"

const settings: FilterSettings = { hostname: "mx.test", limits: { messageBytes: 1000, hops: 10, headers: 20 } }
const mail = (header: string, size = header.length): FilteredMail => ({
  envelope: { mailFrom: "" }, recipients: [], client: { address: "192.0.2.1" }, body: { size, header: Buffer.from(header) },
})
const judge = (header: string, size?: number) => createFilterChain(settings)(mail(header, size))
const foreign = "Received: from a by b.test with ESMTP;\r\n\tnow\r\n"
const own = "Received: from a ([192.0.2.1])\r\n\tby mx.test (Lifeboat) with ESMTP\r\n\tid x;\r\n\tnow\r\n"

describe("filter chain", () => {
  it("accepts an ordinary mail", async () => expect(await judge("Subject: x\r\n\r\n")).toEqual({ verdict: "accept" }))
  it("refuses by size", async () => expect(await judge("\r\n", 1001)).toEqual({ verdict: "reject", reply: smtpReplies.messageTooBig }))
  it("refuses too many fields", async () => {
    expect(await judge("X: y\r\n".repeat(20) + "\r\n")).toEqual({ verdict: "accept" })
    expect(await judge("X: y\r\n".repeat(21) + "\r\n")).toEqual({ verdict: "reject", reply: smtpReplies.tooManyHeaders })
  })
  it("refuses loops by hops (invariant 8: no loops)", async () => {
    expect(await judge(foreign.repeat(10))).toEqual({ verdict: "accept" })
    expect(await judge(foreign.repeat(11))).toEqual({ verdict: "reject", reply: smtpReplies.loop })
  })
  it("refuses loops through here earlier", async () => {
    expect(await judge(own.repeat(6))).toEqual({ verdict: "accept" })
    expect(await judge(own.repeat(7))).toEqual({ verdict: "reject", reply: smtpReplies.loop })
  })
  it("adds up tags, lets quarantine outlast them, and passes errors on", async () => {
    const tag = (line: string) => () => ({ verdict: "tag", lines: [line] }) as const
    expect(await createFilterChain(settings, [tag("A: 1"), tag("B: 2")])(mail(""))).toEqual({ verdict: "tag", lines: ["A: 1", "B: 2"] })
    expect(await createFilterChain(settings, [() => ({ verdict: "quarantine", reason: "r" }), tag("B: 2")])(mail(""))).toEqual({ verdict: "quarantine", reason: "r" })
    await expect(createFilterChain(settings, [() => Promise.reject(new Error("down"))])(mail(""))).rejects.toThrow("down")
  })
})

describe("header fields", () => {
  it("reads names, folding and odd lines without harm", () => {
    const header = Buffer.from("__proto__: x\r\nSubject:  a\r\n b\r\nno field\r\nFrom : c\r\n\r\nBody: no\r\n")
    expect([...headerFields(header)]).toEqual([
      { name: "__proto__", value: "x" },
      { name: "subject", value: "a b" },
      { name: "from", value: "c" },
    ])
    expect(countFields(header)).toBe(4)
    expect(hasField(header, "from")).toBe(true)
    expect(hasField(header, "body")).toBe(false)
  })
  it("stops at an empty line ended by LF alone", () => expect([...headerFields(Buffer.from("A: 1\n\nB: 2\n"))]).toEqual([{ name: "a", value: "1" }]))
})

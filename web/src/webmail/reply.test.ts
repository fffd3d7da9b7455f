import type { ReadableMail } from "@lifeboat/shared/schemas/mail"
import { describe, expect, it } from "vitest"
import { answeringAs, formatMailbox, replyRecipients, replySubject } from "./reply.ts"

const box = (address: string, name = "") => ({ address, name })
const mail = (change: { sender?: string; to?: string[]; cc?: string[]; replyTo?: string[] }): Pick<ReadableMail, "sender" | "recipients"> => ({
  sender: box(change.sender ?? "carl@partner.test", "Carl"),
  recipients: { to: (change.to ?? []).map((a) => box(a)), cc: (change.cc ?? []).map((a) => box(a)), bcc: [], replyTo: (change.replyTo ?? []).map((a) => box(a)) },
})

describe("subject", () => {
  it.each([
    ["Offer", "reply", "Re: Offer"],
    ["Re: Offer", "reply", "Re: Offer"],
    ["AW: Re: RE: Offer", "replyAll", "Re: Offer"],
    ["Re[2]: Offer", "reply", "Re: Offer"],
    ["WG: Fwd: Offer", "forward", "Fwd: Offer"],
    ["Re: Offer", "forward", "Fwd: Re: Offer"],
    ["Regal: new", "reply", "Re: Regal: new"],
    ["", "reply", "Re: "],
  ] as const)("%s by %s is %s", (subject, reference, expected) => expect(replySubject(subject, reference)).toBe(expected))
})

describe("recipients", () => {
  const own = ["anna@example.com", "a.berg@example.com"]
  it("answers the sender, or where he wants answers", () => {
    expect(replyRecipients(mail({}), "reply", own).to).toEqual(["Carl <carl@partner.test>"])
    expect(replyRecipients(mail({ replyTo: ["desk@partner.test"] }), "reply", own).to).toEqual(["desk@partner.test"])
  })
  it("answers all but the writer and nobody twice", () => {
    expect(replyRecipients(mail({ to: ["Anna@example.com", "bob@example.com", "carl@partner.test"], cc: ["a.berg@example.com", "dora@example.com", "bob@example.com"] }), "replyAll", own)).toEqual({
      to: ["Carl <carl@partner.test>", "bob@example.com"],
      cc: ["dora@example.com"],
    })
  })
  it("goes on with the same people after one's own mail", () => {
    expect(replyRecipients(mail({ sender: "anna@example.com", to: ["bob@example.com"], cc: ["dora@example.com"] }), "replyAll", own)).toEqual({ to: ["bob@example.com"], cc: ["dora@example.com"] })
  })
  it("goes to the recipients of one's own mail, whatever its Reply-To says", () => {
    expect(replyRecipients(mail({ sender: "Anna@example.com", to: ["bob@example.com"], replyTo: ["desk@example.com"] }), "reply", own).to).toEqual(["bob@example.com"])
    expect(replyRecipients(mail({ sender: "anna@example.com", to: [] }), "reply", own).to).toEqual(["Carl <anna@example.com>"])
  })
  it("is written as the address that was written to", () => {
    expect(answeringAs(mail({ to: ["x@x.test"], cc: ["A.Berg@example.com"] }), own)).toBe("a.berg@example.com")
    expect(answeringAs(mail({ to: ["list@x.test"] }), own)).toBeUndefined()
  })
  it("forwards to nobody yet", () => {
    expect(replyRecipients(mail({}), "forward", own)).toEqual({ to: [], cc: [] })
  })
  it("quotes names that need it", () => {
    expect(formatMailbox(box("b@x.test", 'Berg, "Bo"'))).toBe('"Berg, \\"Bo\\"" <b@x.test>')
    expect(formatMailbox(box("b@x.test", "Jörg Öhm"))).toBe("Jörg Öhm <b@x.test>")
  })
})

import type { MailView } from "@lifeboat/shared/schemas/mail"
import { describe, expect, it } from "vitest"
import { formatMailbox, quoted, replyRecipients, replySubject } from "./reply.ts"

const box = (address: string, name = "") => ({ address, name })
const mail = (change: { sender?: string; to?: string[]; cc?: string[]; replyTo?: string[] }): MailView => ({
  id: "1", folder: "f", subject: "", from: "", to: "", sender: box(change.sender ?? "carl@partner.test", "Carl"), date: "2026-01-01T00:00:00Z", seen: true, flagged: false, answered: false,
  draft: false, attachments: false, size: 1, intro: "", messageId: null, html: false, text: "", remoteContent: 0, attachmentList: [], reference: null, headers: { messageId: "", inReplyTo: "", references: [] },
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

describe("quoting", () => {
  it("marks every line, old quotes without a gap, and leaves the signature out", () => {
    expect(quoted("Hello\r\n\r\n> old\nBye\n-- \nCarl\nPartner Ltd\n")).toBe("> Hello\n>\n>> old\n> Bye")
  })
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
  it("forwards to nobody yet", () => {
    expect(replyRecipients(mail({}), "forward", own)).toEqual({ to: [], cc: [] })
  })
  it("quotes names that need it", () => {
    expect(formatMailbox(box("b@x.test", 'Berg, "Bo"'))).toBe('"Berg, \\"Bo\\"" <b@x.test>')
    expect(formatMailbox(box("b@x.test", "Jörg Öhm"))).toBe("Jörg Öhm <b@x.test>")
  })
})

import { expect, it } from "vitest"
import { comeByThemselves } from "./shown-pictures.ts"

const checked = (result: "pass" | "fail" | "unknown") => ({ result, domain: "x.example", spf: "none", dkim: "none", dmarc: "none" })

it("pictures come by themselves from who is trusted, and not from who pretends to be", () => {
  for (const trustedNow of [true, false]) {
    const mail = { senderTrusted: !trustedNow }
    for (const known of [null, checked("pass"), checked("unknown")]) expect(comeByThemselves(mail, known, trustedNow)).toBe(true)
    expect(comeByThemselves(mail, checked("fail"), trustedNow)).toBe(false)
  }
  expect(comeByThemselves({ senderTrusted: false }, checked("pass"), false)).toBe(false)
})

import { describe, expect, it } from "vitest"
import { looksLike } from "./lookalike.ts"
import { warningsOf, type SenderFacts } from "./sender-warnings.ts"

const facts = (change: Partial<SenderFacts> & { from?: string; name?: string; reply?: string } = {}): SenderFacts => ({
  sender: { name: change.name ?? "Maria", address: change.from ?? "maria@nordlicht.example" }, replyTo: change.reply === undefined ? [] : [{ name: "", address: change.reply }],
  ownDomains: ["acme-werke.example"], knownDomains: ["nordlicht.example"], fromInside: false, list: false, authentication: null, ...change,
})
const known = (result: "pass" | "fail" | "unknown") => ({ result, domain: "x", spf: "none", dkim: "none", dmarc: "none" })

describe("warningsOf", () => {
  it("is silent about an ordinary mail, and about mail from inside", () => {
    expect(warningsOf(facts())).toEqual([])
    expect(warningsOf(facts({ from: "", name: "" }))).toEqual([])
    expect(warningsOf(facts({ from: "boss@acme-werke.example", fromInside: true, authentication: known("fail"), reply: "x@evil.example" }))).toEqual([])
  })
  it("sees a name that shows another address", () => {
    expect(warningsOf(facts({ name: "boss@acme-werke.example" }))).toEqual(["name-shows-address"])
    expect(warningsOf(facts({ name: "“Boss <boss@acme-werke.example>”", from: "x@evil.example" }))).toEqual(["name-shows-address"])
    expect(warningsOf(facts({ name: "boss＠acme-werke.example" }))).toEqual(["name-shows-address"])
    expect(warningsOf(facts({ name: "boss@acme-werke\u200b.\u2060example" }))).toEqual(["name-shows-address"])
    expect(warningsOf(facts({ name: "boss@acme\u034f-werke.\u180eexample\u{e0020}" }))).toEqual(["name-shows-address"])
    expect(warningsOf(facts({ name: "maria@nordlicht.example" }))).toEqual([])
    expect(warningsOf(facts({ name: "Maria (maria@mail.nordlicht.example)" }))).toEqual([])
  })
  it("sees an own domain that is not proven, once that is known", () => {
    const own = { from: "boss@acme-werke.example" }
    expect(warningsOf(facts(own))).toEqual([])
    expect(warningsOf(facts({ ...own, authentication: known("pass") }))).toEqual([])
    expect(warningsOf(facts({ ...own, authentication: known("fail") }))).toEqual(["own-domain-unproven"])
    expect(warningsOf(facts({ ...own, authentication: known("unknown") }))).toEqual(["own-domain-unproven"])
    expect(warningsOf(facts({ authentication: known("fail") }))).toEqual([])
  })
  it("sees answers that go elsewhere, but not those of lists", () => {
    expect(warningsOf(facts({ reply: "maria@evil.example" }))).toEqual(["reply-elsewhere"])
    expect(warningsOf(facts({ reply: "info@mail.nordlicht.example" }))).toEqual([])
    expect(warningsOf(facts({ reply: "list@elsewhere.example", list: true }))).toEqual([])
  })
  it("sees a domain that could be taken for another", () => {
    expect(warningsOf(facts({ from: "boss@acme-werkee.example" }))).toEqual(["lookalike-domain"])
    expect(warningsOf(facts({ from: "maria@nordIicht.example".toLowerCase() }))).toEqual(["lookalike-domain"])
  })
  it("ends in time with endless names", () => {
    const started = performance.now()
    warningsOf(facts({ name: "a@".repeat(100_000), knownDomains: Array.from({ length: 200 }, (_, n) => `firma${n}.example`) }))
    expect(performance.now() - started).toBeLessThan(500)
  })
})

describe("looksLike", () => {
  it.each([
    ["paypa1.com", "paypal.com"], ["xn--pypal-4ve.com", "paypal.com"], ["rnicrosoft.com", "microsoft.com"], ["micros0ft.com", "microsoft.com"], ["micorsoft.com", "microsoft.com"], ["microsft.com", "microsoft.com"], ["microsooft.com", "microsoft.com"], ["vvetter.de", "wetter.de"],
    ["muller-bau.de", "müller-bau.de"], ["example-firma.com", "examplefirma.com"], ["acme-werke.com.evil.net", "acme-werke.com"], ["acme-werke-com.net", "acme-werke.com"],
  ])("%s looks like %s", (domain, known) => expect(looksLike(domain, known)).toBe(true))
  it.each([["paypal.com", "paypal.com"], ["mail.paypal.com", "paypal.com"], ["kramer.de", "schmidt.de"], ["abc.de", "abd.de"], ["siemens.com", "nemens.org"], ["volksbank.de", "sparkasse.de"]])("%s does not look like %s", (domain, known) => expect(looksLike(domain, known)).toBe(false))
})

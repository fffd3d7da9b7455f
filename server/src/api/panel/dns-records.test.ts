import { describe, expect, it } from "vitest"
import { judgeRecord, wantedRecords } from "./dns-records.ts"

const key = { _id: "lifeboat202603._domainkey.example.com", domain: "example.com", selector: "lifeboat202603", privateKey: "", publicKey: "MIIB", createdAt: new Date() }
const wanted = wantedRecords({ domain: "example.com", hostname: "mail.lifeboat.example", key, ports: { imaps: 993, imap: 143, pop3s: 995, submission: 587, submissions: 465 } })
const of = (purpose: string, type: string) => {
  const record = wanted.find((each) => each.purpose === purpose && each.type === type)
  if (!record) throw new Error(`no ${type} for ${purpose}`)
  return record
}

describe("judgeRecord", () => {
  it.each([
    ["mx", "MX", ["20 MAIL.lifeboat.example.", "10 other.example."], "found"],
    ["mx", "MX", ["10 mail.example.com."], "different"],
    ["mx", "MX", [], "missing"],
    ["spf", "TXT", ["google-site-verification=x", "v=spf1 a:mail.lifeboat.example -all"], "found"],
    ["spf", "TXT", ["v=spf1 include:mail.lifeboat.example ip4:198.51.100.1 -all"], "found"],
    ["spf", "TXT", ["v=spf1 ip4:192.0.2.0/24 -all"], "found"],
    ["spf", "TXT", ["v=spf1 ip6:2001:db8::/32 -all"], "found"],
    ["spf", "TXT", ["v=spf1 ip4:198.51.100.0/24 -all"], "different"],
    ["spf", "TXT", ["v=spf1 -a:mail.lifeboat.example -all"], "different"],
    ["spf", "TXT", ["v=spf1 a:mail.lifeboat.example -all", "v=spf1 -all"], "different"],
    ["spf", "TXT", ["v=spf1 ip4:192.0.2.0/99 -all"], "different"],
    ["spf", "TXT", ["something"], "missing"],
    ["dkim", "TXT", ["v=DKIM1;k=rsa;p=MI IB"], "found"],
    ["dkim", "TXT", ["p=MIIB"], "found"],
    ["dkim", "TXT", ["v=DKIM1; k=rsa; p=other"], "different"],
    ["dmarc", "TXT", ["v=DMARC1; p=reject"], "found"],
    ["dmarc", "TXT", ["nothing of the kind"], "missing"],
    ["autoconfig", "CNAME", ["mail.lifeboat.example."], "found"],
    ["autoconfig", "CNAME", ["elsewhere.example."], "different"],
    ["imap", "SRV", ["0 1 993 mail.lifeboat.example."], "found"],
    ["imap", "SRV", ["5 0 993 mail.lifeboat.example."], "found"],
    ["imap", "SRV", ["0 1 1993 mail.lifeboat.example."], "different"],
  ])("%s %s with %j is %s", (purpose, type, found, result) => {
    expect(judgeRecord(of(purpose, type), found, ["192.0.2.7", "2001:db8::7"])).toBe(result)
  })

  it("wants no record of a key that there is not", () => {
    expect(wantedRecords({ domain: "example.com", hostname: "h.example", key: undefined, ports: { imaps: 1, imap: 2, pop3s: 3, submission: 4, submissions: 5 } }).map((record) => record.purpose)).not.toContain("dkim")
  })
})

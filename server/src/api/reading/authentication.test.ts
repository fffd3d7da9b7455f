import { generateKeyPairSync } from "node:crypto"
import { dkimSign } from "mailauth/lib/dkim/sign.js"
import { afterAll, beforeAll, expect, it } from "vitest"
import { startNameServer, type Zone } from "../../../test/support/name-server.ts"
import { authenticateMail, verdict } from "./authentication.ts"

const keys = generateKeyPairSync("rsa", { modulusLength: 2048 })
const key = keys.publicKey.export({ type: "spki", format: "der" }).toString("base64")
const zones: Record<string, Zone> = {
  "s1._domainkey.signed.com": { txt: [`v=DKIM1; k=rsa; p=${key}`] }, "_dmarc.signed.com": { txt: ["v=DMARC1; p=reject"] }, "signed.com": { txt: ["v=spf1 ip4:198.41.0.4 -all"] },
  "s1._domainkey.plain.com": { txt: [`v=DKIM1; k=rsa; p=${key}`] },
  "silent.com": { silent: true }, "_dmarc.silent.com": { silent: true },
}
let names: Awaited<ReturnType<typeof startNameServer>>
beforeAll(async () => {
  names = await startNameServer(zones)
})
afterAll(() => names.stop())

const mail = (domain: string) => `From: Maria <maria@${domain}>\r\nTo: anna@example.com\r\nSubject: Hello\r\nDate: Mon, 01 Jun 2026 10:00:00 +0000\r\nMessage-ID: <1@${domain}>\r\n\r\nText\r\n`
async function signed(domain: string, selector = "s1"): Promise<Buffer> {
  const data = { signingDomain: domain, selector, privateKey: keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString() }
  const { signatures } = await dkimSign(mail(domain), { ...data, signatureData: [data] })
  return Buffer.from(signatures + mail(domain))
}
const check = (raw: Buffer, address = "198.41.0.5", mailFrom = "maria@signed.com") => authenticateMail(raw, { address, helo: "mx.signed.com", mailFrom }, [names.server])

it("a signature of its own domain proves a mail", async () => {
  expect(await check(await signed("signed.com"))).toEqual({ result: "pass", domain: "signed.com", spf: "fail", dkim: "pass", dmarc: "pass" })
  expect(await check(await signed("plain.com"))).toMatchObject({ result: "pass", dkim: "pass", dmarc: "none" })
})
it("so does the address it came from, where the domain names it", async () => {
  expect(await check(Buffer.from(mail("signed.com")), "198.41.0.4")).toMatchObject({ result: "pass", spf: "pass", dkim: "none", dmarc: "pass" })
})
it("a forged or changed mail fails where the domain asks for proof", async () => {
  expect(await check(Buffer.from(mail("signed.com")))).toMatchObject({ result: "fail", dmarc: "fail" })
  const changed = Buffer.from((await signed("signed.com")).toString().replace("Text", "Test"))
  expect(await check(changed)).toMatchObject({ result: "fail" })
})
it("nothing is known where the domain says nothing, or its key is gone", async () => {
  expect(await check(Buffer.from(mail("nothing.com")), "198.41.0.4", "x@nothing.com")).toMatchObject({ result: "unknown", dmarc: "none" })
  expect(await check(await signed("signed.com", "old"))).toMatchObject({ result: "unknown" })
  expect(verdict("fail", "none", false, false)).toBe("fail")
  expect(verdict("fail", "neutral", false, true)).toBe("unknown")
})
it("is asked again where the name service is silent", async () => {
  expect(await check(Buffer.from(mail("silent.com")), "198.41.0.4", "x@silent.com")).toBeUndefined()
}, 20_000)
it("is not stopped by what is no mail", async () => {
  for (const raw of ["", "\0\0\0", "From: a\r\nFrom: b\r\n\r\n", `DKIM-Signature: ${"a=b;".repeat(10_000)}\r\n\r\nx`]) await expect(check(Buffer.from(raw))).resolves.not.toBeNull()
})

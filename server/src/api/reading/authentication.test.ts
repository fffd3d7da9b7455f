import { createHash, generateKeyPairSync } from "node:crypto"
import { dkimSign } from "mailauth/lib/dkim/sign.js"
import { afterAll, beforeAll, expect, it } from "vitest"
import { startNameServer, type Zone } from "../../../test/support/name-server.ts"
import { authenticateMail, verdict } from "./authentication.ts"

const keys = generateKeyPairSync("rsa", { modulusLength: 2048 })
const key = keys.publicKey.export({ type: "spki", format: "der" }).toString("base64")
const zones: Record<string, Zone> = {
  "s1._domainkey.signed.com": { txt: [`v=DKIM1; k=rsa; p=${key}`] }, "_dmarc.signed.com": { txt: ["v=DMARC1; p=reject"] }, "signed.com": { txt: ["v=spf1 ip4:198.41.0.4 -all"] },
  "s1._domainkey.plain.com": { txt: [`v=DKIM1; k=rsa; p=${key}`] },
  "silent.com": { silent: true }, "_dmarc.silent.com": { silent: true }, "s1._domainkey.silent.com": { silent: true },
}
/** Of the text below, relaxed. */
const bodyHash = createHash("sha256").update("Text\r\n").digest("base64")
let names: Awaited<ReturnType<typeof startNameServer>>
beforeAll(async () => {
  names = await startNameServer(zones)
})
afterAll(() => names.stop())

const mail = (domain: string, from = `From: Maria <maria@${domain}>`) => `${from}\r\nTo: anna@example.com\r\nSubject: Hello\r\nDate: Mon, 01 Jun 2026 10:00:00 +0000\r\nMessage-ID: <1@${domain}>\r\n\r\nText\r\n`
async function signed(domain: string, selector = "s1"): Promise<Buffer> {
  const data = { signingDomain: domain, selector, privateKey: keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString() }
  const { signatures } = await dkimSign(mail(domain), { ...data, signatureData: [data] })
  return Buffer.from(signatures + mail(domain))
}
const check = (raw: Buffer, address = "198.41.0.5", mailFrom = "maria@signed.com", kept = false) => authenticateMail(raw, { address, helo: "mx.signed.com", mailFrom, kept }, [names.server])
const forgedSignature = (domain: string, selector = "none") => `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=${domain}; s=${selector}; h=from; bh=${bodyHash}; b=AAAA\r\n`

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
  expect(await check(await signed("signed.com", "old"), undefined, undefined, true)).toMatchObject({ result: "unknown" })
  expect(verdict("fail", "none", false, false)).toBe("fail")
  expect(verdict("fail", "neutral", false, true)).toBe("unknown")
})
it("what a forger adds of other domains changes nothing", async () => {
  const forged = (...signatures: string[]) => Buffer.from(signatures.join("") + mail("signed.com"))
  // A key that is gone, another's or its own, while the mail is new; another's, however old it is.
  expect(await check(forged(forgedSignature("evil.com")))).toMatchObject({ result: "fail", dmarc: "fail" })
  expect(await check(forged(forgedSignature("signed.com")))).toMatchObject({ result: "fail" })
  expect(await check(forged(forgedSignature("evil.com")), "198.41.0.5", "x@evil.com", true)).toMatchObject({ result: "fail" })
  // A domain that never answers, for the signature or the envelope; more questions than are asked.
  expect(await check(forged(forgedSignature("silent.com", "s1")), "198.41.0.5", "x@silent.com")).toMatchObject({ result: "fail" })
  expect(await check(forged(...Array.from({ length: 100 }, (_, n) => forgedSignature("evil.com", `s${n}`)), forgedSignature("signed.com")))).toMatchObject({ result: "fail" })
}, 30_000)
it("a signature over the beginning of a text does not prove what stands behind it", async () => {
  const data = { signingDomain: "signed.com", selector: "s1", privateKey: keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString(), maxBodyLength: 6 }
  const { signatures } = await dkimSign(mail("signed.com"), { ...data, signatureData: [data] })
  expect(signatures).toMatch(/\bl=6\b/)
  expect(await check(Buffer.from(signatures + mail("signed.com")))).toMatchObject({ result: "pass" })
  expect(await check(Buffer.from(`${signatures}${mail("signed.com")}Pay here\r\n`))).toMatchObject({ result: "unknown" })
})
it("whoever names several senders is none of them", async () => {
  for (const from of ["From: maria@signed.com\r\nFrom: x@plain.com", "From: maria@signed.com, x@plain.com"]) expect(await check(Buffer.from(mail("signed.com", from)))).toMatchObject({ result: "fail", domain: "signed.com" })
})
it("is asked again where the name service is silent", async () => {
  expect(await check(Buffer.from(mail("silent.com")), "198.41.0.4", "x@silent.com")).toBeUndefined()
}, 20_000)
it("is not stopped by what is no mail", async () => {
  for (const raw of ["", "\0\0\0", "From: a\r\nFrom: b\r\n\r\n", `DKIM-Signature: ${"a=b;".repeat(10_000)}\r\n\r\nx`]) await expect(check(Buffer.from(raw))).resolves.not.toBeNull()
})

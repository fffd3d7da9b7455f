import { expect, it } from "vitest"
import { buildSigned, der } from "../../../test/support/signed.ts"
import { signedContent } from "./signed-content.ts"

const mail = "Content-Type: text/plain\r\n\r\nGrüße\r\n"

it.each(["exact", "open"] as const)("is what was signed, its lengths %s", (length) => {
  expect(signedContent(buildSigned(mail, length))?.toString()).toBe(mail)
  expect(signedContent(Buffer.concat([buildSigned(mail, length), Buffer.from("\r\n")]))?.toString()).toBe(mail)
})

it("is nothing where it is encrypted or broken, wherever that is", () => {
  expect(signedContent(buildSigned(mail, "exact", "2a864886f70d010703"))).toBeUndefined()
  for (const length of ["exact", "open"] as const) {
    const whole = buildSigned(mail, length)
    for (let end = 0; end < whole.length; end++) expect([end, signedContent(whole.subarray(0, end))?.length ?? 0]).toEqual([end, length === "exact" ? 0 : expect.any(Number)])
    for (let at = 0; at < whole.length; at++) for (const byte of [0, 0x80, 0xff]) expect(() => signedContent(Buffer.concat([whole.subarray(0, at), Buffer.from([byte]), whole.subarray(at + 1)]))).not.toThrow()
  }
})

it("ends soon, however deep it is", () => {
  const started = performance.now()
  let octets = der(0x04, Buffer.from("x"))
  for (let depth = 0; depth < 2_000; depth++) octets = der(0x24, octets, "open")
  for (const deep of [octets, Buffer.alloc(2_000_000, Buffer.from([0x30, 0x80])), Buffer.alloc(2_000_000, Buffer.from([0x24, 0x80])), Buffer.alloc(2_000_000, Buffer.from([0x04, 0]))]) expect(signedContent(deep)).toBeUndefined()
  expect(performance.now() - started).toBeLessThan(2_000)
})

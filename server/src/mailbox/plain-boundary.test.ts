import { describe, expect, it } from "vitest"
import { withPlainBoundary } from "./plain-boundary.ts"

const mail = (type: string) => Buffer.from(`From: a@b.c\r\nContent-Type: ${type}\r\nSubject: x\r\n\r\n--B\r\n\r\ntext\r\n--B--\r\n`)
const added = (type: string) => /boundary="([^"]*)"\r\nSubject: x\r\n\r\n--B/.exec(withPlainBoundary(mail(type)).toString())?.[1]

describe("withPlainBoundary", () => {
  it.each([
    ["multipart/signed; micalg=pgp-md5;\r\n\tboundary*=\"ansi-x3.4-1968''EeQf%2DGw\"", "EeQf-Gw"],
    ["multipart/mixed; boundary*0=one; boundary*1=\"two\"", "onetwo"],
    ["multipart/mixed; boundary*1=two; boundary*0*=us-ascii'en'one%2E", "one.two"],
  ])("adds it to %j", (type, boundary) => expect(added(type)).toBe(boundary))

  it.each(["multipart/mixed; boundary=B", 'multipart/mixed; boundary="B"; x-boundary*=c', "text/plain; boundary*=us-ascii''B", "multipart/mixed", "multipart/mixed; boundary*=utf-8''%0D%0AX-Injected%3A%201", "multipart/mixed; boundary*=''"])(
    "leaves %j as it is", (type) => expect(withPlainBoundary(mail(type)).equals(mail(type))).toBe(true))

  it("looks at the header only", () => {
    const body = Buffer.from("Subject: x\r\n\r\nContent-Type: multipart/mixed; boundary*=us-ascii''B\r\n")
    expect(withPlainBoundary(body).equals(body)).toBe(true)
  })
})

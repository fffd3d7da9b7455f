import { simpleParser } from "mailparser"
import { expect, test } from "vitest"
import { buildDsn, type DsnRequest } from "./dsn.ts"

const request: DsnRequest = {
  hostname: "mx.lifeboat.test",
  id: "dsn.0123456789abcdefghjkmnpq",
  now: new Date("2026-03-01T10:00:00Z"),
  original: {
    mailFrom: "anna@example.com",
    receivedAt: new Date("2026-03-01T09:59:00Z"),
    subject: "Angebot für März",
    messageId: "<offer.1@example.com>",
    header: Buffer.from("From: Anna <anna@example.com>\r\nTo: bert@outside.test\r\nSubject: =?utf-8?q?Angebot_f=C3=BCr_M=C3=A4rz?=\r\n\r\n"),
  },
  failures: [{ recipient: "bert@outside.test", reply: "550 5.1.1 no such user", server: "mx.outside.test:25", expired: false }],
}

const withOriginal = (change: Partial<DsnRequest["original"]>): DsnRequest => ({ ...request, original: { ...request.original, ...change } })

function build(change: DsnRequest) {
  const dsn = buildDsn(change)
  if (!dsn) throw new Error("no report")
  return dsn
}

async function parse(change: DsnRequest) {
  return simpleParser(build(change).raw, { keepDeliveryStatus: true })
}

test("is a mail that a parser reads, to the sender, from the null sender", async () => {
  const dsn = build(request)
  expect(dsn).toMatchObject({ mailFrom: "", rcptTo: "anna@example.com", smtpUtf8: false })
  const mail = await simpleParser(dsn.raw)
  expect(mail.headers.get("auto-submitted")).toBe("auto-replied")
  expect(mail.inReplyTo).toBe("<offer.1@example.com>")
  expect(mail.messageId).toBe("<dsn.0123456789abcdefghjkmnpq@mx.lifeboat.test>")
  expect(mail.date).toEqual(request.now)
  expect(mail.text).toContain("Ihre Nachricht „Angebot für März“ konnte nicht zugestellt werden")
  expect(mail.text).toContain("Your message “Angebot für März” could not be delivered")
  expect(mail.text).toContain("Die Adresse gibt es dort nicht.")
  expect(mail.text).toContain("The address does not exist there.")
  expect(mail.headers.get("content-type")).toMatchObject({ value: "multipart/report", params: { "report-type": "delivery-status" } })
})

test("carries the fields of RFC 3464 and the header of the original", async () => {
  const mail = await parse(request)
  const status = mail.attachments.find((part) => part.contentType === "message/delivery-status")?.content.toString()
  expect(status).toContain("Reporting-MTA: dns; mx.lifeboat.test\r\n")
  expect(status).toContain("Final-Recipient: rfc822; bert@outside.test\r\nAction: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; mx.outside.test\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n")
  const header = mail.attachments.find((part) => part.contentType === "text/rfc822-headers")?.content.toString()
  expect(header).toContain("From: Anna <anna@example.com>")
})

test("names every recipient, an expired one with 5.4.7", async () => {
  const mail = await parse({
    ...request,
    failures: [...request.failures, { recipient: "cleo@outside.test", reply: "cannot connect to mx.outside.test:25 (ECONNREFUSED)", server: null, expired: true }],
  })
  const status = mail.attachments.find((part) => part.contentType === "message/delivery-status")?.content.toString() ?? ""
  expect(status.match(/^Action: failed/gm)).toHaveLength(2)
  expect(status).toContain("Final-Recipient: rfc822; cleo@outside.test\r\nAction: failed\r\nStatus: 5.4.7\r\nDiagnostic-Code: smtp; cannot connect")
  expect(mail.text).toContain("We have stopped trying.")
})

test("is never sent to the null sender, for a report, or for nothing", () => {
  expect(buildDsn(withOriginal({ mailFrom: "" }))).toBeUndefined()
  expect(buildDsn(withOriginal({ header: Buffer.from('Subject: x\r\nContent-Type: multipart/report;\r\n\treport-type="delivery-status"; boundary=b\r\n\r\n') }))).toBeUndefined()
  expect(buildDsn({ ...request, failures: [] })).toBeUndefined()
})

test("hostile parts add no header and no part", async () => {
  const mail = await parse({
    ...withOriginal({ subject: "x\r\nBcc: all@outside.test", messageId: "<a>\r\nBcc: b@c", header: Buffer.from("Subject: a\nX: \xfc\r--=_lifeboat\r\n\r\n", "latin1") }),
    failures: [{ recipient: "a@b.test\r\nAction: delivered", reply: "550 no\r\n\r\nAction: delivered", server: "h\r\nX: y:25", expired: false }],
  })
  expect([...mail.headers.keys()]).not.toContain("bcc")
  const status = mail.attachments.find((part) => part.contentType === "message/delivery-status")?.content.toString() ?? ""
  expect(status).not.toMatch(/^Action: delivered/m)
  expect(status).toContain("Status: 5.0.0")
  expect(mail.attachments).toHaveLength(2)
})

test("addresses beyond ASCII need SMTPUTF8 and are typed for seven bits", async () => {
  const change = { ...withOriginal({ mailFrom: "jürgen@example.com" }), failures: [{ ...request.failures[0]!, recipient: "müller@outside.test" }] }
  expect(build(change).smtpUtf8).toBe(true)
  const status = (await parse(change)).attachments.find((part) => part.contentType === "message/delivery-status")?.content.toString()
  expect(status).toContain("Final-Recipient: utf-8; m\\x{FC}ller@outside.test")
})

test("every line ends in CRLF and none is longer than 998 bytes", () => {
  const raw = build(withOriginal({ header: Buffer.from(`X: ${"a".repeat(5000)}\nY: b\n\n`), subject: "s".repeat(3000) })).raw.toString("latin1")
  expect(raw.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/)
  expect(Math.max(...raw.split("\r\n").map((line) => line.length))).toBeLessThanOrEqual(998)
})

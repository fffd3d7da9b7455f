import { createServer } from "node:net"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { freePort } from "../../src/embedded/ports.ts"
import { Company, plainContent, subjectOf } from "../support/company.ts"
import { startInstallation } from "../support/installation.ts"
import { SmtpDialogue } from "../support/smtp-dialogue.ts"

let company: Company
const wait = { timeout: 60_000, interval: 100 }
const anna = "anna@example.com"
const messageBytes = 4_000_000

beforeAll(async () => {
  company = await Company.start({ users: ["anna"], env: { LIFEBOAT_MESSAGE_BYTES: String(messageBytes) } })
})
afterAll(() => company.stop())

// Whatever was sent, the next mail goes through.
let good = 0
beforeEach(() => {
  good++
})
async function nextMailGoesThrough(): Promise<void> {
  const subject = `good ${good}`
  await company.accepted({ subject, to: [anna] })
  await expect.poll(() => company.atPrimary("anna"), wait).toContain(subject)
}

test("an unknown recipient", async () => {
  await company.primary.behave({ failRecipients: ["nobody@example.com"] })
  expect((await company.receive({ subject: "x", to: ["nobody@example.com"] })).text).toBe("550 5.1.1 no such recipient here")
  await company.primary.behave({})
  await nextMailGoesThrough()
})

test.each(["x@elsewhere.example", "x%elsewhere.example@example.com", "\"x@elsewhere.example\"@example.com", "elsewhere.example!x@example.com", "@example.com:x@elsewhere.example"])(
  "relaying to %s",
  async (recipient) => {
    const smtp = await SmtpDialogue.open(company.installation.ports.smtp)
    await smtp.command("MAIL FROM:<sender@outside.example>")
    expect((await smtp.command(`RCPT TO:<${recipient}>`)).text).toMatch(/^5\d\d 5\.[17]\.\d /)
    smtp.close()
    expect(company.internet.messages()).toEqual([])
  },
)

test("a message over the size limit, said beforehand and not", async () => {
  const smtp = await SmtpDialogue.open(company.installation.ports.smtp)
  expect((await smtp.command(`MAIL FROM:<s@outside.example> SIZE=${messageBytes + 1}`)).text).toMatch(/^552 5\.3\.4 /)
  const content = plainContent({ subject: "too big", to: [anna], text: "x".repeat(70).concat("\r\n").repeat(messageBytes / 72 + 10) })
  expect((await smtp.mail({ from: "s@outside.example", to: [anna], content })).text).toMatch(/^552 5\.3\.4 /)
  expect((await smtp.mail({ from: "s@outside.example", to: [anna], content: plainContent({ subject: "same session", to: [anna] }) })).code).toBe(250)
  smtp.close()
  await nextMailGoesThrough()
  expect(company.atPrimary("anna")).toContain("same session")
  expect(company.atPrimary("anna")).not.toContain("too big")
})

test("10,000 header fields", async () => {
  const fields = Array.from({ length: 10_000 }, (_, n) => `X-Field-${n}: value`).join("\r\n")
  expect((await company.receive({ subject: "x", to: [anna], content: `${fields}\r\nSubject: headers\r\n\r\ntext` })).text).toMatch(/^550 5\.6\.0 /)
  await nextMailGoesThrough()
})

test("an attempt to end a mail with bare line feeds stays inside it", async () => {
  const smuggled = "\n.\nMAIL FROM:<evil@outside.example>\nRCPT TO:<anna@example.com>\nDATA\nSubject: smuggled\n\nboo\n.\n"
  const reply = await company.receive({ subject: "smuggling", to: [anna], content: `${plainContent({ subject: "smuggling", to: [anna] })}${smuggled}` })
  expect(reply.code).toBe(250)
  await nextMailGoesThrough()
  expect(company.atPrimary("anna")).not.toContain("smuggled")
  const mail = company.primary.messages().find((each) => subjectOf(each.raw) === "smuggling")
  expect(mail?.raw.toString("latin1")).not.toMatch(/(^|[^\r])\n|\r(?!\n)/)
})

const nested = (depth: number): string => {
  const open = Array.from({ length: depth }, (_, n) => `Content-Type: multipart/mixed; boundary="b${n}"\r\n\r\n--b${n}\r\n`).join("")
  const close = Array.from({ length: depth }, (_, n) => `\r\n--b${depth - 1 - n}--`).join("")
  return `Subject: nested\r\nMIME-Version: 1.0\r\n${open}Content-Type: text/plain\r\n\r\ninnermost${close}`
}

const strange: readonly { name: string; content: string | Buffer; subject: string; substitute?: boolean; text?: string }[] = [
  { name: "lines of 100 KB", subject: "long lines", content: plainContent({ subject: "long lines", to: [anna], text: `${"y".repeat(100_000)}\r\n${"z".repeat(100_000)}` }), text: "zzzz" },
  { name: "bare line feeds", subject: "bare", content: plainContent({ subject: "bare", to: [anna], text: "one\ntwo\nthree" }), text: "two" },
  { name: "nested 120-fold", subject: "nested", content: nested(120), substitute: true },
  { name: "a header __proto__", subject: "proto", content: `__proto__: polluted\r\nconstructor: x\r\n${plainContent({ subject: "proto", to: [anna] })}`, text: "Text of proto" },
  { name: "neither ASCII nor UTF-8", subject: "", content: Buffer.from("From: M\xfcller <m@outside.example>\r\nSubject: Gr\xfc\xdfe \xff\xfe\r\n\r\nunbekannt \xe4\xf6\xfc \x80\x81", "latin1"), text: "unbekannt" },
  { name: "an empty line alone", subject: "", content: "" },
  { name: "a body without a header", subject: "", content: "\r\nonly text", text: "only text" },
  { name: "dots at the beginning of lines", subject: "dots", content: plainContent({ subject: "dots", to: [anna], text: "..\r\n...\r\n..end" }), text: "end" },
  { name: "NUL bytes", subject: "nul", content: plainContent({ subject: "nul", to: [anna], text: "before\0after" }), text: "before" },
]

test("strange mail is kept byte for byte, can be read in the mailbox, and reaches the primary", async () => {
  const { primary } = company
  const person = company.person("anna")
  await primary.behave({ refuse: true })
  await company.accepted({ subject: "starts the outage", to: [anna] })
  await company.reaches("emergency")
  const ids = new Map<string, (typeof strange)[number]>()
  for (const mail of strange) ids.set(await company.accepted({ subject: mail.name, to: [anna], content: mail.content }), mail)

  // Nothing at all between DATA and the dot.
  const smtp = await SmtpDialogue.open(company.installation.ports.smtp)
  await smtp.pipeline(["MAIL FROM:<s@outside.example>", `RCPT TO:<${anna}>`, "DATA"])
  const empty = await smtp.command(".")
  expect(empty.code).toBe(250)
  smtp.close()

  await expect.poll(async () => (await person.mails()).length, wait).toBe(strange.length + 2)
  const rows = await person.mails()
  for (const [id, mail] of ids) {
    const row = rows.find((each) => each.messageId === id)
    expect(row, mail.name).toBeDefined()
    if (!row) continue
    const opened = await person.open(row)
    if (mail.text !== undefined) expect(opened.text, mail.name).toContain(mail.text)
    if (mail.substitute) expect(opened.text, mail.name).toContain(id)
    const unstuffed = Buffer.from(Buffer.concat([Buffer.from(mail.content), Buffer.from("\r\n")]).toString("latin1").replaceAll(/^\./gm, ""), "latin1")
    const sent = mail.name.startsWith("dots") ? unstuffed : Buffer.concat([Buffer.from(mail.content), Buffer.from("\r\n")])
    expect((await company.installation.bytes(`/api/archive/${id}/raw`)).equals(sent), mail.name).toBe(true)
  }
  expect((await person.sources()).length).toBe(strange.length + 2)

  primary.clear()
  await primary.behave({})
  await company.reaches("normal")
  await primary.waitFor(strange.length + 2)
  await expect.poll(() => person.subjects(), wait).toEqual([])
  expect(primary.messages()).toHaveLength(strange.length + 2)
  const repaired = (bytes: Buffer) => bytes.toString("latin1").replaceAll(/\r?\n|\r/g, "\r\n")
  for (const [id, mail] of ids) {
    const original = repaired(await company.installation.bytes(`/api/archive/${id}/raw`))
    const arrived = primary.messages().find((each) => each.raw.toString("latin1").includes(id))
    expect(arrived?.raw.toString("latin1").endsWith(original), mail.name).toBe(true)
  }
  await nextMailGoesThrough()
})

test("a domain without a primary, and one with a wrong port", async () => {
  await company.installation.api("PUT", "/api/domains/unset.example", {})
  expect((await company.receive({ subject: "x", to: ["x@unset.example"] })).text).toMatch(/^451 4\.3\.5 /)
  await company.installation.api("PUT", "/api/domains/wrong.example", { primary: { host: "127.0.0.1", port: await freePort(), tls: "none" } })
  await company.installation.api("POST", "/api/domains/wrong.example/users", { address: "x@wrong.example", name: "x", password: "correct horse battery" })
  expect((await company.receive({ subject: "kept", to: ["x@wrong.example"] })).code).toBe(250)
  expect(await company.installation.api("POST", "/api/domains/wrong.example/test-connection")).toMatchObject({ ok: false, stage: "connect", reply: expect.stringContaining("ECONNREFUSED") as unknown })
  await expect.poll(() => company.installation.api("GET", "/api/domains/wrong.example/mode"), wait).toMatchObject({ mode: "emergency", detail: expect.stringContaining("ECONNREFUSED") as unknown })
  expect((await company.receive({ subject: "x", to: ["stranger@wrong.example"] })).text).toMatch(/^(451 4\.4\.3|550 5\.1\.1) /)
  const { host, port } = company.primary
  await company.installation.api("PUT", "/api/domains/wrong.example", { primary: { host, port, tls: "none" } })
  await expect.poll(() => company.primary.mailbox("x@wrong.example").map((mail) => subjectOf(mail.raw)), wait).toEqual(["kept"])
  await nextMailGoesThrough()
})

test("a wrong password is refused the same way for known and unknown people", async () => {
  const { installation } = company
  const answers: string[] = []
  for (const address of [anna, "stranger@example.com"]) {
    await installation.as(address, "wrong").catch((error: unknown) => answers.push(String(error)))
  }
  expect(answers).toHaveLength(2)
  expect(answers[0]).toMatch(/ 401 /)
  expect(answers[1]).toBe(answers[0])
  const smtp = await SmtpDialogue.open(installation.ports.submissions, { tls: true })
  for (const address of [anna, "stranger@example.com"]) {
    expect((await smtp.command(`AUTH PLAIN ${Buffer.from(`\0${address}\0wrong`).toString("base64")}`)).text).toBe("535 5.7.8 wrong address or password")
  }
  smtp.close()
  const real = company.person("anna").password
  company.person("anna").password = "wrong"
  await expect(company.person("anna").imap()).rejects.toThrow()
  await expect(company.person("anna").pop3()).rejects.toThrow(/-ERR/)
  company.person("anna").password = real
  await nextMailGoesThrough()
})

test("a port that is taken, and one that is no port, stop the start with one sentence", async () => {
  const taken = createServer()
  const port = await freePort()
  await new Promise<void>((resolve) => taken.listen(port, "127.0.0.1", resolve))
  await expect(startInstallation({ LIFEBOAT_SMTP_PORT: String(port) })).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken by another program. Stop that program, or set LIFEBOAT_SMTP_PORT to another port.`)
  await new Promise((resolve) => taken.close(resolve))
  await expect(startInstallation({ LIFEBOAT_SMTP_PORT: "70000" })).rejects.toThrow("LIFEBOAT_SMTP_PORT=70000 is not a whole number from 1 to 65535.")
})

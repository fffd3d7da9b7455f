import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { SmtpDialogue } from "../../test/support/smtp-dialogue.ts"
import { insertUser } from "../../test/support/stored-mail.ts"
import { startWayIn, type WayIn } from "../../test/support/way-in.ts"
import { traceOf } from "./received-header.ts"
import type { SubmissionServers } from "./submission-server.ts"

let way: WayIn
let servers: SubmissionServers
const open = new Set<SmtpDialogue>()
const base64 = (text: string) => Buffer.from(text).toString("base64")
const secret = "pass wörd"

beforeAll(async () => {
  way = await startWayIn()
  await insertUser(way.database, "anna@example.com", secret)
  await way.database.users.updateOne({ _id: "anna@example.com" }, { $set: { aliases: ["a.b@example.com"] } })
  await insertUser(way.database, "bob@example.com", "another one")
  servers = await way.submission()
})
afterAll(() => way.stop())
beforeEach(() => {
  way.host("example.com")
  way.arrived.length = 0
})
afterEach(() => {
  for (const dialogue of open) dialogue.close()
  open.clear()
})

/** A session over TLS, by one of the two ports, not signed in. */
async function begin(port: "submission" | "submissions" = "submissions"): Promise<SmtpDialogue> {
  const dialogue = await SmtpDialogue.open(servers[port].port, { tls: port === "submissions" })
  open.add(dialogue)
  if (port === "submission") {
    await dialogue.startTls()
    await dialogue.command("EHLO client.test")
  }
  return dialogue
}

async function signedIn(port: "submission" | "submissions" = "submissions"): Promise<SmtpDialogue> {
  const dialogue = await begin(port)
  expect((await dialogue.command(`AUTH PLAIN ${base64(`\0anna@example.com\0${secret}`)}`)).text).toBe("235 2.7.0 signed in")
  return dialogue
}

const mail = (changes: { from?: string; to?: string[]; content?: string } = {}) => ({
  from: "anna@example.com", to: ["bob@example.com", "x@outside.test"], content: "From: Anna <anna@example.com>\r\nSubject: x\r\n\r\nhi", ...changes,
})

describe("submission", () => {
  it.each(["submission", "submissions"] as const)("%s: a signed-in user sends inside and outside", async (port) => {
    const dialogue = await signedIn(port)
    expect((await dialogue.mail(mail())).text).toMatch(/^250 2\.0\.0 queued as /)
    const incoming = way.arrived[0]?.incoming
    expect(incoming).toMatchObject({
      submitter: "anna@example.com",
      client: { user: "anna@example.com", tls: true },
      recipients: [{ domain: "example.com", user: "bob@example.com" }, { domain: null, user: null, address: "x@outside.test" }],
    })
    const trace = incoming ? traceOf(incoming, "mx.test") : ""
    expect(trace).toMatch(/ with ESMTPSA \(TLSv1\.3 /)
    expect(trace).toMatch(/\r\nDate: .*\r\nMessage-ID: </)
  })

  it("wants TLS before AUTH, and AUTH before mail", async () => {
    const plain = await SmtpDialogue.open(servers.submission.port)
    open.add(plain)
    expect((await plain.command("EHLO client.test")).lines.join()).not.toContain("AUTH")
    expect((await plain.command(`AUTH PLAIN ${base64(`\0anna@example.com\0${secret}`)}`)).text).toMatch(/^530 5\.7\.0 start TLS/)
    expect((await plain.command("MAIL FROM:<anna@example.com>")).text).toMatch(/^530 5\.7\.0 start TLS/)
    const dialogue = await begin()
    expect((await dialogue.command("EHLO client.test")).lines).toContain("AUTH PLAIN LOGIN")
    expect((await dialogue.command("MAIL FROM:<anna@example.com>")).text).toMatch(/^530 5\.7\.0 authentication/)
  })

  it("knows LOGIN, and PLAIN in two steps", async () => {
    const login = await begin()
    expect((await login.command("AUTH LOGIN")).text).toBe(`334 ${base64("Username:")}`)
    expect((await login.command(base64("a.b@example.com"))).text).toBe(`334 ${base64("Password:")}`)
    expect((await login.command(base64(secret))).code).toBe(235)
    expect((await login.command("AUTH LOGIN")).code).toBe(503)
    expect((await login.command("EHLO again.test")).lines.join()).not.toContain("AUTH")
    const plain = await begin()
    expect((await plain.command("AUTH PLAIN")).text).toBe("334 ")
    expect((await plain.command(base64(`anna@example.com\0anna@example.com\0${secret}`))).code).toBe(235)
  })

  it("refuses wrong passwords, other identities and broken responses, and ends the session of a guesser", async () => {
    const dialogue = await begin()
    expect((await dialogue.command(`AUTH PLAIN ${base64("\0anna@example.com\0wrong")}`)).text).toBe("535 5.7.8 wrong address or password")
    expect((await dialogue.command(`AUTH PLAIN ${base64("\0nobody@example.com\0wrong")}`)).text).toBe("535 5.7.8 wrong address or password")
    expect((await dialogue.command(`AUTH PLAIN ${base64(`bob@example.com\0anna@example.com\0${secret}`)}`)).code).toBe(535)
    for (const broken of ["AUTH PLAIN ***", "AUTH PLAIN =", `AUTH PLAIN ${base64("a\0b")}`, `AUTH PLAIN ${base64("\0anna@example.com\0")}`]) expect((await dialogue.command(broken)).code).toBe(501)
    await dialogue.command("AUTH LOGIN")
    expect((await dialogue.command("*")).code).toBe(501)
    expect((await dialogue.command("AUTH CRAM-MD5")).code).toBe(504)
    expect((await dialogue.command(`AUTH PLAIN ${base64("\0anna@example.com\0wrong")}`)).code).toBe(535)
    expect((await dialogue.reply()).code).toBe(421)
    await dialogue.closed()
  })

  it("takes envelope senders of one's own only", async () => {
    const dialogue = await signedIn()
    for (const path of ["bob@example.com", "anna@outside.test", "anna", "@x:anna@example.com"]) expect((await dialogue.command(`MAIL FROM:<${path}>`)).code, path).toBeGreaterThanOrEqual(501)
    expect((await dialogue.command("MAIL FROM:<bob@example.com>")).text).toBe("553 5.7.1 this sender address is not yours")
    for (const path of ["ANNA@example.com", "a.b@example.com", "anna+x@example.com", ""]) {
      expect((await dialogue.command(`MAIL FROM:<${path}> AUTH=<>`)).code, path).toBe(250)
      await dialogue.command("RSET")
    }
  })

  it.each(["From: bob@example.com\r\n\r\n", "From: anna@example.com\r\nFrom: bob@example.com\r\n\r\n", "From: anna@example.com\r\nSender: bob@example.com\r\n\r\n", "From: anna@example.com\r\nResent-From: bob@example.com\r\n\r\n", "Subject: none\r\n\r\n"])(
    "refuses the originators of %j",
    async (content) => {
      const dialogue = await signedIn()
      expect((await dialogue.mail(mail({ content }))).text).toMatch(/^550 5\.7\.1 the From address/)
      expect(way.arrived).toHaveLength(0)
      expect((await dialogue.mail(mail())).code).toBe(250)
    },
  )

  it("checks recipients of hosted domains", async () => {
    await way.primary.behave({ failRecipients: ["ghost@example.com"] })
    const dialogue = await signedIn()
    await dialogue.command("MAIL FROM:<anna@example.com>")
    expect((await dialogue.command("RCPT TO:<ghost@example.com>")).code).toBe(550)
    expect((await dialogue.command("RCPT TO:<x%outside.test@example.com>")).code).toBe(550)
  })
})

import { randomBytes } from "node:crypto"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { SmtpDialogue } from "../../test/support/smtp-dialogue.ts"
import { insertUser } from "../../test/support/stored-mail.ts"
import { startWayIn, wayInLimits, type WayIn } from "../../test/support/way-in.ts"
import type { MailServer } from "./mail-server.ts"

let way: WayIn
let server: MailServer
const open = new Set<SmtpDialogue>()

beforeAll(async () => {
  way = await startWayIn()
  await insertUser(way.database, "anna@example.com")
  server = await way.inbound()
})
afterAll(() => way.stop())
beforeEach(() => {
  way.host("example.com")
  way.arrived.length = 0
  way.rejected.length = 0
})
afterEach(() => {
  for (const dialogue of open) dialogue.close()
  open.clear()
})

const kept = async (dialogue: Promise<SmtpDialogue>): Promise<SmtpDialogue> => {
  open.add(await dialogue)
  return dialogue
}
const begin = (port = server.port) => kept(SmtpDialogue.open(port))
const anna = (content: string | Buffer) => ({ from: "x@outside.test", to: ["anna@example.com"], content })

async function readAll(source: AsyncIterable<Buffer>): Promise<void> {
  for await (const piece of source) expect(piece.length).toBeGreaterThan(0)
}

/** A normal mail still goes through: nothing before it did harm. */
async function nextMailGoesThrough(dialogue?: SmtpDialogue): Promise<void> {
  const count = way.arrived.length
  const reply = await (dialogue ?? (await begin())).mail(anna("Subject: next\r\n\r\nhi"))
  expect(reply.text).toMatch(/^250 2\.0\.0 queued as [0-9a-z]{24}$/)
  expect(way.arrived).toHaveLength(count + 1)
}

describe("an ordinary session", () => {
  it("announces what it can and takes a mail, byte for byte", async () => {
    const dialogue = await kept(SmtpDialogue.connect(server.port))
    expect((await dialogue.reply()).text).toBe("220 mx.test ESMTP Lifeboat")
    expect((await dialogue.command("EHLO client.test")).lines).toEqual(["mx.test", "PIPELINING", `SIZE ${wayInLimits.messageBytes}`, "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "STARTTLS"])
    expect((await dialogue.command("MAIL FROM:<x@outside.test> SIZE=100 BODY=8BITMIME")).text).toBe("250 2.1.0 sender ok")
    expect((await dialogue.command("RCPT TO:<Anna@Example.com>")).text).toBe("250 2.1.5 recipient ok")
    expect((await dialogue.command("RCPT TO:<anna@example.com>")).text).toBe("250 2.1.5 recipient ok")
    expect((await dialogue.command("DATA")).code).toBe(354)
    dialogue.write("Subject: x\r\n\r\n..dot\r\nGr\xfc\xdfe\r\n.\r\n")
    const reply = await dialogue.reply()
    expect(reply.text).toMatch(/^250 2\.0\.0 queued as [0-9a-z]{24}$/)
    expect((await dialogue.command("QUIT")).text).toBe("221 2.0.0 goodbye")
    await dialogue.closed()
    const [{ incoming, bytes } = { incoming: undefined, bytes: undefined }] = way.arrived
    expect(bytes?.toString("utf8")).toBe("Subject: x\r\n\r\n.dot\r\nGr\xfc\xdfe\r\n")
    expect(incoming).toMatchObject({
      client: { address: "127.0.0.1", helo: "client.test", tls: false, user: null },
      envelope: { mailFrom: "x@outside.test", smtpUtf8: false, eightBit: true },
      recipients: [{ address: "Anna@Example.com", user: "anna@example.com", covered: true }],
      submitter: null,
    })
    expect(reply.text).toContain(incoming?.body.messageId)
  })

  it("takes everything in two packets (PIPELINING), refusals between", async () => {
    const dialogue = await begin()
    await way.primary.behave({ failRecipients: ["ghost@example.com"] })
    const replies = await dialogue.pipeline(["MAIL FROM:<>", "RCPT TO:<ghost@example.com>", "RCPT TO:<anna@example.com>", "DATA"])
    expect(replies.map((reply) => reply.code)).toEqual([250, 550, 250, 354])
    dialogue.write("A: b\r\n\r\n.\r\nMAIL FROM:<y@outside.test>\r\nRSET\r\nQUIT\r\n")
    expect([(await dialogue.reply()).code, (await dialogue.reply()).code, (await dialogue.reply()).code, (await dialogue.reply()).code]).toEqual([250, 250, 250, 221])
    expect(way.rejected).toMatchObject([{ recipients: ["ghost@example.com"], reply: { code: 550, enhanced: "5.1.1" } }])
  })

  it("keeps commands in order", async () => {
    const dialogue = await kept(SmtpDialogue.connect(server.port))
    await dialogue.reply()
    const replies = await dialogue.pipeline([
      "MAIL FROM:<x@outside.test>", "EHLO", "HELO client.test", "RCPT TO:<anna@example.com>", "DATA", "MAIL FROM:<x@outside.test>", "MAIL FROM:<x@outside.test>", "DATA", "DATA x", "NOOP x", "VRFY anna", "HELP",
      "EXPN x", "BDAT 5", "AUTH PLAIN", "XYZ", "STARTTLS x", "RSET",
    ])
    expect(replies.map((reply) => reply.code)).toEqual([503, 501, 250, 503, 503, 250, 503, 554, 501, 250, 252, 214, 502, 502, 502, 500, 501, 250])
    await nextMailGoesThrough(dialogue)
  })

  it("takes SMTPUTF8 addresses with the parameter only", async () => {
    const dialogue = await begin()
    expect((await dialogue.command("MAIL FROM:<grüße@outside.test>")).text).toMatch(/^553 5\.6\.7/)
    await dialogue.command("MAIL FROM:<grüße@outside.test> SMTPUTF8")
    expect((await dialogue.command("RCPT TO:<jürgen@example.com>")).code).toBe(250)
    await dialogue.command("RSET")
    await dialogue.command("MAIL FROM:<x@outside.test>")
    expect((await dialogue.command("RCPT TO:<jürgen@example.com>")).text).toMatch(/^553 5\.6\.7/)
  })

  it("speaks TLS, forgets what was said before it, and throws away what came in clear behind STARTTLS", async () => {
    const dialogue = await begin()
    await dialogue.command("MAIL FROM:<injected@outside.test>")
    await dialogue.startTls()
    expect((await dialogue.command("RCPT TO:<anna@example.com>")).code).toBe(503)
    expect((await dialogue.command("MAIL FROM:<x@outside.test>")).code).toBe(503)
    expect((await dialogue.command("EHLO client.test")).lines).not.toContain("STARTTLS")
    await nextMailGoesThrough(dialogue)
    expect(way.arrived[0]?.incoming).toMatchObject({ client: { tls: true }, transport: { extended: true, tls: { protocol: "TLSv1.3" } } })
    const attacker = await begin()
    await attacker.startTls("EHLO attacker.test\r\nMAIL FROM:<injected@outside.test>\r\n").catch(() => undefined)
    expect(await attacker.silentFor(300)).toBe(true)
  })
})

describe("no open relay", () => {
  it.each([
    "x@outside.test", "x%outside.test@example.com", "outside.test!x@example.com", '"x@outside.test"@example.com', "@example.com:x@outside.test", "@a,@b:x@outside.test", "x@[127.0.0.1]",
    "x@[IPv6:::1]", "x@outside.test.", "x@example.com@outside.test", "x@outside.test@example.com", "x@sub.example.com", "x@example.com.outside.test", "x@", "@example.com", "x", "", "x@example.com x@outside.test",
    "x@2130706433", '"x y"@outside.test',
  ])("refuses <%s> for good", async (path) => {
    const dialogue = await begin()
    await dialogue.command("MAIL FROM:<anna@example.com>")
    expect((await dialogue.command(`RCPT TO:<${path}>`)).code).toBeGreaterThanOrEqual(500)
    expect((await dialogue.command("DATA")).code).toBe(554)
  })

  it("takes the domain with a trailing dot, and postmaster without a domain", async () => {
    const dialogue = await begin()
    await dialogue.command("MAIL FROM:<x@outside.test>")
    expect((await dialogue.command("RCPT TO:<anna@example.com.>")).code).toBe(250)
    expect((await dialogue.command("RCPT TO:<Postmaster>")).code).toBe(250)
  })

  it("lets a primary send from its own domain, and its reports, from its own address only", async () => {
    way.host("example.com", { relay: { addresses: ["127.0.0.2", "127.9.0.0/16", "nonsense", "::1/200"], smarthost: null } })
    for (const localAddress of ["127.0.0.2", "127.9.8.7"]) {
      const dialogue = await kept(SmtpDialogue.open(server.port, { localAddress }))
      expect((await dialogue.mail({ from: "boss@example.com", to: ["x@outside.test"], content: "A: b\r\n\r\n" })).code).toBe(250)
      expect((await dialogue.mail({ from: "", to: ["x@outside.test"], content: "A: b\r\n\r\n" })).code).toBe(250)
      expect((await dialogue.mail({ from: "boss@outside.test", to: ["x@outside.test"], content: "A: b\r\n\r\n" })).text).toMatch(/^550 5\.7\.1 relaying denied/)
    }
    expect(way.arrived[0]?.incoming.recipients).toEqual([{ address: "x@outside.test", canonical: "x@outside.test", domain: null, user: null, covered: false }])
    const stranger = await kept(SmtpDialogue.open(server.port, { localAddress: "127.8.0.1" }))
    expect((await stranger.mail({ from: "boss@example.com", to: ["x@outside.test"], content: "" })).code).toBe(550)
  })
})

describe("bad input", () => {
  it("unknown recipient", async () => {
    way.host("example.com", { mode: "emergency" })
    const dialogue = await begin()
    expect((await dialogue.mail({ ...anna(""), to: ["nobody@example.com"] })).text).toBe("550 5.1.1 no such recipient here")
    await dialogue.command("RSET")
    await nextMailGoesThrough(dialogue)
  })

  it("a domain without a primary", async () => {
    way.host("example.com", { primary: null })
    expect((await (await begin()).mail(anna(""))).text).toMatch(/^451 4\.3\.5/)
  })

  it("over-size, announced and found out, the session lives", async () => {
    const chunks = way.database.db.collection("largeBodies.chunks")
    const before = await chunks.countDocuments()
    const dialogue = await begin()
    expect((await dialogue.command(`MAIL FROM:<x@outside.test> SIZE=${wayInLimits.messageBytes + 1}`)).text).toMatch(/^552 5\.3\.4/)
    const lie = { ...anna(`A: b\r\n\r\n${"x".repeat(998)}\r\n`.repeat(4_500)), parameters: "SIZE=10" }
    expect((await dialogue.mail(lie)).text).toMatch(/^552 5\.3\.4/)
    await nextMailGoesThrough(dialogue)
    expect(await chunks.countDocuments()).toBe(before)
  })

  it("a flood beyond any limit is cut off with the reply", async () => {
    const dialogue = await begin()
    await dialogue.pipeline(["MAIL FROM:<x@outside.test>", "RCPT TO:<anna@example.com>", "DATA"])
    dialogue.write(Buffer.alloc(wayInLimits.messageBytes * 4, "x\r\n"))
    expect((await dialogue.reply()).code).toBe(552)
    await dialogue.closed()
    await nextMailGoesThrough()
  })

  it("large mails arrive whole", async () => {
    const content = Buffer.concat([Buffer.from("A: b\r\n\r\n"), Buffer.from(randomBytes(1_500_000).toString("base64").replace(/.{76}/g, "$&\r\n"))])
    expect((await (await begin()).mail(anna(content))).code).toBe(250)
    expect(way.arrived[0]?.bytes.equals(Buffer.concat([content, Buffer.from("\r\n")]))).toBe(true)
  })

  it("lines of 100 KB as they are; beyond the limit a clear refusal", async () => {
    const dialogue = await begin()
    const content = `A: b\r\n\r\n${"x".repeat(102_400)}\r\nend`
    expect((await dialogue.mail(anna(content))).code).toBe(250)
    expect(way.arrived[0]?.bytes.toString()).toBe(`${content}\r\n`)
    expect((await dialogue.mail(anna("y".repeat(wayInLimits.lineBytes + 1)))).text).toMatch(/^550 5\.6\.0/)
    await nextMailGoesThrough(dialogue)
  })

  it("bare LF, bare CR, NUL and bytes that are no UTF-8, byte for byte", async () => {
    const dialogue = await begin()
    const content = Buffer.from("Subject: \xe4\xff\n\nbare\nlf\rcr\0nul\r\n.\n.\r\r\n\xc3\x28", "latin1")
    expect((await dialogue.mail(anna(content))).code).toBe(250)
    expect(way.arrived[0]?.bytes.toString("latin1")).toBe("Subject: \xe4\xff\n\nbare\nlf\rcr\0nul\r\n\n.\r\r\n\xc3\x28\r\n")
    await nextMailGoesThrough(dialogue)
  })

  it.each(["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r.\r\n", "\r\n\0.\r\n", "\r\n.\0\r\n"])("nothing is smuggled behind %j", async (end) => {
    const dialogue = await begin()
    await dialogue.pipeline(["MAIL FROM:<x@outside.test>", "RCPT TO:<anna@example.com>", "DATA"])
    dialogue.write(`A: b\r\n\r\nfirst${end}`)
    dialogue.write("MAIL FROM:<smuggled@outside.test>\r\nRCPT TO:<anna@example.com>\r\nDATA\r\nA: c\r\n\r\n")
    expect(await dialogue.silentFor(100)).toBe(true)
    dialogue.write("\r\n.\r\n")
    expect((await dialogue.reply()).code).toBe(250)
    expect(await dialogue.silentFor(50)).toBe(true)
    expect(way.arrived).toHaveLength(1)
    expect(way.arrived[0]?.bytes.toString()).toContain("smuggled")
  })

  it("10,000 headers are refused clearly, 4,000 are taken", async () => {
    const dialogue = await begin()
    const fields = (count: number) => Array.from({ length: count }, (_, i) => `X-${i}: y\r\n`).join("")
    expect((await dialogue.mail(anna(fields(10_000)))).text).toMatch(/^550 5\.6\.0 the message has too many header lines/)
    expect((await dialogue.mail(anna(`${fields(4_000)}\r\nx`))).code).toBe(250)
    expect(way.rejected).toMatchObject([{ reply: { enhanced: "5.6.0" } }])
  })

  it("a mail loop", async () => {
    const dialogue = await begin()
    expect((await dialogue.mail(anna("Received: from a by b; now\r\n".repeat(51)))).text).toMatch(/^550 5\.4\.6/)
    await nextMailGoesThrough(dialogue)
  })

  it.each(["", "\r\n", "no header at all", "__proto__: x\r\nconstructor: y\r\n\r\n", ": \r\n :\r\n", " folded first\r\n"])("the odd message %j", async (content) => {
    const dialogue = await begin()
    expect((await dialogue.mail(anna(content))).code).toBe(250)
    await nextMailGoesThrough(dialogue)
  })

  it("an empty message", async () => {
    const dialogue = await begin()
    await dialogue.pipeline(["MAIL FROM:<x@outside.test>", "RCPT TO:<anna@example.com>", "DATA"])
    dialogue.write(".\r\n")
    expect((await dialogue.reply()).code).toBe(250)
    expect(way.arrived[0]?.bytes).toHaveLength(0)
  })

  it("huge command lines, in one piece and without end", async () => {
    const dialogue = await begin()
    expect((await dialogue.command(`NOOP ${"x".repeat(2_000_000)}`)).text).toMatch(/^500 5\.5\.2/)
    await nextMailGoesThrough(dialogue)
  })

  it.each(["NOOP\n", "NO\rOP\r\n", "NOOP\0\r\n", "\r\r\n", "MAIL FROM:<a@b.test>\nRCPT TO:<x@y.test>\r\n"])("the malformed line %j", async (line) => {
    const dialogue = await begin()
    dialogue.write(line)
    expect((await dialogue.reply()).text).toMatch(/^501 5\.5\.4/)
    await dialogue.command("RSET").catch(() => undefined)
  })

  it("unknown parameters", async () => {
    const dialogue = await begin()
    const replies = await dialogue.pipeline([
      "MAIL FROM:<x@outside.test> RET=HDRS", "MAIL FROM:<x@outside.test> AUTH=<>", "MAIL FROM:<x@outside.test> SIZE=x", "MAIL FROM:<x@outside.test> BODY=BINARYMIME", "MAIL FROM:<x@outside.test> SMTPUTF8=1", "MAIL FROM:<x@outside.test>",
      "RCPT TO:<anna@example.com> NOTIFY=NEVER",
    ])
    expect(replies.map((reply) => reply.text.slice(0, 9))).toEqual(["555 5.5.4", "555 5.5.4", "501 5.5.4", "555 5.5.4", "555 5.5.4", "250 2.1.0", "555 5.5.4"])
  })

  it("odd senders that exist in the world are taken, injections are not", async () => {
    const dialogue = await begin()
    for (const path of ["a@host_name.test", "a@[192.0.2.1]", "root", "a+b=c@outside.test"]) {
      expect((await dialogue.command(`MAIL FROM:<${path}>`)).code, path).toBe(250)
      await dialogue.command("RSET")
    }
    for (const path of ["a b@outside.test", "a@b@c", "@a:b@c.test"]) expect((await dialogue.command(`MAIL FROM:<${path}>`)).text, path).toMatch(/^501 5\.1\.7/)
  })

  it("1,000 recipients are taken, one more is asked to come back", async () => {
    way.host("example.com", { mode: "emergency", relay: { addresses: [], smarthost: null } })
    const names = Array.from({ length: 1001 }, (_, i) => `anna+${i}@example.com`)
    const dialogue = await begin()
    const replies = await dialogue.pipeline(["MAIL FROM:<x@outside.test>", ...names.map((name) => `RCPT TO:<${name}>`), "DATA"])
    expect(replies.filter((reply) => reply.code === 250)).toHaveLength(1001)
    expect(replies.at(-2)?.text).toMatch(/^452 4\.5\.3/)
    dialogue.write("A: b\r\n\r\n.\r\n")
    expect((await dialogue.reply()).code).toBe(250)
    expect(way.arrived[0]?.incoming.recipients).toHaveLength(1000)
  })

  it("a session that guesses addresses is ended, one that makes mistakes too", async () => {
    way.host("example.com", { mode: "emergency" })
    const guesser = await begin()
    await guesser.command("MAIL FROM:<x@outside.test>")
    const replies = await guesser.pipeline(Array.from({ length: 101 }, (_, i) => `RCPT TO:<guess${i}@example.com>`))
    expect(replies.at(-1)?.code).toBe(550)
    expect((await guesser.reply()).text).toMatch(/^421 4\.7\.0/)
    await guesser.closed()
    const fool = await begin()
    const answers = await fool.pipeline(Array.from({ length: 21 }, () => "WHAT"))
    expect(answers.at(-1)?.code).toBe(500)
    expect((await fool.reply()).code).toBe(421)
    const browser = await begin()
    expect((await browser.command("GET / HTTP/1.1")).code).toBe(421)
  })

  it("gone in the middle of DATA: nothing is kept", async () => {
    const chunks = way.database.db.collection("largeBodies.chunks")
    const before = await chunks.countDocuments()
    const dialogue = await begin()
    await dialogue.pipeline(["MAIL FROM:<x@outside.test>", "RCPT TO:<anna@example.com>", "DATA"])
    dialogue.write(randomBytes(2_500_000).toString("base64").replace(/.{76}/g, "$&\r\n"))
    await expect.poll(() => chunks.countDocuments(), { timeout: 5_000 }).toBeGreaterThan(before)
    dialogue.close()
    await expect.poll(() => chunks.countDocuments(), { timeout: 5_000 }).toBe(before)
    expect(way.arrived).toHaveLength(0)
  })
})

describe("trouble of our own", () => {
  it("is temporary: a broken recipient check, archive or acceptance (invariant 2: unknown is temporary)", async () => {
    const broken = () => Promise.reject(new TypeError("unexpected"))
    const check = await begin((await way.inbound({ recipientCheck: broken })).port)
    expect((await check.mail(anna("A: b\r\n\r\n"))).text).toMatch(/^451 4\.3\.0/)
    const archive = await begin((await way.inbound({ bodies: { receive: broken, discard: broken } })).port)
    expect((await archive.mail(anna("A: b\r\n\r\n"))).text).toMatch(/^451 4\.3\.0/)
    expect((await archive.command("NOOP")).code).toBe(250)
    const full = await begin((await way.inbound({ accept: () => Promise.reject(Object.assign(new Error("disk"), { code: 14031 })) })).port)
    expect((await full.mail(anna("A: b\r\n\r\n"))).text).toMatch(/^452 4\.3\.1/)
    const acceptance = await begin((await way.inbound({ accept: broken })).port)
    expect((await acceptance.mail(anna("A: b\r\n\r\n"))).text).toMatch(/^451 4\.3\.0/)
    const started = performance.now()
    const never = () => new Promise<never>(() => undefined)
    const frozen = await Promise.all([way.inbound({ accept: never }), way.inbound({ bodies: { receive: (_id, source) => readAll(source).then(never), discard: broken } })])
    const late = await Promise.all(frozen.map(async ({ port }) => (await begin(port)).mail(anna("A: b\r\n\r\n"))))
    for (const reply of late) expect(reply.text).toMatch(/^451 4\.3\.0/)
    expect(performance.now() - started).toBeLessThan(5_000)
    const down = await begin((await way.inbound({ unavailable: () => ({ code: 452, enhanced: "4.3.1", text: "full" }) })).port)
    expect((await down.command("MAIL FROM:<>")).text).toBe("452 4.3.1 full")
  })
})

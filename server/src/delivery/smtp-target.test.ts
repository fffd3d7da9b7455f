import { randomBytes } from "node:crypto"
import { afterEach, expect, test } from "vitest"
import { bodiesInMemory, claimFor, type TestMail } from "../../test/support/claims.ts"
import { startPrimary, type PrimaryOptions, type TestPrimary } from "../../test/support/primary.ts"
import { startScripted, type Script, type ScriptedServer } from "../../test/support/scripted-server.ts"
import type { PoolLimits } from "./connection-pool.ts"
import type { Outcome } from "./delivery-target.ts"
import { primaryTimeouts, type SmtpTimeouts } from "./smtp-timeouts.ts"
import type { NextHop } from "./smtp-opening.ts"
import { SmtpTarget } from "./smtp-target.ts"

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end()
})

const never = new AbortController().signal
const short = (changes: Partial<SmtpTimeouts> = {}): SmtpTimeouts => ({ ...primaryTimeouts(() => 5_000), ...changes })

async function primaryWith(options: PrimaryOptions = {}): Promise<TestPrimary> {
  const primary = await startPrimary(options)
  cleanUp.push(() => primary.stop())
  return primary
}

async function scripted(script: Script): Promise<ScriptedServer> {
  const server = await startScripted(script)
  cleanUp.push(() => server.stop())
  return server
}

/** A target that delivers to one server. `send` gives the outcomes in the order of the recipients. */
function targetTo(server: { host: string; port: number }, settings: { hop?: Partial<NextHop>; timeouts?: SmtpTimeouts; limits?: PoolLimits } = {}) {
  const bodies = bodiesInMemory()
  const hop: NextHop = { host: server.host, port: server.port, tls: "none", ...settings.hop }
  const target = new SmtpTarget({
    resolve: () => hop,
    hostname: "lifeboat.test",
    timeouts: settings.timeouts ?? short(),
    bodies,
    ...(settings.limits ? { limits: settings.limits } : {}),
  })
  cleanUp.push(() => target.close())
  const send = async (mail: TestMail = {}, signal = never): Promise<Outcome[]> => {
    const claim = claimFor(mail)
    bodies.put(claim, mail.body ?? "Subject: test\r\n\r\ntext\r\n")
    const outcomes = await target.deliver(claim, signal)
    expect(outcomes.size).toBe(claim.deliveries.length)
    return claim.deliveries.map((delivery) => outcomes.get(delivery.id)!)
  }
  return { target, hop, bodies, send }
}

const three = ["anna@example.com", "bert@example.com", "cleo@example.com"]
const kinds = (outcomes: readonly Outcome[]) => outcomes.map((outcome) => ("failure" in outcome ? `${outcome.kind} ${outcome.failure}` : outcome.kind))

test("delivers trace and body byte for byte, with the reply and the server", async () => {
  const primary = await primaryWith()
  const { send } = targetTo(primary)
  const body = "Subject: ä\r\n\r\n.dot\r\n..\r\n.\r\nüöä\r\nend.\r\n"
  const [outcome] = await send({ body, trace: "Received: by lifeboat.test\r\n\twith ESMTP\r\n", eightBit: true })
  expect(outcome).toEqual({ kind: "delivered", reply: "250 2.0.0 taken as p1", server: `127.0.0.1:${primary.port}` })
  expect(primary.messages()[0]?.raw.toString()).toBe(`Received: by lifeboat.test\r\n\twith ESMTP\r\n${body}`)
  expect(primary.messages()[0]?.envelope).toEqual({ mailFrom: "sender@outside.test", rcptTo: ["anna@example.com"], eightBit: true, smtpUtf8: false })
})

test.each([
  ["\n.\n", "\r\n.\r\n"],
  ["\r.\r", "\r\n.\r\n"],
  ["\n.\r\n", "\r\n.\r\n"],
  ["\r\n.\n", "\r\n.\r\n"],
  ["\r\n.\r", "\r\n.\r\n"],
])("a body with %j arrives as one mail with repaired line ends", async (sequence, repaired) => {
  const primary = await primaryWith()
  const { send } = targetTo(primary)
  const smuggled = `MAIL FROM:<evil@x.test>\r\nRCPT TO:<anna@example.com>\r\nDATA\r\nsmuggled`
  expect(kinds(await send({ body: `Subject: a\r\n\r\none${sequence}${smuggled}${sequence}two` }))).toEqual(["delivered"])
  expect(primary.messages()).toHaveLength(1)
  expect(primary.messages()[0]?.raw.toString()).toBe(`Received: by lifeboat.test\r\nSubject: a\r\n\r\none${repaired}${smuggled}${repaired}two\r\n`)
})

test("every byte value passes", async () => {
  const primary = await primaryWith()
  const { send } = targetTo(primary)
  const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 10 && byte !== 13))
  const body = Buffer.concat([Buffer.from("Subject: a\r\n\r\n"), all, Buffer.from("\r\n"), randomBytes(300_000).filter((byte) => byte !== 10 && byte !== 13), Buffer.from("\r\n")])
  expect(kinds(await send({ body }))).toEqual(["delivered"])
  expect(primary.messages()[0]?.raw.subarray("Received: by lifeboat.test\r\n".length).equals(body)).toBe(true)
})

test("one refused and one put off of three: the third is delivered once", async () => {
  const primary = await primaryWith()
  await primary.behave({ rcpt: (address) => (address.startsWith("anna") ? "550 5.1.1 no such user" : address.startsWith("cleo") ? "451 4.2.0 later" : undefined) })
  const { send } = targetTo(primary)
  expect(await send({ recipients: three })).toMatchObject([
    { kind: "failed", failure: "recipient", reply: "550 5.1.1 no such user" },
    { kind: "delivered" },
    { kind: "deferred", failure: "recipient", reply: "451 4.2.0 later" },
  ])
  expect(primary.messages().map((mail) => mail.envelope.rcptTo)).toEqual([["bert@example.com"]])
})

test.each([true, false])("all refused early, then the next mail on the same connection (pipelining %s)", async (pipelining) => {
  const primary = await primaryWith({ pipelining })
  const { send } = targetTo(primary)
  await primary.behave({ failRecipients: three })
  expect(kinds(await send({ recipients: three }))).toEqual(["failed recipient", "failed recipient", "failed recipient"])
  await primary.behave({ mail: () => "452 4.3.1 disk full" })
  expect(await send({ recipients: three })).toMatchObject(three.map(() => ({ kind: "deferred", failure: "message", reply: "452 4.3.1 disk full" })))
  await primary.behave({ data: () => "554 5.7.1 spam" })
  expect(kinds(await send({ recipients: three }))).toEqual(["failed message", "failed message", "failed message"])
  await primary.behave({})
  expect(kinds(await send({ recipients: three }))).toEqual(["delivered", "delivered", "delivered"])
  expect(primary.accepted()).toBe(1)
})

test("greylisting puts the recipient off and lets the same mail pass later", async () => {
  const primary = await primaryWith()
  await primary.behave({ greylistMs: 50 })
  const { send } = targetTo(primary)
  expect(kinds(await send())).toEqual(["deferred recipient"])
  await new Promise((resolve) => setTimeout(resolve, 60))
  expect(kinds(await send())).toEqual(["delivered"])
})

test("too many recipients: the rest goes in further transactions at once", async () => {
  const primary = await primaryWith()
  let taken = 0
  await primary.behave({
    mail: () => {
      taken = 0
      return undefined
    },
    rcpt: () => (++taken > 2 ? "452 4.5.3 too many recipients" : undefined),
  })
  const { send } = targetTo(primary)
  const recipients = Array.from({ length: 5 }, (_, n) => `user${n}@example.com`)
  expect(kinds(await send({ recipients }))).toEqual(recipients.map(() => "delivered"))
  expect(primary.messages().map((mail) => mail.envelope.rcptTo.length)).toEqual([2, 2, 1])
  expect(primary.accepted()).toBe(1)
})

test("250 recipients go in transactions of 100", async () => {
  const primary = await primaryWith()
  const { send } = targetTo(primary)
  const recipients = Array.from({ length: 250 }, (_, n) => `user${n}@example.com`)
  expect(new Set(kinds(await send({ recipients })))).toEqual(new Set(["delivered"]))
  expect(primary.messages().map((mail) => mail.envelope.rcptTo.length)).toEqual([100, 100, 50])
})

test("refused connection", async () => {
  const primary = await primaryWith()
  await primary.stop()
  const { send } = targetTo(primary)
  expect(await send({ recipients: three })).toMatchObject(three.map(() => ({ kind: "deferred", failure: "host", reply: `cannot connect to 127.0.0.1:${primary.port} (ECONNREFUSED)` })))
})

test("silent server", async () => {
  const primary = await primaryWith()
  await primary.behave({ silent: true })
  const { send } = targetTo(primary, { timeouts: short({ banner: 200 }) })
  expect(await send()).toMatchObject([{ kind: "deferred", failure: "host", reply: "no reply within 0.2 s (greeting)" }])
})

test.each(["450 4.3.2 later", "554 5.3.0 no service here", "421 4.3.2 closing"])("banner %s defers", async (banner) => {
  const primary = await primaryWith()
  await primary.behave({ banner })
  expect(await targetTo(primary).send()).toMatchObject([{ kind: "deferred", failure: "host", reply: banner }])
})

test.each(["550 5.7.1 go away", "502 5.5.1 not implemented", "421 4.3.2 closing"])("EHLO answered with %s defers", async (ehlo) => {
  const primary = await primaryWith()
  await primary.behave({ ehlo })
  expect(await targetTo(primary).send()).toMatchObject([{ kind: "deferred", failure: "host", reply: ehlo }])
})

test.each(["mail", "rcpt", "data"] as const)("421 to %s is the host's, for all recipients", async (command) => {
  const primary = await primaryWith()
  await primary.behave({ [command]: () => "421 4.3.2 closing" })
  const { send } = targetTo(primary)
  expect(await send({ recipients: three })).toMatchObject(three.map(() => ({ kind: "deferred", failure: "host", reply: "421 4.3.2 closing" })))
  await primary.behave({})
  expect(kinds(await send())).toEqual(["delivered"])
})

test("421 at the second recipient leaves the first refusal its own", async () => {
  const primary = await primaryWith()
  await primary.behave({ rcpt: (address) => (address.startsWith("anna") ? "550 5.1.1 unknown" : "421 4.3.2 closing") })
  expect(kinds(await targetTo(primary).send({ recipients: three }))).toEqual(["failed recipient", "deferred host", "deferred host"])
})

test.each(["stored", "dropped"] as const)("connection lost after the final dot (%s): perhaps twice", async (loseAfterDot) => {
  const primary = await primaryWith()
  await primary.behave({ loseAfterDot })
  const { send } = targetTo(primary)
  expect(await send()).toMatchObject([{ kind: "deferred", failure: "message", possiblyTwice: true }])
  expect(primary.messages()).toHaveLength(loseAfterDot === "stored" ? 1 : 0)
})

test("no answer to the final dot: perhaps twice", async () => {
  const server = await scripted({ onLine: (line, connection) => connection.inData && line === "." })
  const { send } = targetTo(server, { timeouts: short({ dot: 200 }) })
  expect(await send()).toMatchObject([{ kind: "deferred", failure: "message", possiblyTwice: true, reply: "no reply within 0.2 s (final dot)" }])
})

test("connection lost in the middle of a large body is no second copy", async () => {
  const server = await scripted({
    onLine: (_line, connection) => {
      if (connection.inData) connection.socket.destroy()
      return connection.inData
    },
  })
  const { send } = targetTo(server)
  // More than the buffers of both kernels take.
  const [outcome] = await send({ body: Buffer.alloc(30_000_000, "0123456789\r\n") })
  expect(outcome).toMatchObject({ kind: "deferred", failure: "host" })
  expect(outcome).not.toHaveProperty("possiblyTwice")
})

test("a refusal in the middle of a large body is what counts", async () => {
  const server = await scripted({
    onLine: (_line, connection) => {
      if (!connection.inData) return false
      connection.inData = false
      connection.say("552 5.3.4 too big")
      connection.socket.removeAllListeners("data")
      setTimeout(() => connection.socket.destroy(), 50)
      return true
    },
  })
  const { send } = targetTo(server)
  expect(await send({ body: `Subject: a\r\n\r\n${`${"x".repeat(76)}\r\n`.repeat(13_000)}` })).toMatchObject([{ kind: "failed", failure: "message", reply: "552 5.3.4 too big" }])
})

test.each([
  ["a reply that never ends", "250-more\r\n"],
  ["a reply line that never ends", "x".repeat(500)],
  ["what is no SMTP", "HTTP/1.1 200 OK\r\n"],
])("%s ends in bounded time and memory", async (_name, text) => {
  const server = await scripted({
    onLine(line, connection) {
      if (!line.startsWith("EHLO")) return false
      const timer = setInterval(() => connection.socket.write(text), 2)
      connection.socket.on("close", () => clearInterval(timer))
      return true
    },
  })
  const start = Date.now()
  expect(kinds(await targetTo(server, { timeouts: short({ command: 2_000 }) }).send())).toEqual(["deferred host"])
  expect(Date.now() - start).toBeLessThan(4_000)
})

test("a reply that dribbles in does not move its deadline", async () => {
  const server = await scripted({
    capabilities: ["8BITMIME"],
    onLine(line, connection) {
      if (!line.startsWith("MAIL")) return false
      const timer = setInterval(() => connection.socket.write("250-x\r\n"), 50)
      connection.socket.on("close", () => clearInterval(timer))
      return true
    },
  })
  const start = Date.now()
  expect(await targetTo(server, { timeouts: short({ command: 400 }) }).send()).toMatchObject([{ kind: "deferred", failure: "host", reply: "no reply within 0.4 s (MAIL FROM)" }])
  expect(Date.now() - start).toBeLessThan(2_000)
})

test("a server that wants DATA without recipients gets no mail and no dot", async () => {
  const server = await scripted({
    onLine(line, connection) {
      if (line.startsWith("RCPT")) connection.say("550 5.1.1 unknown")
      return line.startsWith("RCPT")
    },
  })
  const { send } = targetTo(server)
  expect(kinds(await send({ recipients: three }))).toEqual(["failed recipient", "failed recipient", "failed recipient"])
  expect(server.lines.filter((line) => line === ".")).toEqual([])
})

test("commands leave in one group only where pipelining is offered", async () => {
  const early: string[] = []
  const script = (capabilities: string[]): Script => ({
    capabilities,
    onLine(line, connection) {
      if (!line.startsWith("MAIL")) return false
      // Whatever is here before MAIL is answered was sent without waiting.
      setTimeout(() => {
        early.push(connection.socket.bytesRead > 100 ? "grouped" : "waited")
        connection.say("250 2.1.0 ok")
      }, 100)
      return true
    },
  })
  for (const capabilities of [["PIPELINING"], ["8BITMIME"]]) {
    const server = await scripted(script(capabilities))
    const outcomes = await targetTo(server, { hop: {} }).send({ recipients: ["a-rather-long-address-to-have-more-than-100-bytes@example.com"] }).catch((error: unknown) => [error])
    expect(outcomes).toMatchObject([{ kind: expect.stringMatching(/delivered|deferred/) }])
  }
  expect(early).toEqual(["grouped", "waited"])
})

test("opportunistic TLS is used where it works", async () => {
  const primary = await primaryWith({ tls: true })
  const { send } = targetTo(primary, { hop: { tls: "opportunistic" } })
  expect(kinds([...(await send()), ...(await send())])).toEqual(["delivered", "delivered"])
  expect(primary.messages().map((mail) => mail.tls)).toEqual([true, true])
  expect(primary.accepted()).toBe(1)
})

test("policy none never asks for TLS", async () => {
  const primary = await primaryWith({ tls: true })
  expect(kinds(await targetTo(primary).send())).toEqual(["delivered"])
  expect(primary.messages()[0]?.tls).toBe(false)
})

test("required TLS takes a self-signed certificate", async () => {
  const primary = await primaryWith({ tls: true })
  expect(kinds(await targetTo(primary, { hop: { tls: "required" } }).send())).toEqual(["delivered"])
  expect(primary.messages()[0]?.tls).toBe(true)
})

const brokenTls: readonly [string, Script["onLine"]][] = [
  [
    "refused",
    (line, connection) => {
      if (line === "STARTTLS") connection.say("454 4.7.0 TLS not available")
      return line === "STARTTLS"
    },
  ],
  [
    "garbage in place of the handshake",
    (line, connection) => {
      if (line === "STARTTLS") {
        connection.say("220 2.0.0 go on")
        connection.socket.write("this is not TLS at all\r\n")
      }
      return line === "STARTTLS" || line.includes("\u0016\u0003")
    },
  ],
  [
    "closed after 220",
    (line, connection) => {
      if (line === "STARTTLS") connection.socket.end("220 2.0.0 go on\r\n")
      return line === "STARTTLS"
    },
  ],
]

test.each(brokenTls)("STARTTLS broken (%s): opportunistic goes on in the clear on a new connection", async (_name, onLine) => {
  const server = await scripted({ capabilities: ["STARTTLS", "PIPELINING"], ...(onLine ? { onLine } : {}) })
  expect(kinds(await targetTo(server, { hop: { tls: "opportunistic" } }).send())).toEqual(["delivered"])
  expect(server.connections()).toBe(2)
})

test.each(brokenTls)("STARTTLS broken (%s): required defers and says no word of mail in the clear", async (_name, onLine) => {
  const server = await scripted({ capabilities: ["STARTTLS", "PIPELINING"], ...(onLine ? { onLine } : {}) })
  expect(kinds(await targetTo(server, { hop: { tls: "required" } }).send())).toEqual(["deferred host"])
  expect(server.connections()).toBe(1)
  expect(server.lines.filter((line) => /^(MAIL|RCPT|DATA)/.test(line))).toEqual([])
})

test("required TLS that is not offered defers", async () => {
  const primary = await primaryWith()
  expect(await targetTo(primary, { hop: { tls: "required" } }).send()).toMatchObject([{ kind: "deferred", failure: "host", reply: "TLS is required, but the server does not offer STARTTLS" }])
  expect(primary.messages()).toHaveLength(0)
})

test("replies sent ahead of TLS are not taken for answers after it", async () => {
  const server = await scripted({
    capabilities: ["STARTTLS", "PIPELINING"],
    onLine(line, connection) {
      if (line === "STARTTLS") connection.socket.write("220 2.0.0 go on\r\n250-injected\r\n250 SIZE 1\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n")
      return line === "STARTTLS" || line.includes("\u0016\u0003")
    },
  })
  expect(kinds(await targetTo(server, { hop: { tls: "required" }, timeouts: short({ command: 500 }) }).send())).toEqual(["deferred host"])
})

test.each([["PLAIN"], ["LOGIN"]])("signs in with AUTH %s", async (method) => {
  const primary = await primaryWith({ auth: { user: "relay", password: "sécret" } })
  const { send } = targetTo(primary, { hop: { auth: { user: "relay", password: "sécret" } } })
  if (method === "PLAIN") {
    expect(kinds(await send())).toEqual(["delivered"])
    expect(primary.messages()[0]?.user).toBe("relay")
    return
  }
  const said: string[] = []
  const server = await scripted({
    capabilities: ["AUTH LOGIN", "PIPELINING"],
    onLine(line, connection) {
      if (line === "AUTH LOGIN") connection.say("334 VXNlcm5hbWU6")
      else if (said.length < 2 && /^[A-Za-z0-9+/]+=*$/.test(line) && line !== "DATA") connection.say(said.push(Buffer.from(line, "base64").toString()) === 1 ? "334 UGFzc3dvcmQ6" : "235 2.7.0 in")
      else return false
      return true
    },
  })
  expect(kinds(await targetTo(server, { hop: { auth: { user: "relay", password: "sécret" } } }).send())).toEqual(["delivered"])
  expect(said).toEqual(["relay", "sécret"])
})

test("a wrong password is a setting's fault: deferred, and not shown", async () => {
  const primary = await primaryWith({ auth: { user: "relay", password: "right" } })
  const [outcome] = await targetTo(primary, { hop: { auth: { user: "relay", password: "wrong-one" } } }).send()
  expect(outcome).toMatchObject({ kind: "deferred", failure: "host" })
  expect(outcome?.reply).toMatch(/^535/)
  expect(outcome?.reply).not.toContain("wrong-one")
})

test("SMTPUTF8 is used where offered", async () => {
  const primary = await primaryWith()
  expect(kinds(await targetTo(primary).send({ recipients: ["jürgen@example.com"], smtpUtf8: true }))).toEqual(["delivered"])
  expect(primary.messages()[0]?.envelope).toMatchObject({ rcptTo: ["jürgen@example.com"], smtpUtf8: true })
})

test("without SMTPUTF8 only what truly needs it fails", async () => {
  const server = await scripted({})
  const { send } = targetTo(server)
  expect(await send({ recipients: ["jürgen@example.com", "anna@example.com", "bert@bücher.test"], smtpUtf8: true })).toMatchObject([
    { kind: "failed", failure: "recipient", reply: expect.stringMatching(/^553 5\.6\.7 /) },
    { kind: "delivered" },
    { kind: "delivered" },
  ])
  expect(server.lines.filter((line) => line.startsWith("RCPT"))).toEqual(["RCPT TO:<anna@example.com>", "RCPT TO:<bert@xn--bcher-kva.test>"])
  expect(kinds(await send({ body: "Subject: ü\r\n\r\n", smtpUtf8: true }))).toEqual(["failed recipient"])
  expect(kinds(await send({ body: "Subject: ü\r\n\r\n", smtpUtf8: false }))).toEqual(["delivered"])
  expect(kinds(await send({ mailFrom: "jürgen@outside.test", smtpUtf8: true }))).toEqual(["failed recipient"])
})

test("an address that would end a command never reaches the wire", async () => {
  const primary = await primaryWith()
  const { send } = targetTo(primary)
  for (const recipient of ["a@b.test>\r\nRCPT TO:<c@d.test", "a@b.test> SIZE=1", "a b@c.test"]) {
    expect(kinds(await send({ recipients: [recipient] }))).toEqual(["deferred message"])
  }
  expect(primary.commands()).toEqual([])
})

test("over the server's size limit fails the message", async () => {
  const primary = await primaryWith({ size: 1_000 })
  expect(kinds(await targetTo(primary).send({ body: `Subject: a\r\n\r\n${"x\r\n".repeat(1_000)}` }))).toEqual(["failed message"])
})

test("a body that is gone, and one that cannot be read, wait", async () => {
  const primary = await primaryWith()
  const { target } = targetTo(primary)
  const gone = claimFor({ size: 10 })
  expect([...(await target.deliver(gone, never)).values()]).toMatchObject([{ kind: "deferred", failure: "message", server: "none", reply: "the message text is not in the archive" }])
  const large = claimFor({ size: 5_000_000 })
  expect([...(await target.deliver(large, never)).values()]).toMatchObject([{ kind: "deferred", failure: "message", server: "none", reply: expect.stringContaining("not in the archive") }])
  expect(primary.messages()).toHaveLength(0)
})

test("a batch is read in one query", async () => {
  const primary = await primaryWith()
  const { target, bodies } = targetTo(primary)
  const claims = Array.from({ length: 50 }, (_, n) => claimFor({ id: `batch${n}`, size: 20 }))
  for (const claim of claims) bodies.put(claim, `Subject: ${claim.message._id}\r\n\r\n`)
  await target.preload(claims)
  await Promise.all(claims.map((claim) => target.deliver(claim, never)))
  expect(bodies.reads()).toBe(1)
  expect(new Set(primary.messages().map((mail) => /Subject: (\w+)/.exec(mail.raw.toString())?.[1])).size).toBe(50)
})

import { connect } from "node:net"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { SmtpDialogue } from "../../test/support/smtp-dialogue.ts"
import { insertUser } from "../../test/support/stored-mail.ts"
import { startWayIn, wayInLimits, type WayIn } from "../../test/support/way-in.ts"
import { defaultPace, isTooSlow } from "./limits.ts"

let way: WayIn
const open = new Set<{ close(): void }>()

beforeAll(async () => {
  way = await startWayIn()
  await insertUser(way.database, "anna@example.com")
})
afterAll(() => way.stop())
afterEach(() => {
  for (const connection of open) connection.close()
  open.clear()
})

const limits = (changes: Partial<typeof wayInLimits>) => ({ config: { host: "127.0.0.1", hostname: "mx.test", limits: { ...wayInLimits, ...changes } } })
const kept = async (dialogue: Promise<SmtpDialogue>): Promise<SmtpDialogue> => {
  open.add(await dialogue)
  return dialogue
}
const mail = { from: "x@outside.test", to: ["anna@example.com"], content: "A: b\r\n\r\n" }

describe("connections", () => {
  it("of one address are limited, of loopback's own address and of primaries are not", async () => {
    const { port } = await way.inbound(limits({ connectionsPerAddress: 2 }))
    way.host("example.com", { relay: { addresses: ["127.0.0.9"], smarthost: null } })
    for (let i = 0; i < 4; i++) await kept(SmtpDialogue.open(port))
    for (let i = 0; i < 4; i++) await kept(SmtpDialogue.open(port, { localAddress: "127.0.0.9" }))
  })

  it("in all are limited: idle ones make room, busy ones do not", async () => {
    const server = await way.inbound({ ...limits({ connections: 4 }), pace: { idleUnderStress: 60_000 } })
    const idle: SmtpDialogue[] = []
    for (let i = 0; i < 4; i++) idle.push(await kept(SmtpDialogue.open(server.port)))
    expect((await (await kept(SmtpDialogue.connect(server.port))).reply()).text).toMatch(/^421 4\.7\.0 too many connections/)
    await new Promise((resolve) => setTimeout(resolve, 2_100))
    const newcomer = await kept(SmtpDialogue.open(server.port))
    expect((await newcomer.mail(mail)).code).toBe(250)
    expect((await idle[0]?.reply())?.code).toBe(421)
  })

  /** Clients that send one byte of a command now and then, for ever. */
  const slowClients = (port: number, count: number): void => {
    for (let i = 0; i < count; i++) {
      const socket = connect(port, "127.0.0.1")
      socket.on("error", () => socket.destroy())
      const drip = setInterval(() => socket.writable && socket.write("H"), 100)
      socket.on("close", () => clearInterval(drip))
      open.add({ close: () => socket.destroy() })
    }
  }

  it("500 slow clients do not keep out a normal one", async () => {
    const server = await way.inbound()
    slowClients(server.port, 500)
    await expect.poll(() => server.connections, { timeout: 5_000 }).toBe(500)
    const started = performance.now()
    const normal = await kept(SmtpDialogue.open(server.port))
    expect(performance.now() - started).toBeLessThan(2_000)
    expect((await normal.mail(mail)).code).toBe(250)
  })

  it("slow clients that take every connection are ended soon", async () => {
    const server = await way.inbound({ ...limits({ connections: 100 }), pace: { idleUnderStress: 500 } })
    slowClients(server.port, 150)
    await expect.poll(() => server.connections, { timeout: 5_000 }).toBe(100)
    await expect.poll(() => server.connections, { timeout: 5_000 }).toBeLessThanOrEqual(50)
    expect((await (await kept(SmtpDialogue.open(server.port))).mail(mail)).code).toBe(250)
  })
})

describe("pace", () => {
  it("silence ends a session, with the reason", async () => {
    const { port } = await way.inbound({ pace: { idle: 200, idleUnderStress: 100 } })
    const dialogue = await kept(SmtpDialogue.open(port))
    expect((await dialogue.reply()).text).toMatch(/^421 4\.4\.2/)
    await dialogue.closed()
  })

  it("a drip of DATA ends a session, nothing is kept", async () => {
    const { port } = await way.inbound({ pace: { dataGrace: 200, dataRate: 1_000_000, idleUnderStress: 400 } })
    const dialogue = await kept(SmtpDialogue.open(port))
    await dialogue.pipeline(["MAIL FROM:<x@outside.test>", "RCPT TO:<anna@example.com>", "DATA"])
    const before = way.arrived.length
    const drip = setInterval(() => dialogue.write("x\r\n"), 30)
    expect((await dialogue.reply()).text).toMatch(/^421 4\.4\.2/)
    clearInterval(drip)
    expect(way.arrived).toHaveLength(before)
  })

  it.each([
    ["a client that is not waited for", undefined, undefined, 1e9, false, false],
    ["a wait within the limit", 0, undefined, 299_000, false, false],
    ["a wait beyond it", 0, undefined, 301_000, false, true],
    ["a short wait while connections run short", 0, undefined, 11_000, true, true],
    ["DATA at 1 kB/s", 599_000, { since: 0, bytes: 600_000 }, 600_000, false, false],
    ["DATA at 100 B/s", 599_000, { since: 0, bytes: 60_000 }, 600_000, false, true],
    ["DATA at 0 B/s within the grace", 59_000, { since: 0, bytes: 0 }, 60_000, false, false],
  ] as const)("%s", (_name, since, data, now, stress, expected) => expect(isTooSlow({ since, data }, now, stress, defaultPace)).toBe(expected))
})

describe("stopping", () => {
  it("ends idle sessions, lets a transaction finish, takes nobody new", async () => {
    const server = await way.inbound()
    const idle = await kept(SmtpDialogue.open(server.port))
    const busy = await kept(SmtpDialogue.open(server.port))
    await busy.pipeline(["MAIL FROM:<x@outside.test>", "RCPT TO:<anna@example.com>", "DATA"])
    const closed = server.close()
    expect((await idle.reply()).text).toMatch(/^421 4\.3\.2/)
    await idle.closed()
    await expect(SmtpDialogue.connect(server.port)).rejects.toThrow(/ECONNREFUSED/)
    busy.write("A: b\r\n\r\n.\r\n")
    expect((await busy.reply()).code).toBe(250)
    expect((await busy.reply()).text).toMatch(/^421 4\.3\.2/)
    await closed
  })

  it("does not wait for ever", async () => {
    const server = await way.inbound({ pace: { stopping: 300 } })
    const stuck = await kept(SmtpDialogue.open(server.port))
    await stuck.pipeline(["MAIL FROM:<x@outside.test>", "RCPT TO:<anna@example.com>", "DATA"])
    const started = performance.now()
    await server.close()
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

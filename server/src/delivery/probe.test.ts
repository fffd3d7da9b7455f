import { afterEach, expect, test } from "vitest"
import { startPrimary, type PrimaryBehaviour, type PrimaryOptions, type TestPrimary } from "../../test/support/primary.ts"
import { startScripted } from "../../test/support/scripted-server.ts"
import { ConnectionPool } from "./connection-pool.ts"
import { calloutRecipient, probePrimary } from "./probe.ts"
import { primaryTimeouts, type SmtpTimeouts } from "./smtp-timeouts.ts"
import { openConnection, type NextHop } from "./smtp-opening.ts"

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end()
})

async function primaryWith(options: PrimaryOptions = {}): Promise<TestPrimary> {
  const primary = await startPrimary(options)
  cleanUp.push(() => primary.stop())
  return primary
}

const timeouts: SmtpTimeouts = primaryTimeouts(() => 3_000)
const options = { hostname: "lifeboat.test", timeouts }
const to = (server: { host: string; port: number }, tls: NextHop["tls"] = "opportunistic"): NextHop => ({ host: server.host, port: server.port, tls })

test("a healthy primary, with TLS, and no mail for it", async () => {
  const primary = await primaryWith({ tls: true })
  const result = await probePrimary(to(primary), { ...options, recipient: "anna@example.com" })
  expect(result).toMatchObject({ ok: true, tls: true })
  expect(result.ms).toBeGreaterThan(0)
  expect(primary.commands()).toEqual(["MAIL ", "RCPT anna@example.com"])
  expect(primary.messages()).toEqual([])
})

test("without a known recipient it ends after MAIL", async () => {
  const primary = await primaryWith()
  expect(await probePrimary(to(primary), options)).toMatchObject({ ok: true, tls: false })
  expect(primary.commands()).toEqual(["MAIL "])
})

test.each<[string, PrimaryBehaviour, string, unknown]>([
  ["banner", { banner: "554 5.3.0 no service" }, "host", "554 5.3.0 no service"],
  ["ehlo", { ehlo: "550 5.3.0 no" }, "host", "550 5.3.0 no"],
  ["mail", { mail: () => "452 4.3.1 disk full" }, "message", "452 4.3.1 disk full"],
  ["mail", { mail: () => "421 4.3.2 closing" }, "host", "421 4.3.2 closing"],
  ["rcpt", { rcpt: () => "451 4.3.0 directory is away" }, "recipient", "451 4.3.0 directory is away"],
  ["rcpt", { rcpt: () => "550 5.1.1 unknown" }, "recipient", "550 5.1.1 unknown"],
  ["connect", { refuse: true }, "host", expect.stringContaining("ECONNREFUSED")],
])("fails at %s", async (stage, behaviour, failure, reply) => {
  const primary = await primaryWith()
  await primary.behave(behaviour)
  expect(await probePrimary(to(primary), { ...options, recipient: "anna@example.com" })).toMatchObject({ ok: false, stage, failure, reply })
})

test("a silent primary is noticed within its time-out", async () => {
  const primary = await primaryWith()
  await primary.behave({ silent: true })
  const result = await probePrimary(to(primary), { ...options, timeouts: { ...timeouts, banner: 200 } })
  expect(result).toMatchObject({ ok: false, stage: "banner", failure: "host" })
  expect(result.ms).toBeLessThan(2_000)
})

test("required TLS that is missing is the host's failure", async () => {
  const primary = await primaryWith()
  expect(await probePrimary(to(primary, "required"), options)).toMatchObject({ ok: false, stage: "tls", failure: "host" })
})

test("a probe can be ended", async () => {
  const primary = await primaryWith()
  await primary.behave({ silent: true })
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 50)
  expect(await probePrimary(to(primary), options, stop.signal)).toMatchObject({ ok: false, failure: "message" })
})

const callout = { ...options, fallbackSender: "postmaster@lifeboat.test" }

test("callout: accepted, refused, temporary", async () => {
  const primary = await primaryWith()
  await primary.behave({ rcpt: (address) => ({ "no@example.com": "550 5.1.1 unknown", "later@example.com": "451 4.7.1 greylisted" })[address] })
  expect(await calloutRecipient(to(primary), "anna@example.com", callout)).toMatchObject({ verdict: "accepted" })
  expect(await calloutRecipient(to(primary), "no@example.com", callout)).toEqual({ verdict: "refused", reply: "550 5.1.1 unknown" })
  expect(await calloutRecipient(to(primary), "later@example.com", callout)).toEqual({ verdict: "temporary", reply: "451 4.7.1 greylisted", failure: "recipient" })
  expect(await calloutRecipient(to(primary), "a b@example.com", callout)).toMatchObject({ verdict: "temporary" })
})

test.each<[PrimaryBehaviour, string]>([
  [{ banner: "554 5.3.0 no service" }, "host"],
  [{ ehlo: "550 5.3.0 no" }, "host"],
  [{ mail: () => "550 5.7.1 nobody may send" }, "message"],
  [{ rcpt: () => "421 4.3.2 closing" }, "host"],
  [{ rcpt: () => "503 5.5.1 bad sequence" }, "host"],
  [{ refuse: true }, "host"],
])("callout: nothing but the reply to RCPT refuses an address (%#)", async (behaviour, failure) => {
  const primary = await primaryWith()
  await primary.behave(behaviour)
  expect(await calloutRecipient(to(primary), "anna@example.com", callout)).toMatchObject({ verdict: "temporary", failure })
})

test.each([true, false])("callout: a primary without null sender is asked with another one (pipelining %s)", async (pipelining) => {
  const primary = await primaryWith({ pipelining })
  await primary.behave({ mail: (sender) => (sender === "" ? "550 5.7.1 no null sender" : undefined), failRecipients: ["no@example.com"] })
  expect(await calloutRecipient(to(primary), "anna@example.com", callout)).toMatchObject({ verdict: "accepted" })
  expect(await calloutRecipient(to(primary), "no@example.com", callout)).toMatchObject({ verdict: "refused" })
})

test("callout over pooled connections, which may have died meanwhile", async () => {
  const primary = await primaryWith()
  await primary.behave({ failRecipients: ["no@example.com"] })
  const pool = new ConnectionPool((signal) => openConnection(to(primary), options, signal), { connections: 2, idleMs: 5_000, transactions: 100 })
  cleanUp.push(() => pool.close())
  const ask = (address: string) => calloutRecipient(to(primary), address, { ...callout, pool })
  const verdicts = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n % 2 ? "anna@example.com" : "no@example.com")))
  expect(verdicts.map((result) => result.verdict)).toEqual(verdicts.map((_, n) => (n % 2 ? "accepted" : "refused")))
  expect(primary.accepted()).toBe(2)
  await primary.stop()
  await primary.start()
  expect(await ask("anna@example.com")).toMatchObject({ verdict: "accepted" })
})

test("callout: a primary that hangs at RCPT is temporary", async () => {
  const server = await startScripted({ onLine: (line) => line.startsWith("RCPT") })
  cleanUp.push(() => server.stop())
  expect(await calloutRecipient(to(server), "anna@example.com", { ...callout, timeouts: { ...timeouts, command: 200 } })).toMatchObject({ verdict: "temporary", failure: "recipient" })
})

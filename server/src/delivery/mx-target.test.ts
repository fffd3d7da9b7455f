import { afterEach, beforeEach, expect, test } from "vitest"
import { bodiesInMemory, claimFor, type TestMail } from "../../test/support/claims.ts"
import { startNameServer, type Zone } from "../../test/support/name-server.ts"
import { startPrimary, type TestPrimary } from "../../test/support/primary.ts"
import type { Outcome } from "./delivery-target.ts"
import { MxLookup } from "./mx-lookup.ts"
import { MxTarget } from "./mx-target.ts"
import { outsideTimeouts } from "./smtp-timeouts.ts"
import type { NextHop } from "./smtp-opening.ts"

const cleanUp: (() => unknown)[] = []
let server: TestPrimary
beforeEach(async () => {
  server = await startPrimary({ tls: true })
  cleanUp.push(() => server.stop())
})
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end()
})

/** Delivery to the outside with these zones; all mail servers listen on the port of `server`. */
async function outside(zones: Record<string, Zone>, settings: { smarthost?: NextHop; allowLoopback?: boolean } = {}) {
  const names = await startNameServer(zones)
  cleanUp.push(() => names.stop())
  const bodies = bodiesInMemory()
  const target = new MxTarget({
    smarthost: () => settings.smarthost,
    lookup: new MxLookup({ servers: [names.server], timeoutMs: 500, allowLoopback: settings.allowLoopback ?? true }),
    hostname: "lifeboat.test",
    timeouts: outsideTimeouts(() => 3_000),
    bodies,
    port: server.port,
  })
  cleanUp.push(() => target.close())
  return async (mail: TestMail): Promise<Outcome[]> => {
    const claim = claimFor(mail)
    bodies.put(claim, "Subject: a\r\n\r\nb\r\n")
    const outcomes = await target.deliver(claim, new AbortController().signal)
    return claim.deliveries.map((delivery) => outcomes.get(delivery.id)!)
  }
}

const here = { a: ["127.0.0.1"] }
const gone = { a: ["127.0.0.2"] }

test("one transaction for each destination domain, with TLS where offered", async () => {
  const send = await outside({
    "one.test": { mx: [{ priority: 10, exchange: "mx.one.test" }] },
    "mx.one.test": here,
    "two.test": { mx: [{ priority: 10, exchange: "mx.two.test" }] },
    "mx.two.test": here,
  })
  expect(await send({ recipients: ["a@one.test", "b@two.test", "c@ONE.test"] })).toMatchObject([
    { kind: "delivered", server: `mx.one.test:${server.port}` },
    { kind: "delivered", server: `mx.two.test:${server.port}` },
    { kind: "delivered", server: `mx.one.test:${server.port}` },
  ])
  expect(server.messages().map((mail) => mail.envelope.rcptTo.length).sort()).toEqual([1, 2])
  expect(server.messages().every((mail) => mail.tls)).toBe(true)
})

test("the mail server with the lowest preference comes first, the next one when it is gone", async () => {
  const send = await outside({
    "one.test": { mx: [{ priority: 20, exchange: "second.test" }, { priority: 10, exchange: "first.test" }, { priority: 30, exchange: "third.test" }] },
    "first.test": gone,
    "second.test": { a: ["127.0.0.3", "127.0.0.1"] },
    "third.test": here,
  })
  expect(await send({ recipients: ["a@one.test"] })).toMatchObject([{ kind: "delivered", server: `second.test:${server.port}` }])
})

test("all mail servers gone: the host's, deferred", async () => {
  const send = await outside({ "one.test": { mx: [{ priority: 10, exchange: "first.test" }] }, "first.test": gone })
  expect(await send({ recipients: ["a@one.test"] })).toMatchObject([{ kind: "deferred", failure: "host", reply: expect.stringContaining("ECONNREFUSED") }])
})

test("a refusal and a greylisting are not taken to the next mail server", async () => {
  const send = await outside({ "one.test": { mx: [{ priority: 10, exchange: "first.test" }, { priority: 20, exchange: "second.test" }] }, "first.test": here, "second.test": here })
  await server.behave({ rcpt: (address) => (address.startsWith("a") ? "550 5.1.1 unknown" : "451 4.7.1 greylisted") })
  expect(await send({ recipients: ["a@one.test", "b@one.test"] })).toMatchObject([{ kind: "failed" }, { kind: "deferred", failure: "recipient" }])
  expect(server.commands().filter((command) => command.startsWith("RCPT"))).toHaveLength(2)
})

test("a mail perhaps taken is not taken to the next mail server", async () => {
  const send = await outside({ "one.test": { mx: [{ priority: 10, exchange: "first.test" }, { priority: 20, exchange: "second.test" }] }, "first.test": here, "second.test": here })
  await server.behave({ loseAfterDot: "stored" })
  expect(await send({ recipients: ["a@one.test"] })).toMatchObject([{ kind: "deferred", possiblyTwice: true }])
  expect(server.messages()).toHaveLength(1)
})

test.each<[string, Record<string, Zone>, object]>([
  ["null MX", { "one.test": { mx: [{ priority: 0, exchange: "" }], ...here } }, { kind: "failed", reply: "556 5.1.10 this domain accepts no mail" }],
  ["no such domain", {}, { kind: "failed", reply: "550 5.1.2 this domain does not exist or has no mail server" }],
  ["neither MX nor address", { "one.test": {} }, { kind: "failed", reply: "550 5.1.2 this domain does not exist or has no mail server" }],
  ["no MX but an address", { "one.test": here }, { kind: "delivered" }],
  ["name service broken", { "one.test": { broken: true } }, { kind: "deferred", failure: "host", reply: expect.stringMatching(/^451 4\.4\.3 MX lookup of one\.test failed/) }],
  ["name service broken for the mail server", { "one.test": { mx: [{ priority: 1, exchange: "m.test" }] }, "m.test": { broken: true } }, { kind: "deferred", failure: "host", reply: expect.stringMatching(/^451 4\.4\.3 address lookup/) }],
  ["mail server without address", { "one.test": { mx: [{ priority: 1, exchange: "m.test" }] } }, { kind: "deferred", failure: "host", reply: expect.stringMatching(/^451 4\.4\.4 /) }],
])("%s", async (_name, zones, outcome) => {
  const send = await outside(zones)
  expect(await send({ recipients: ["a@one.test"] })).toMatchObject([outcome])
})

test("an MX that points to this machine gets nothing", async () => {
  const send = await outside({ "one.test": { mx: [{ priority: 10, exchange: "m.test" }] }, "m.test": here }, { allowLoopback: false })
  expect(await send({ recipients: ["a@one.test"] })).toMatchObject([{ kind: "deferred", failure: "host" }])
  expect(server.accepted()).toBe(0)
})

test("a smarthost takes all destinations in one transaction, without asking the name service", async () => {
  const send = await outside({}, { smarthost: { host: "127.0.0.1", port: server.port, tls: "opportunistic" } })
  expect(await send({ recipients: ["a@one.test", "b@two.test"] })).toMatchObject([{ kind: "delivered" }, { kind: "delivered" }])
  expect(server.messages().map((mail) => mail.envelope.rcptTo)).toEqual([["a@one.test", "b@two.test"]])
})

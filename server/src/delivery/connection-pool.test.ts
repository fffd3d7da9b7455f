import { afterEach, expect, test } from "vitest"
import { bodiesInMemory, claimFor } from "../../test/support/claims.ts"
import { startPrimary, type TestPrimary } from "../../test/support/primary.ts"
import type { PoolLimits } from "./connection-pool.ts"
import type { Outcome } from "./delivery-target.ts"
import { primaryTimeouts } from "./smtp-timeouts.ts"
import type { NextHop } from "./smtp-opening.ts"
import { SmtpTarget } from "./smtp-target.ts"

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end()
})

async function setUp(limits: Partial<PoolLimits> = {}) {
  const primary = await startPrimary()
  cleanUp.push(() => primary.stop())
  const bodies = bodiesInMemory()
  const hop: NextHop = { host: primary.host, port: primary.port, tls: "none" }
  const target = new SmtpTarget({ resolve: () => hop, hostname: "lifeboat.test", timeouts: primaryTimeouts(() => 5_000), bodies, limits: { connections: 4, idleMs: 10_000, transactions: 1_000, ...limits } })
  cleanUp.push(() => target.close())
  const send = async (signal = new AbortController().signal): Promise<Outcome> => {
    const claim = claimFor({ size: 20 })
    bodies.put(claim, "Subject: a\r\n\r\nb\r\n")
    return (await target.deliver(claim, signal)).get(claim.deliveries[0]!.id)!
  }
  const sendMany = (count: number) => Promise.all(Array.from({ length: count }, () => send()))
  return { primary, target, hop, send, sendMany }
}

/** Waits for what the other side of a socket learns a moment later. */
async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 5_000; !condition(); ) {
    if (Date.now() > end) throw new Error("did not happen within 5 s")
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const watchMost = (primary: TestPrimary) => {
  let most = 0
  void primary.behave({
    data: () => {
      most = Math.max(most, primary.connections())
      return undefined
    },
    slowMs: 2,
  })
  return () => most
}

test("200 mails share at most the set number of connections", async () => {
  const { primary, sendMany } = await setUp({ connections: 3 })
  const most = watchMost(primary)
  const outcomes = await sendMany(200)
  expect(outcomes.every((outcome) => outcome.kind === "delivered")).toBe(true)
  expect(primary.messages()).toHaveLength(200)
  expect(primary.accepted()).toBe(3)
  expect(most()).toBe(3)
})

test("the limit can go up and down while mails wait", async () => {
  const { primary, target, hop, sendMany } = await setUp()
  const most = watchMost(primary)
  target.setConnections(hop, 1)
  await sendMany(20)
  expect(most()).toBe(1)
  const many = sendMany(100)
  target.setConnections(hop, 4)
  await many
  expect(most()).toBe(4)
  const again = sendMany(100)
  target.setConnections(hop, 1)
  await again
  await until(() => primary.connections() === 1)
  expect(primary.messages()).toHaveLength(220)
})

test("a connection is closed after its number of transactions", async () => {
  const { primary, sendMany } = await setUp({ connections: 1, transactions: 10 })
  await sendMany(35)
  expect(primary.accepted()).toBe(4)
  expect(primary.messages()).toHaveLength(35)
})

test("idle connections are closed", async () => {
  const { primary, sendMany } = await setUp({ idleMs: 50 })
  await sendMany(20)
  await until(() => primary.connections() === 0)
})

test("pooled connections that died meanwhile are replaced and count as nothing", async () => {
  const { primary, sendMany } = await setUp()
  await sendMany(20)
  await primary.stop()
  await primary.start()
  expect((await sendMany(20)).map((outcome) => outcome.kind)).toEqual(Array.from({ length: 20 }, () => "delivered"))
  expect(primary.messages()).toHaveLength(40)
})

test("a server that ends connections with 421 after some mails loses none and defers none", async () => {
  const { primary, sendMany } = await setUp({ connections: 2 })
  await primary.behave({ mailsPerConnection: 7 })
  expect((await sendMany(60)).filter((outcome) => outcome.kind !== "delivered")).toEqual([])
  expect(primary.messages()).toHaveLength(60)
})

test("a server with a smaller limit of connections than ours defers none", async () => {
  const { primary, sendMany } = await setUp({ connections: 6 })
  await sendMany(1)
  await primary.behave({ maxConnections: 2, slowMs: 5 })
  expect((await sendMany(60)).filter((outcome) => outcome.kind !== "delivered")).toEqual([])
  expect(primary.messages()).toHaveLength(61)
})

test("when the server is gone, all who wait learn it at once", async () => {
  const { primary, sendMany } = await setUp({ connections: 1 })
  await primary.stop()
  const outcomes = await sendMany(50)
  expect(outcomes.every((outcome) => outcome.kind === "deferred" && outcome.failure === "host" && !outcome.untried)).toBe(true)
  await primary.start()
  expect((await sendMany(50)).every((outcome) => outcome.kind === "delivered")).toBe(true)
})

test("stopping leaves waiting mails untried and lets the running one finish", async () => {
  const { primary, send } = await setUp({ connections: 1 })
  await primary.behave({ slowMs: 100 })
  const stop = new AbortController()
  const running = send(stop.signal)
  await until(() => primary.commands().length > 0)
  const waiting = [send(stop.signal), send(stop.signal)]
  stop.abort()
  expect(await Promise.all(waiting)).toMatchObject([{ kind: "deferred", untried: true }, { kind: "deferred", untried: true }])
  expect((await running).kind).toBe("delivered")
  expect(await send(stop.signal)).toMatchObject({ kind: "deferred", untried: true })
  expect(primary.messages()).toHaveLength(1)
})

test("closing ends idle connections and leaves new mails untried", async () => {
  const { primary, target, send } = await setUp()
  await send()
  target.close()
  await until(() => primary.connections() === 0)
  expect(await send()).toMatchObject({ kind: "deferred", untried: true })
  expect(primary.messages()).toHaveLength(1)
})

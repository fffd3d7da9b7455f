import { createHash, randomBytes } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { claimFor } from "../../test/support/claims.ts"
import { testDatabase } from "../../test/support/mongo.ts"
import { startPrimary, type TestPrimary } from "../../test/support/primary.ts"
import { Bodies } from "../archive/bodies.ts"
import { openDatabase, type Database } from "../store/database.ts"
import type { Claim, Outcome } from "./delivery-target.ts"
import { primaryTimeouts } from "./smtp-timeouts.ts"
import { SmtpTarget } from "./smtp-target.ts"

let database: Database
let primary: TestPrimary
let bodies: Bodies
let target: SmtpTarget

beforeAll(async () => {
  const { url, dbName } = testDatabase()
  database = await openDatabase(url, { lifeboat: dbName, wildduck: `${dbName}_wildduck` })
  bodies = new Bodies(database)
  primary = await startPrimary({ tls: true })
  target = new SmtpTarget({ resolve: () => ({ host: primary.host, port: primary.port, tls: "opportunistic" }), hostname: "lifeboat.test", timeouts: primaryTimeouts(() => 20_000), bodies })
})

afterAll(async () => {
  target.close()
  await primary.stop()
  await database.db.dropDatabase()
  await database.close()
})

async function archived(body: Buffer, mail: Parameters<typeof claimFor>[0] = {}): Promise<Claim> {
  const claim = claimFor({ ...mail, size: body.length })
  const received = await bodies.receive(claim.message._id, (async function* () {
    for (let at = 0; at < body.length; at += 65_536) yield body.subarray(at, at + 65_536)
  })(), 65_536)
  await database.bodies.insertOne(await bodies.document(received, claim.message.expireAt))
  return claim
}

const only = (outcomes: ReadonlyMap<string, Outcome>) => [...outcomes.values()][0]
const send = (claim: Claim) => target.deliver(claim, new AbortController().signal)
const hash = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex")

/** Lines of text that zstd cannot shrink, some of them with a dot in front. */
function text(bytes: number): Buffer {
  const lines: string[] = ["Subject: large", ""]
  for (let size = 0; size < bytes; size += 78) lines.push(`${size % 5 === 0 ? "." : "x"}${randomBytes(56).toString("base64").slice(0, 75)}`)
  return Buffer.from(`${lines.join("\r\n")}\r\n`)
}

test.each([0, 100, 1_048_576 - 400, 1_048_576 + 1, 12_000_000])("a body of about %d bytes arrives from the archive as it was, streamed when large", async (bytes) => {
  primary.clear()
  const body = bytes === 0 ? Buffer.alloc(0) : text(bytes)
  expect(only(await send(await archived(body)))).toMatchObject({ kind: "delivered" })
  const mail = primary.messages()[0]
  expect(mail?.tls).toBe(true)
  expect(hash(mail?.raw.subarray("Received: by lifeboat.test\r\n".length) ?? Buffer.alloc(0))).toBe(hash(body))
})

test("a large body is opened again for each further transaction", async () => {
  primary.clear()
  const body = text(3_000_000)
  const claim = await archived(body, { recipients: ["a@example.com", "b@example.com", "c@example.com"] })
  let taken = 0
  await primary.behave({ mail: () => ((taken = 0), undefined), rcpt: () => (++taken > 2 ? "452 4.5.3 too many" : undefined) })
  expect([...(await send(claim)).values()].map((outcome) => outcome.kind)).toEqual(["delivered", "delivered", "delivered"])
  expect(primary.messages().map((mail) => mail.raw.length)).toEqual(primary.messages().map(() => body.length + 28))
  expect(primary.messages()).toHaveLength(2)
  await primary.behave({})
})

test("bodies of a batch are read ahead; what is not there waits", async () => {
  primary.clear()
  const claims = await Promise.all(Array.from({ length: 20 }, () => archived(text(2_000))))
  await target.preload([...claims, claimFor({ size: 50 })])
  await database.bodies.deleteMany({ _id: { $in: claims.map((claim) => claim.message._id) } })
  const outcomes = await Promise.all(claims.map(send))
  expect(outcomes.map((outcome) => only(outcome)?.kind)).toEqual(claims.map(() => "delivered"))
  expect(only(await send(claims[0]!))).toMatchObject({ kind: "deferred", reply: "the message text is not in the archive" })
})

import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { MongoClient } from "mongodb"
import { afterEach, describe, expect, it } from "vitest"
import type { Mode } from "@lifeboat/shared/continuity-mode"
import { openStates } from "@lifeboat/shared/delivery-state"
import { processIdentity } from "../../src/embedded/process-identity.ts"
import type { MessageDocument } from "../../src/store/documents.ts"
import { Company, companyDomain, subjectOf } from "../support/company.ts"
import { balance, type Duplicate } from "../support/delivered-once.ts"
import { killAll, killOne, parts, pidOf, victims, type Victim } from "../support/kills.ts"
import { NumberedLoad, numberOf, seededRandom } from "../support/numbered-load.ts"

const kills = Number(process.env["LIFEBOAT_TEST_KILLS"] ?? 20)
const seed = Number(process.env["LIFEBOAT_TEST_SEED"] ?? Date.now() % 1_000_000)
const covered = ["anna", "ben", "cora"]
/** Known to the primary, but to Lifeboat only because the primary took mail for it before (B3). */
const learned = "list"
const everybody = [...covered, learned].map((name) => `${name}@${companyDomain}`)
const perMode = 2
/** Longest time from the mail at the primary to our own write of it, milliseconds; while mongod starts again, it takes that much longer. */
const gap = 1_500
const databaseReturns = 8_000
/** Connections to a primary, with three recipients each at most. */
const mostInFlight = 60

interface Kill {
  readonly victim: Victim
  readonly mode: Mode
  readonly at: number
}

let company: Company
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") {
    const metrics = await fetch(`http://127.0.0.1:${company.installation.ports.http}/metrics`).then((answer) => answer.text(), String)
    const queue = await company.queue().then(({ groups }) => JSON.stringify(groups), String)
    console.log([company.installation.output().slice(-20_000), ...metrics.split("\n").filter((line) => line.startsWith("lifeboat_")), queue].join("\n"))
  }
  await company.installation.stop()
  await Promise.all([company.primary.stop(), company.internet.stop()])
})

async function start(): Promise<void> {
  company = await Company.start({ users: covered })
  for (const recipient of everybody) await company.accepted({ subject: "first", to: [recipient] })
  await company.primary.waitFor(everybody.length)
  company.primary.clear()
}

/** Asks until there is an answer: what is asked may have been killed. */
async function patiently<T>(what: string, ask: () => Promise<T>, enough: (answer: T) => boolean, timeoutMs = 90_000): Promise<T> {
  const until = Date.now() + timeoutMs
  let last: unknown
  while (Date.now() < until) {
    try {
      const answer = await ask()
      if (enough(answer)) return answer
      last = answer
    } catch (error) {
      last = error
    }
    await sleep(50)
  }
  throw new Error(`${what}: ${last instanceof Error ? last.message : JSON.stringify(last)}`)
}

const reaches = (mode: Mode) => patiently(`not ${mode}`, () => company.mode(), (view) => view.mode === mode)
const modeNow = async () => (await patiently("no mode", () => company.mode(), () => true)).mode

/** A mail twice in a mailbox is one that was put in twice. */
async function expectNoCopyTwice(): Promise<void> {
  for (const name of covered) {
    const subjects = await patiently("no mailbox", () => company.person(name).subjects(), () => true)
    expect(subjects.filter((subject, index) => subjects[index - 1] === subject)).toEqual([])
  }
}

/** Everything has come to its end: queue and inboxes are empty, nothing is without its body, no report misses anything. */
async function expectAllSettled(): Promise<void> {
  await reaches("normal")
  await patiently("the queue does not empty", () => company.queue(), (queue) => queue.groups.length === 0, 120_000)
  for (const name of covered) await patiently(`the inbox of ${name} does not empty`, () => company.person(name).subjects(), (subjects) => subjects.length === 0)
  const outages = await company.outages()
  expect(outages.map((outage) => ({ missing: outage.missing, held: outage.held, end: outage.end !== null }))).toEqual(outages.map(() => ({ missing: 0, held: 0, end: true })))
  const port = (await readFile(join(company.installation.dataDir, "mongod", "port"), "utf8")).trim()
  const client = await new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`).connect()
  try {
    const messages = client.db("lifeboat").collection<MessageDocument>("messages")
    const open = { "deliveries.state": { $in: openStates } }
    await patiently("deliveries stay open", () => messages.find(open).limit(3).toArray(), (found) => found.length === 0)
    const withoutBody = await messages.aggregate([{ $match: { hasBody: true } }, { $lookup: { from: "bodies", localField: "_id", foreignField: "_id", as: "body" } }, { $match: { body: [] } }, { $project: { _id: 1 } }]).toArray()
    expect(withoutBody).toEqual([])
  } finally {
    await client.close()
  }
}

/**
 * RFC 1047: the primary had the mail, and whoever was to write that down, or the connection that said so, was cut. How
 * long before the cut each arrival was that came again, milliseconds; Infinity: nothing was cut then.
 */
function timesToCut(duplicate: Duplicate, cuts: readonly number[]): number[] {
  return duplicate.arrivals.slice(0, -1).map((at) => Math.min(...cuts.filter((cut) => cut >= at - 200).map((cut) => cut - at)))
}

describe("kill -9", () => {
  it(`of each process, ${kills} times in all, at random moments under load loses nothing (invariant 1: 250 after DATA means durable)`, { timeout: 120_000 + kills * 20_000 }, async () => {
    const random = seededRandom(seed)
    console.log(`LIFEBOAT_TEST_SEED=${seed} LIFEBOAT_TEST_KILLS=${kills}`)
    await start()
    const { primary, installation } = company
    const load = new NumberedLoad({ port: installation.ports.smtp, recipients: everybody, sessions: 4, pause: 400, random })
    const done: Kill[] = []
    const primaryCuts: number[] = []
    const decks = new Map<Mode, Victim[]>()
    const draw = (mode: Mode): Victim => {
      const deck = decks.get(mode)?.length ? decks.get(mode) ?? [] : [...victims]
      decks.set(mode, deck)
      return deck.splice(Math.floor(random() * deck.length), 1)[0] ?? "lifeboat"
    }
    const round = async (phase: Mode, longestPause: number) => {
      for (let n = 0; n < perMode && done.length < kills; n++) {
        await sleep(random() * longestPause)
        const victim = draw(phase)
        const mode = await modeNow()
        const at = await killOne(installation, victim)
        done.push({ victim, mode, at })
        console.log(`kill ${done.length}: ${victim} in ${mode} mode, ${load.transmissions.length} mails sent, ${primary.messages().length} arrived`)
        if (victim === "lifeboat") await installation.restart()
      }
    }
    while (done.length < kills) {
      await round("normal", 2_500)
      primaryCuts.push(Date.now())
      await primary.stop()
      await reaches("emergency")
      await round("emergency", 2_500)
      await expectNoCopyTwice()
      await primary.behave({ slowMs: 100 })
      await reaches("recovering")
      await round("recovering", 3_000)
      await primary.behave({})
      await reaches("normal")
    }
    await load.stop()
    await expectAllSettled()

    const result = balance(load.transmissions, primary)
    const cuts = [...done.filter(({ victim }) => victim === "lifeboat").map(({ at }) => at), ...primaryCuts]
    const databaseKills = done.filter(({ victim }) => victim === "mongod").map(({ at }) => at)
    const unexplained = result.duplicates.filter((duplicate) =>
      timesToCut(duplicate, cuts).some((time, index) => {
        const at = duplicate.arrivals[index] ?? 0
        return time > (databaseKills.some((kill) => Math.abs(kill - at) < databaseReturns) ? databaseReturns : gap)
      }),
    )
    const count = <T>(all: readonly T[], is: (one: T) => boolean) => all.filter(is).length
    console.log(JSON.stringify({
      kills: Object.fromEntries(victims.map((victim) => [victim, count(done, (kill) => kill.victim === victim)])),
      modes: Object.fromEntries((["normal", "emergency", "recovering"] as const).map((mode) => [mode, count(done, (kill) => kill.mode === mode)])),
      sent: load.transmissions.length, unanswered: count(load.transmissions, ({ fate }) => fate === "unknown"), refused: count(load.transmissions, ({ fate }) => fate === "refused"),
      acknowledged: result.acknowledged, lost: result.lost.length, duplicates: result.duplicates.length, timesToCut: result.duplicates.flatMap((duplicate) => timesToCut(duplicate, cuts)), unpromised: result.unpromised,
    }))
    expect(result.lost).toEqual([])
    expect(result.damaged).toEqual([])
    expect(unexplained).toEqual([])
    expect(result.duplicates.length).toBeLessThanOrEqual(cuts.length * mostInFlight)
    expect(new Set(load.transmissions.filter(({ fate }) => fate === "acknowledged").map(({ number }) => number)).size).toBeGreaterThan(kills * 5)
    if (kills >= 12) for (const mode of ["normal", "emergency", "recovering"] as const) expect(done.some((kill) => kill.mode === mode)).toBe(true)
  })

  it("of everything at the same instant leaves all of it intact, and of the main process alone leaves no orphan", async () => {
    await start()
    const { primary, installation } = company
    await primary.stop()
    const load = new NumberedLoad({ port: installation.ports.smtp, recipients: everybody, sessions: 4, pause: 100, random: seededRandom(seed) })
    await reaches("emergency")
    await sleep(2_000)
    const killed = await killAll(installation)
    expect(killed).toHaveLength(victims.length)
    await load.stop()
    const promised = load.transmissions.filter(({ fate }) => fate === "acknowledged")
    expect(promised.length).toBeGreaterThan(10)
    await installation.restart()
    expect((await company.mode()).mode).toBe("emergency")
    for (const name of covered) {
      const wanted = promised.filter(({ recipients }) => recipients.includes(`${name}@${companyDomain}`)).map(({ number }) => number)
      await patiently(`not all mails of ${name} are in the mailbox`, () => company.person(name).subjects(), (subjects) => wanted.every((number) => subjects.map(numberOf).includes(number)))
    }
    await expectNoCopyTwice()

    const before = await Promise.all(parts.map((part) => pidOf(installation, part)))
    const identities = before.map((pid) => (pid === undefined ? "gone" : processIdentity(pid)))
    await killOne(installation, "lifeboat")
    await installation.restart()
    expect(before.map((pid) => pid !== undefined && processIdentity(pid))).not.toEqual(identities)
    for (const [index, pid] of before.entries()) expect(pid !== undefined && processIdentity(pid) === identities[index]).toBe(false)

    await primary.start()
    await expectAllSettled()
    const result = balance(load.transmissions, primary)
    expect(result).toMatchObject({ lost: [], damaged: [], duplicates: [] })
    expect(primary.messages().map((mail) => subjectOf(mail.raw))).not.toContain("")
  })
})

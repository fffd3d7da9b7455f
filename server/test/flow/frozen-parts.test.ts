import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, beforeEach, expect, test } from "vitest"
import { Company, companyDomain, subjectOf } from "../support/company.ts"
import { processesBelow, type ChildProcessEntry } from "../support/processes.ts"

let company: Company
const wait = { timeout: 90_000, interval: 200 }
const anna = `anna@${companyDomain}`

beforeEach(async () => {
  company = await Company.start({ timing: 20, users: ["anna"] })
})
afterEach(() => company.stop())

/** The process of an embedded part. */
async function part(name: "mongod" | "redis-server" | "wildduck"): Promise<ChildProcessEntry> {
  const found = (await processesBelow(company.installation.pid)).find((entry) => entry.commandLine.includes(name))
  if (!found) throw new Error(`${name} does not run`)
  return found
}

/** Sends one mail; says what the answer was and how long it took. */
async function attempt(subject: string): Promise<{ code: number; ms: number; text: string }> {
  const began = performance.now()
  const { code, text } = await company.receive({ subject, to: [anna] })
  return { code, text, ms: performance.now() - began }
}

/** Sends until it is taken, as a sender's server does. */
async function untilTaken(subject: string, timeoutMs = 60_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const { code, text } = await attempt(subject).catch((error: unknown) => ({ code: 0, text: String(error) }))
    if (code === 250) return
    if (code >= 500 || performance.now() > deadline) throw new Error(`"${subject}": ${text}`)
    await sleep(500)
  }
}

const arrivals = () => {
  const count = new Map<string, number>()
  for (const mail of company.primary.messages()) count.set(subjectOf(mail.raw), (count.get(subjectOf(mail.raw)) ?? 0) + 1)
  return count
}

test("the database frozen for 30 s: 451 within 5 s, then all goes on by itself", async () => {
  company.expectedErrors.push(/the client gets a temporary error/)
  const taken: string[] = []
  for (let n = 0; n < 20; n++) {
    const subject = `before ${n}`
    await company.accepted({ subject, to: [anna] })
    taken.push(subject)
  }
  const mongod = await part("mongod")
  process.kill(mongod.pid, "SIGSTOP")
  const frozenAt = performance.now()
  let slowest = 0
  const refused: string[] = []
  try {
    for (let n = 0; performance.now() - frozenAt < 25_000; n++) {
      const subject = `frozen ${n}`
      const { code, ms, text } = await attempt(subject)
      slowest = Math.max(slowest, ms)
      expect(text).toMatch(/^4(51|21) 4\./)
      expect(code).not.toBe(250)
      refused.push(subject)
    }
    await sleep(Math.max(0, 30_000 - (performance.now() - frozenAt)))
  } finally {
    process.kill(mongod.pid, "SIGCONT")
  }
  console.log(`frozen database: ${refused.length} mails refused for now, the slowest answer after ${Math.round(slowest)} ms`)
  expect(slowest).toBeLessThan(5_000 * 1.5)
  const thawedAt = performance.now()
  await untilTaken("after")
  console.log(`first mail taken ${Math.round(performance.now() - thawedAt)} ms after the thaw`)
  taken.push("after")
  await expect.poll(() => taken.filter((subject) => arrivals().get(subject) === undefined), wait).toEqual([])
  await sleep(3_000)
  for (const [subject, count] of arrivals()) expect(count, subject).toBe(1)
  // What was answered 451 must not arrive as well: its sender comes again.
  expect(refused.filter((subject) => arrivals().has(subject))).toEqual([])
  await expect.poll(async () => (await company.queue()).items.length, wait).toBe(0)
  expect((await company.tracking()).map((row) => row.subject).toSorted()).toEqual(taken.toSorted())
})

test.each([
  { name: "wildduck", signal: "SIGSTOP" },
  { name: "wildduck", signal: "SIGKILL" },
  { name: "redis-server", signal: "SIGSTOP" },
  { name: "redis-server", signal: "SIGKILL" },
] as const)("$name with $signal: SMTP goes on, mailboxes come back by themselves", async ({ name, signal }) => {
  const person = company.person("anna")
  await company.primary.behave({ refuse: true })
  await company.accepted({ subject: "first", to: [anna] })
  await company.reaches("emergency")
  await expect.poll(() => person.subjects(), wait).toEqual(["first"])

  const victim = await part(name)
  process.kill(victim.pid, signal)
  try {
    for (let n = 0; n < 5; n++) {
      const { code, ms } = await attempt(`meanwhile ${n}`)
      expect(code).toBe(250)
      expect(ms).toBeLessThan(5_000)
    }
    await sleep(8_000)
    expect((await attempt("late")).code).toBe(250)
  } finally {
    if (signal === "SIGSTOP") process.kill(victim.pid, "SIGCONT")
  }
  const back = performance.now()
  const all = ["first", "late", ...Array.from({ length: 5 }, (_, n) => `meanwhile ${n}`)]
  await expect.poll(() => person.subjects().catch(() => []), wait).toEqual(all)
  console.log(`${name} ${signal}: mailboxes complete after ${Math.round(performance.now() - back)} ms`)
  expect(await person.sources()).toHaveLength(all.length)

  await company.primary.behave({})
  await company.reaches("normal")
  await expect.poll(() => company.atPrimary("anna"), wait).toEqual(all)
  await expect.poll(() => person.subjects(), wait).toEqual([])
  expect(company.atPrimary("anna")).toEqual(all)
})

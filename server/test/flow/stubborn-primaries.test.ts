import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, expect, test } from "vitest"
import type { Mode } from "@lifeboat/shared/continuity-mode"
import { Company, subjectOf } from "../support/company.ts"

let company: Company | undefined
afterEach(async () => {
  const ended = company
  company = undefined
  await ended?.stop()
})

const wait = { timeout: 60_000, interval: 100 }
const at = (local: string) => `${local}@example.com`

/** Looks at the mode without end; `changes` are the modes it went through, the first one included. */
function watchModes(of: Company): { readonly changes: Mode[]; stop(): Promise<void> } {
  const changes: Mode[] = []
  let goesOn = true
  const watching = (async () => {
    while (goesOn) {
      const { mode } = await of.mode().catch(() => ({ mode: undefined }))
      if (mode !== undefined && changes.at(-1) !== mode) changes.push(mode)
      await sleep(25)
    }
  })()
  return {
    changes,
    stop: async () => {
      goesOn = false
      await watching
    },
  }
}

test("a greylisting primary gets every mail once, and the domain stays in normal mode", async () => {
  company = await Company.start({ timing: 20, users: ["anna", "ben"] })
  const { primary } = company
  await primary.behave({ greylistMs: 3_000 })
  const modes = watchModes(company)
  const subjects = Array.from({ length: 10 }, (_, n) => `mail ${n}`)
  for (const [n, subject] of subjects.entries()) await company.accepted({ subject, to: [at(n % 2 ? "anna" : "ben")], from: `sender${n}@outside.example` })
  await primary.waitFor(10, 60_000)
  await expect.poll(async () => (await company?.tracking())?.map((row) => row.status), wait).toEqual(subjects.map(() => "delivered"))
  await modes.stop()
  expect(primary.messages().map((mail) => subjectOf(mail.raw)).toSorted()).toEqual(subjects)
  expect(modes.changes).toEqual(["normal"])
  expect(await company.outages()).toEqual([])
})

test("one recipient of three refused: two are delivered once, the sender hears of the third", async () => {
  company = await Company.start({ timing: 20, users: ["anna", "ben", "carla"] })
  const { primary, internet } = company
  const modes = watchModes(company)

  // At first for now: mailbox full. The others have their mail at once and never a second time.
  await primary.behave({ rcpt: (recipient) => (recipient === at("carla") ? "452 4.2.2 mailbox full" : undefined) })
  await company.accepted({ subject: "full", to: [at("anna"), at("ben"), at("carla")] })
  await expect.poll(() => [company?.atPrimary("anna"), company?.atPrimary("ben"), company?.atPrimary("carla")], wait).toEqual([["full"], ["full"], []])
  await sleep(2_000)
  await primary.behave({})
  await expect.poll(() => company?.atPrimary("carla"), wait).toEqual(["full"])

  // Then for good, but only at DATA time: RCPT was fine while Lifeboat asked.
  let asked = 0
  await primary.behave({ rcpt: (recipient, sender) => (recipient === at("carla") && sender !== "" && ++asked > 0 ? "550 5.2.1 mailbox disabled" : undefined) })
  await company.accepted({ subject: "disabled", to: [at("anna"), at("ben"), at("carla")] })
  await expect.poll(() => company?.atPrimary("anna"), wait).toEqual(["disabled", "full"])
  await internet.waitFor(1, 20_000)
  const report = internet.messages()[0]
  expect(report?.envelope).toMatchObject({ mailFrom: "", rcptTo: ["sender@outside.example"] })
  expect(report?.raw.toString()).toMatch(/^Final-Recipient: rfc822; ?carla@example\.com\r$/m)
  expect(report?.raw.toString()).toContain("550 5.2.1 mailbox disabled")
  await modes.stop()
  expect(modes.changes).toEqual(["normal"])
  expect(company.atPrimary("anna")).toEqual(["disabled", "full"])
  expect(company.atPrimary("ben")).toEqual(["disabled", "full"])
  expect(company.atPrimary("carla")).toEqual(["full"])
  expect(internet.messages()).toHaveLength(1)
})

test("a primary that flaps every 5 s causes no switching to and fro and no loss", async () => {
  const timing = 10
  company = await Company.start({ timing, users: ["anna"] })
  const { primary } = company
  const modes = watchModes(company)
  const expected: string[] = []
  const flaps = 12
  for (let n = 0; n < flaps; n++) {
    await primary.behave(n % 2 ? {} : { refuse: true })
    for (let half = 0; half < 2; half++) {
      const subject = `mail ${String(expected.length).padStart(2, "0")}`
      expected.push(subject)
      await company.accepted({ subject, to: [at("anna")] })
      await sleep(2_500 / timing)
    }
  }
  await primary.behave({})
  await company.reaches("normal")
  await expect.poll(() => company?.atPrimary("anna"), wait).toEqual(expected)
  await expect.poll(() => company?.person("anna").subjects(), wait).toEqual([])
  await sleep(1_000)
  await modes.stop()
  console.log(`flapping: ${modes.changes.join(" → ")}`)
  expect(company.atPrimary("anna")).toEqual(expected)
  expect(modes.changes.filter((mode) => mode === "emergency").length).toBeLessThanOrEqual(1)
  for (const report of await company.outages()) expect(report).toMatchObject({ missing: 0, held: 0, deletedByUser: 0 })
})

import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, expect, test } from "vitest"
import { Company } from "../support/company.ts"

let company: Company
const wait = { timeout: 30_000, interval: 100 }
const at = (local: string) => `${local}@example.com`

beforeAll(async () => {
  company = await Company.start({ users: ["anna", "ben"], continuity: { coverage: "selected" } })
  await company.api("POST", "/continuity/users", { address: at("anna") })
})
afterAll(() => company.stop())

test("an outage with some covered, some not, some unknown to the panel", async () => {
  const { primary } = company
  const anna = company.person("anna")
  const ben = company.person("ben")

  // A mailing list that only the primary knows is learned from its mail.
  await company.accepted({ subject: "to the list", to: [at("list")] })
  await expect.poll(() => company.atPrimary("list"), wait).toEqual(["to the list"])

  await primary.behave({ refuse: true })
  await company.accepted({ subject: "one", to: [at("anna"), at("ben"), at("list")] })
  await company.reaches("emergency")
  await company.accepted({ subject: "two", to: [at("anna"), at("ben"), at("list"), "Anna+shop@EXAMPLE.com"] })
  expect((await company.receive({ subject: "nobody", to: [at("nobody")] })).text).toMatch(/^550 5\.1\.1 /)

  await expect.poll(() => anna.subjects(), wait).toEqual(["one", "two", "two"])
  await sleep(1_000)
  expect(await ben.folders().catch((error: unknown) => String(error))).toMatch(/no-mailbox|403|409/)
  expect((await company.queue()).items.filter((item) => item.recipient === at("ben")).map((item) => item.subject).toSorted()).toEqual(["one", "two"])

  // Who is added in the middle of it gets what has been waiting.
  const added = performance.now()
  await company.api("POST", "/continuity/users", { address: at("ben") })
  await expect.poll(() => ben.subjects().catch(() => []), { timeout: 10_000, interval: 50 }).toEqual(["one", "two"])
  console.log(`added in the emergency: mail is there after ${Math.round(performance.now() - added)} ms`)
  const carla = await company.addUser("carla")
  await company.accepted({ subject: "new user", to: [at("carla")] })
  await company.api("POST", "/continuity/users", { address: at("carla") })
  await expect.poll(() => carla.subjects().catch(() => []), { timeout: 10_000, interval: 50 }).toEqual(["new user"])

  const learned = await company.api<{ items: { address: string }[] }>("GET", "/learned")
  expect(learned.items.map((item) => item.address)).toEqual([at("list")])

  // Who is taken out again keeps what is there; new mail of theirs waits in the queue.
  await company.api("DELETE", `/continuity/users/${at("carla")}`)
  await company.accepted({ subject: "uncovered again", to: [at("carla")] })

  await primary.behave({})
  await company.reaches("normal")
  await expect.poll(() => company.atPrimary("anna"), wait).toEqual(["one", "two"])
  await expect.poll(() => primary.mailbox("Anna+shop@EXAMPLE.com").length, wait).toBe(1)
  await expect.poll(() => company.atPrimary("ben"), wait).toEqual(["one", "two"])
  await expect.poll(() => company.atPrimary("list"), wait).toEqual(["one", "to the list", "two"])
  await expect.poll(() => company.atPrimary("carla"), wait).toEqual(["new user", "uncovered again"])
  await expect.poll(() => anna.subjects(), wait).toEqual([])
  await expect.poll(async () => (await company.queue()).items.length, wait).toBe(0)
  await expect.poll(async () => (await company.outages())[0], wait).toMatchObject({ accepted: 9, delivered: 9, deletedByUser: 0, held: 0, failed: 0, missing: 0 })
})

test("in normal operation the primary decides who exists", async () => {
  const { primary } = company
  await primary.behave({})
  expect((await company.receive({ subject: "nobody", to: [at("nobody")] })).code).toBe(250)
  await primary.behave({ failRecipients: [at("gone")] })
  expect((await company.receive({ subject: "gone", to: [at("gone")] })).text).toMatch(/^550 5\.1\.1 /)
})

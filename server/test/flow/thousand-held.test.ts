import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, expect, test } from "vitest"
import { Company, companyDomain, plainContent, subjectOf } from "../support/company.ts"
import { SmtpDialogue } from "../support/smtp-dialogue.ts"

let company: Company
afterEach(() => company.stop())

const users = ["anna", "ben", "carla", "david"]
const sessions = 5
const subjectAt = (n: number) => `mail ${String(n).padStart(4, "0")}`

/** Sends so many mails over a few sessions, in order within each. */
async function send(count: number): Promise<void> {
  await Promise.all(Array.from({ length: sessions }, async (_, session) => {
    const smtp = await SmtpDialogue.open(company.installation.ports.smtp)
    for (let n = session; n < count; n += sessions) {
      const to = [`${users[n % users.length] ?? ""}@${companyDomain}`]
      const reply = await smtp.mail({ from: "sender@outside.example", to, content: plainContent({ subject: subjectAt(n), to }) })
      expect(reply.code).toBe(250)
    }
    await smtp.command("QUIT")
  }))
}

/** Mails in the inboxes, counted one by one. */
async function inMailboxes(): Promise<number> {
  const counts = await Promise.all(users.map(async (user) => (await company.person(user).mails().catch(() => [])).length))
  return counts.reduce((sum, count) => sum + count, 0)
}

/** The numbers that the folder lists show. */
async function shownInFolders(): Promise<{ total: number; unread: number }[]> {
  return Promise.all(users.map(async (user) => {
    const { total, unread } = await company.person(user).folder("inbox")
    return { total, unread }
  }))
}

/** Everything at the primary exactly once, the mailboxes empty, the report complete. */
async function allThere(count: number): Promise<void> {
  expect(company.primary.messages().map((mail) => subjectOf(mail.raw)).toSorted()).toEqual(Array.from({ length: count }, (_, n) => subjectAt(n)))
  await expect.poll(inMailboxes, { timeout: 180_000, interval: 500 }).toBe(0)
  expect(company.primary.messages()).toHaveLength(count)
  await expect.poll(async () => (await company.outages())[0], { timeout: 20_000, interval: 500 })
    .toMatchObject({ accepted: count, delivered: count, deletedByUser: 0, held: 0, failed: 0, missing: 0 })
}

test("1,000 held mails: a canary, then all of them once, back to normal within 60 s of the primary's return", async () => {
  const count = 1_000
  company = await Company.start({ timing: 1, users })
  const { primary } = company
  await primary.behave({ refuse: true })
  await company.api("PUT", "/mode", { force: "emergency" })
  await company.api("PUT", "/mode", { force: null })
  const sending = performance.now()
  await send(count)
  const accepted = performance.now()
  await expect.poll(inMailboxes, { timeout: 180_000, interval: 500 }).toBe(count)
  console.log(`${count} mails taken in ${Math.round(accepted - sending)} ms, in the mailboxes ${Math.round(performance.now() - accepted)} ms later`)

  expect(await shownInFolders()).toEqual(users.map(() => ({ total: count / users.length, unread: count / users.length })))
  primary.clear()
  const returned = performance.now()
  await primary.behave({})
  await primary.waitFor(1, 60_000)
  const first = performance.now()
  await primary.waitFor(count, 120_000)
  const last = performance.now()
  await company.reaches("normal", 120_000)
  const normal = performance.now()
  console.log(`first mail ${Math.round(first - returned)} ms after the return, all after ${Math.round(last - first)} ms more, normal ${Math.round(normal - returned)} ms after the return`)
  expect(normal - returned).toBeLessThan(60_000)

  const commands = primary.commands()
  expect(commands.slice(0, commands.indexOf("DATA")).filter((command) => command === "MAIL sender@outside.example")).toHaveLength(1)
  const order = primary.messages().map((mail) => Number(subjectOf(mail.raw).slice(5)))
  expect(order[0]).toBeLessThan(sessions)
  const displacement = order.map((n, position) => Math.abs(n - position))
  console.log(`furthest from its place in the order: ${Math.max(...displacement)}`)
  expect(Math.max(...displacement)).toBeLessThan(count / 4)
  await allThere(count)
  expect(await shownInFolders()).toEqual(users.map(() => ({ total: 0, unread: 0 })))
  console.log(`mailboxes empty ${Math.round(performance.now() - returned)} ms after the return`)
})

test("a relapse in the middle of the drain stops it by itself; everything arrives once in the end", async () => {
  const count = 300
  company = await Company.start({ timing: 20, users })
  const { primary } = company
  await primary.behave({ refuse: true })
  await company.accepted({ subject: subjectAt(0), to: [`anna@${companyDomain}`] })
  await company.reaches("emergency")
  await Promise.all(Array.from({ length: count - 1 }, (_, n) => n + 1).reduce<number[][]>((lists, n) => (lists[n % sessions]?.push(n), lists), Array.from({ length: sessions }, () => [])).map(async (list) => {
    for (const n of list) await company.accepted({ subject: subjectAt(n), to: [`${users[n % users.length] ?? ""}@${companyDomain}`] })
  }))
  for (let relapse = 1; relapse <= 2; relapse++) {
    await primary.behave({ slowMs: 20 })
    await primary.waitFor(relapse * 80, 60_000)
    // A server that is shut down: it says so and keeps what it has taken.
    await primary.behave({ banner: "421 4.3.2 shutting down", mail: () => "421 4.3.2 shutting down" })
    await company.reaches("emergency")
    const reached = primary.messages().length
    expect(reached).toBeLessThan(count)
    await sleep(1_500)
    expect(primary.messages().length).toBe(reached)
    expect(await company.outages()).toHaveLength(1)
  }
  await primary.behave({})
  await company.reaches("normal")
  await primary.waitFor(count, 60_000)
  await allThere(count)
})

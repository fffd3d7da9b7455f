import { afterAll, beforeAll, expect, test } from "vitest"
import { Company } from "../support/company.ts"
import type { Person } from "../support/person.ts"

let company: Company
beforeAll(async () => {
  company = await Company.start({ timing: 20, users: ["anna"] })
})
afterAll(() => company.stop())

/** Signs in everywhere with a password; what each way says. */
async function everywhere(anna: Person, password: string): Promise<Record<string, boolean>> {
  const before = anna.password
  anna.password = password
  anna.signOut()
  const works = (attempt: Promise<unknown>) => attempt.then(() => true, () => false)
  const result = {
    web: await works(anna.api("GET", "/api/session")),
    imap: await works(anna.imap("tls").then((imap) => imap.logout())),
    imapStarttls: await works(anna.imap("starttls").then((imap) => imap.logout())),
    pop3: await works(anna.pop3().then((pop3) => pop3.quit())),
    submission: await works(anna.submission("starttls").then((smtp) => smtp.close())),
    submissions: await works(anna.submission("tls").then((smtp) => smtp.close())),
  }
  anna.password = before
  anna.signOut()
  return result
}

const yes = { web: true, imap: true, imapStarttls: true, pop3: true, submission: true, submissions: true }
const no = { web: false, imap: false, imapStarttls: false, pop3: false, submission: false, submissions: false }

test("a changed password counts everywhere at once, the old one nowhere", async () => {
  const anna = company.person("anna")
  const first = anna.password
  expect(await everywhere(anna, first)).toEqual(yes)

  await anna.api("PUT", "/api/session/password", { current: first, password: "the second password" })
  expect(await everywhere(anna, first)).toEqual(no)
  expect(await everywhere(anna, "the second password")).toEqual(yes)

  await company.api("PUT", `/users/${anna.address}`, { password: "set by the administrator" })
  expect(await everywhere(anna, "the second password")).toEqual(no)
  expect(await everywhere(anna, "set by the administrator")).toEqual(yes)
})

test("a user without a password gets in nowhere, a removed one neither", async () => {
  const ben = await company.addUser("ben", { password: undefined })
  for (const guess of ["", ben.password]) expect(await everywhere(ben, guess)).toEqual(no)
  const carla = await company.addUser("carla")
  expect(await everywhere(carla, carla.password)).toEqual(yes)
  await company.api("DELETE", `/users/${carla.address}`)
  expect(await everywhere(carla, carla.password)).toEqual(no)
})

import { afterAll, beforeAll, beforeEach, expect, it } from "vitest"
import { simpleParser } from "mailparser"
import type { Incoming } from "../archive/incoming.ts"
import { startTestApi, testPassword, type TestApi } from "../../test/support/api.ts"

const newPassword = "quite another secret"
let api: TestApi
let mails: Incoming[] = []
let client = 0

beforeAll(async () => {
  api = await startTestApi({
    mail: {
      checkRecipient: (address) => Promise.resolve({ ok: { address, canonical: address, domain: "example.com", user: address, covered: true } }),
      accept: (incoming) => {
        mails.push(incoming)
        return Promise.resolve({ accepted: true, messageId: incoming.body.messageId })
      },
    },
  })
  await api.call("PUT", "/api/domains/example.com", await api.signedIn("admin@localhost", "operator"), {})
  await api.signedIn("root@example.com", "operator")
})
afterAll(() => api.close())
beforeEach(() => {
  mails = []
  client++
})

const from = () => ({ "x-forwarded-for": `203.0.${client}.1` })
const ask = (address: string) => api.call("POST", "/api/session/password-request", undefined, { address }, from())
const reset = (token: string, password = newPassword) => api.call("POST", "/api/session/password-reset", undefined, { token, password })
const signIn = async (address: string, password: string) => (await api.call("POST", "/api/session", undefined, { address, password }, from())).status

async function tokenFor(address: string): Promise<string> {
  const before = mails.length
  expect((await ask(address)).status).toBe(204)
  await expect.poll(() => mails.length).toBe(before + 1)
  const raw = mails.at(-1)?.body.bytes ?? Buffer.alloc(0)
  return /http:\/\/localhost:8080\/new-password#([\w-]{43})$/m.exec((await simpleParser(raw)).text ?? "")?.[1] ?? ""
}

it("sends a link that sets a password once and ends every session", async () => {
  const session = await api.signedIn("anna@example.com")
  const [token, other] = [await tokenFor("Anna@Example.com"), await tokenFor("anna@example.com")]
  expect(mails[0]).toMatchObject({ envelope: { mailFrom: "postmaster@example.com" }, recipients: [{ canonical: "anna@example.com" }], submitter: null, onBehalfOf: ["example.com"] })
  const mail = await simpleParser(mails[0]?.body.bytes ?? Buffer.alloc(0))
  expect(mail.from?.text).toBe('"Lifeboat" <postmaster@example.com>')
  expect(mail.subject).toBe("Neues Passwort setzen / Set a new password")
  expect(JSON.stringify(await api.database.passwordLinks.find({}).toArray())).not.toContain(token)

  expect((await reset(token, "short")).body).toMatchObject({ code: "password-too-short" })
  expect((await reset(token)).status).toBe(204)
  expect((await api.call("GET", "/api/session", session)).status).toBe(401)
  expect([await signIn("anna@example.com", testPassword), await signIn("anna@example.com", newPassword)]).toEqual([401, 200])
  for (const used of [token, other, "x".repeat(43), ""]) expect((await reset(used)).body).toMatchObject({ code: "link-expired" })
  expect(await api.database.audit.findOne({ act: "password-reset" })).toMatchObject({ by: "anna@example.com", domain: "example.com" })
})

it("writes in the user's language", async () => {
  await api.signedIn("dora@example.com")
  await api.database.users.updateOne({ _id: "dora@example.com" }, { $set: { language: "de" } })
  await tokenFor("dora@example.com")
  expect((await simpleParser(mails[0]?.body.bytes ?? Buffer.alloc(0))).subject).toBe("Neues Passwort setzen")
})

it("answers the same for everybody, and sends operators and strangers nothing", async () => {
  await api.signedIn("ben@example.com")
  const answers: string[] = []
  for (const address of ["nobody@example.com", "root@example.com", "no address", "ben@example.com"]) {
    const { status, text } = await ask(address)
    answers.push(`${status} ${text}`)
  }
  expect(new Set(answers)).toEqual(new Set(["204 "]))
  await expect.poll(() => mails.length).toBe(1)
  expect(mails[0]?.recipients[0]?.address).toBe("ben@example.com")
  expect(await api.database.passwordLinks.distinct("address")).not.toContain("root@example.com")
})

it("ends with its time, and with another password", async () => {
  const administrator = await api.signedIn("boss@example.com", "administrator")
  await api.signedIn("carl@example.com")
  const late = await tokenFor("carl@example.com")
  await api.database.passwordLinks.updateMany({ address: "carl@example.com" }, { $set: { expireAt: new Date(Date.now() - 1_000) } })
  expect((await reset(late)).body).toMatchObject({ code: "link-expired" })
  const token = await tokenFor("carl@example.com")
  await api.call("PUT", "/api/domains/example.com/users/carl@example.com", administrator, { password: "set by the boss" })
  expect((await reset(token)).body).toMatchObject({ code: "link-expired" })
  expect(await signIn("carl@example.com", "set by the boss")).toBe(200)
})

it("sends a user only so many mails, and answers a network only so often", async () => {
  await api.signedIn("emil@example.com")
  for (let i = 0; i < 10; i++) {
    expect((await ask("emil@example.com")).status).toBe(204)
    await expect.poll(() => mails.length).toBe(Math.min(i + 1, 3))
  }
  const limited = await ask("nobody@example.com")
  expect([limited.status, limited.body["code"]]).toEqual([429, "too-many-attempts"])
  expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(0)
  expect(mails).toHaveLength(3)
})

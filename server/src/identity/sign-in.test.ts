import { pino } from "pino"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { testDatabase } from "../../test/support/mongo.ts"
import { openDatabase, type Database } from "../store/database.ts"
import { ensureIndexes } from "../store/indexes.ts"
import { ensureFirstOperator, FirstOperatorError } from "./first-operator.ts"
import { Sessions } from "./sessions.ts"
import { SignIn } from "./sign-in.ts"
import { Users } from "./users.ts"

const log = pino({ level: "silent" })
const nothing = () => Promise.resolve()
let database: Database
let users: Users
let sessions: Sessions

beforeAll(async () => {
  const { url, dbName } = testDatabase()
  database = await openDatabase(url, { lifeboat: dbName, wildduck: `${dbName}_wildduck` })
  await ensureIndexes(database)
  sessions = new Sessions(database)
  users = new Users(database, sessions, { userChanged: nothing, userRemoved: nothing, coverageChanged: nothing })
  await users.create("example.com", { address: "anna@example.com", aliases: ["a@example.com"], password: "anna's password" }, new Set(["example.com"]))
  await users.create("example.com", { address: "nopass@example.com" }, new Set())
})
afterAll(async () => {
  await database.db.dropDatabase()
  await database.close()
})

describe("SignIn", () => {
  it.each([
    ["anna@example.com", "anna's password", "user"],
    ["ANNA@EXAMPLE.COM", "anna's password", "user"],
    ["a@example.com", "anna's password", "user"],
    ["anna@example.com", "Anna's password", "wrong"],
    ["anna@example.com", "", "wrong"],
    ["nopass@example.com", "", "wrong"],
    ["nobody@example.com", "anna's password", "wrong"],
    ["not an address", "anna's password", "wrong"],
  ])("%s with %j: %s", async (address, password, kind) => {
    expect((await new SignIn(database, log).authenticate(address, password, "192.0.2.1", "smtp")).kind).toBe(kind)
  })

  it("notes the time of the last sign-in", async () => {
    await expect.poll(async () => (await database.users.findOne({ _id: "anna@example.com" }))?.lastLoginAt).toBeInstanceOf(Date)
  })

  it("remembers a password that was right, and forgets it with a new one", async () => {
    const user = await users.create("example.com", { address: "carl@example.com", password: "carl's password" }, new Set())
    const signIn = new SignIn(database, log)
    await signIn.authenticate(user._id, "carl's password", "192.0.2.1", "smtp")
    const user20 = Promise.all(Array.from({ length: 20 }, () => signIn.authenticate(user._id, "carl's password", "192.0.2.1", "smtp")))
    // A verification takes its time in another thread; what is remembered is answered before one that begins earlier ends.
    const verification = signIn.authenticate(user._id, "a wrong password", "192.0.2.7", "smtp").then(() => "verified")
    expect(await Promise.race([user20.then((all) => all.map((answer) => answer.kind)), verification])).toEqual(Array(20).fill("user"))
    await users.change(user, { password: "another password" }, new Set())
    expect((await signIn.authenticate(user._id, "carl's password", "192.0.2.1", "smtp")).kind).toBe("wrong")
  })

  it("checks the same password of many connections once, so that none of them is limited", async () => {
    const signIn = new SignIn(database, log)
    const results = await Promise.all(Array.from({ length: 50 }, () => signIn.authenticate("anna@example.com", "anna's password", "192.0.2.1", "smtp")))
    expect(new Set(results.map((result) => result.kind))).toEqual(new Set(["user"]))
  })

  it("counts guesses made at the same time", async () => {
    const signIn = new SignIn(database, log)
    const results = await Promise.all(Array.from({ length: 20 }, (_, n) => signIn.authenticate("anna@example.com", `guess ${n}`, "192.0.2.1", "smtp")))
    // Which of them come first is the database's affair.
    const { wrong = [], limited = [] } = Object.groupBy(results, ({ kind }) => kind)
    expect(wrong.length).toBeGreaterThan(0)
    expect(wrong.length).toBeLessThanOrEqual(5)
    expect(limited.length).toBe(20 - wrong.length)
  })
})

describe("Sessions", () => {
  it("end by themselves and never begin with what is not a token", async () => {
    const { token, session } = await sessions.begin("anna@example.com")
    expect((await sessions.find(token))?.user._id).toBe("anna@example.com")
    expect(JSON.stringify(session)).not.toContain(token)
    await database.sessions.updateOne({ _id: session._id }, { $set: { expireAt: new Date(Date.now() + 3_600_000) } })
    await sessions.find(token)
    expect((await database.sessions.findOne({ _id: session._id }))?.expireAt.getTime()).toBeGreaterThan(Date.now() + 11 * 3_600_000)
    await database.sessions.updateOne({ _id: session._id }, { $set: { expireAt: new Date(Date.now() - 1) } })
    expect(await sessions.find(token)).toBeUndefined()
    expect(await sessions.find(session._id)).toBeUndefined()
  })
})

describe("a user who is removed", () => {
  it("is told so by the sessions left, which let nobody in, not even who gets the address next", async () => {
    const user = await users.create("example.com", { address: "left@example.com", password: "left's password" }, new Set())
    const { token, session } = await sessions.begin(user._id)
    const addin = await sessions.beginAddin(user._id, "Outlook")
    expect([await sessions.exists(session), await sessions.ofRemovedUser(token)]).toEqual([true, false])
    await users.remove(user)
    expect([await sessions.find(token), await sessions.exists(session), await sessions.ofRemovedUser(token), await sessions.ofRemovedUser(addin.token)]).toEqual([undefined, false, true, false])
    await users.create("example.com", { address: "left@example.com", password: "another password" }, new Set())
    expect([await sessions.find(token), await sessions.ofRemovedUser(token)]).toEqual([undefined, true])
    await database.sessions.updateOne({ _id: session._id }, { $set: { expireAt: new Date(Date.now() - 1) } })
    expect(await sessions.ofRemovedUser(token)).toBe(false)
  })
})

describe("ensureFirstOperator", () => {
  const signIn = async (password: string) => (await new SignIn(database, log).authenticate("admin@localhost", password, "192.0.2.1", "web")).kind

  it("makes one with a password to be shown once, and takes a given one later", async () => {
    const first = await ensureFirstOperator(database, users, { address: "Admin@localhost", password: undefined })
    expect(await signIn(first.generatedPassword ?? "")).toBe("user")
    expect(await ensureFirstOperator(database, users, { address: "admin@localhost", password: undefined })).toEqual({ address: "admin@localhost", generatedPassword: undefined })
    await ensureFirstOperator(database, users, { address: "admin@localhost", password: "a given password" })
    expect(await signIn("a given password")).toBe("user")
    expect(await signIn(first.generatedPassword ?? "")).toBe("wrong")
  })

  it("leaves sessions alone when nothing changed", async () => {
    const { token } = await sessions.begin("admin@localhost")
    await ensureFirstOperator(database, users, { address: "admin@localhost", password: "a given password" })
    expect(await sessions.find(token)).toBeDefined()
  })

  it("says what is wrong with the address", () => expect(ensureFirstOperator(database, users, { address: "admin", password: undefined })).rejects.toThrow(FirstOperatorError))
})

import { Value } from "typebox/value"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { UserImport } from "@lifeboat/shared/schemas/user"
import { startTestApi, testPassword, type TestApi } from "../../../test/support/api.ts"
import { maxImported, planImport } from "./user-import.ts"

let api: TestApi
let administrator: string
let operator: string
const path = "/api/domains/example.com/users/import"

beforeAll(async () => {
  api = await startTestApi()
  operator = await api.signedIn("admin@localhost", "operator")
  await api.call("PUT", "/api/domains/example.com", operator, {})
  administrator = await api.signedIn("boss@example.com", "administrator")
  await api.signedIn("root@example.com", "operator")
})
afterAll(() => api.close())
beforeEach(() => api.database.users.deleteMany({ domain: "example.com", role: "user" }))

async function imported(file: string | Buffer, query = "", token = administrator): Promise<UserImport> {
  const response = await fetch(`${api.url}${path}${query}`, { method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "text/csv" }, body: new Uint8Array(Buffer.from(file)) })
  const answer: unknown = await response.json()
  if (!Value.Check(UserImport, answer)) throw new Error(`${response.status} ${JSON.stringify(answer)}`)
  return answer
}
const outcomes = ({ lines }: UserImport) => lines.map(({ line, address, outcome, code }) => `${line} ${address} ${outcome}${code === null ? "" : ` ${code}`}`)
const stored = async () => (await api.database.users.find({ domain: "example.com", role: "user" }).sort({ _id: 1 }).toArray()).map(({ _id, name, aliases }) => [_id, name, ...aliases])

describe("reading a file of users", () => {
  it.each([
    ["in order", "anna@example.com,Anna Arndt,a@example.com b@example.com,user,long enough"],
    ["German, with semicolons", "\ufeffPasswort;Rolle;Aliase;Name;E-Mail-Adresse;Abteilung\r\nlong enough;Benutzer;a@example.com, b@example.com;Anna Arndt;anna@example.com;Einkauf"],
    ["English", 'Address,NAME,Alias,role,Password\n"anna@example.com",Anna Arndt,"a@example.com;b@example.com",USER,long enough'],
  ])("finds the columns (%s)", (_name, text) => {
    expect(planImport(text).map(({ wanted, refused }) => ({ ...wanted, refused }))).toEqual([
      { address: "anna@example.com", name: "Anna Arndt", aliases: ["a@example.com", "b@example.com"], role: "user", password: "long enough", refused: null },
    ])
  })

  it("leaves out what a line leaves empty", () => {
    expect(planImport("anna@example.com,,,,\nben@example.com").map(({ wanted }) => wanted)).toEqual([{ address: "anna@example.com" }, { address: "ben@example.com" }])
  })

  it("has an end", () => {
    const file = (count: number) => `address\n${Array.from({ length: count }, (_, n) => `u${n}@example.com`).join("\n")}`
    expect(planImport(file(maxImported))).toHaveLength(maxImported)
    expect(() => planImport(file(maxImported + 1))).toThrow(`At most ${maxImported} users`)
  })
})

describe("importing users", () => {
  const file = "Adresse;Name;Aliase;Rolle;Passwort\nAnna@Example.com;Anna Müller;a@example.com;Benutzer;a good password\nben@example.com;Ben;;;\n"

  it("creates, and changes nothing the second time", async () => {
    expect(outcomes(await imported(file, "?dryRun=true"))).toEqual(["2 anna@example.com created", "3 ben@example.com created"])
    expect(await stored()).toEqual([])
    const first = await imported(file)
    expect(outcomes(first)).toEqual(["2 anna@example.com created", "3 ben@example.com created"])
    expect(first).toMatchObject({ dryRun: false, counts: { created: 2, changed: 0, unchanged: 0, refused: 0 } })
    expect(await stored()).toEqual([["anna@example.com", "Anna Müller", "a@example.com"], ["ben@example.com", "Ben"]])
    expect((await api.call("POST", "/api/session", undefined, { address: "anna@example.com", password: "a good password" })).status).toBe(200)
    expect(outcomes(await imported(file))).toEqual(["2 anna@example.com unchanged", "3 ben@example.com unchanged"])
  })

  it("changes what differs and keeps what is left empty", async () => {
    await imported(file)
    const next = Buffer.from("anna@example.com;Anna Möller;;;\nben@example.com;;;;another password", "latin1")
    expect(outcomes(await imported(next, "?dryRun=true"))).toEqual(["1 anna@example.com changed", "2 ben@example.com changed"])
    expect(outcomes(await imported(next))).toEqual(["1 anna@example.com changed", "2 ben@example.com changed"])
    expect(await stored()).toEqual([["anna@example.com", "Anna Möller", "a@example.com"], ["ben@example.com", "Ben"]])
    expect((await api.call("POST", "/api/session", undefined, { address: "ben@example.com", password: "another password" })).status).toBe(200)
  })

  it.each([["for real", ""], ["as a dry run", "?dryRun=true"]])("refuses each line for itself (%s)", async (_name, query) => {
    await api.signedIn("taken@example.com")
    const lines = [
      "new@example.com", "new@example.com", "no address", "eve@other.example", "tak.en@example.com", "x@example.com,X,taken@example.com", "y@example.com,Y,,emperor",
      "z@example.com,Z,,operator", "w@example.com,W,,,short", "root@example.com,Taken over", "boss@example.com,,,user", "v@example.com,V,v@other.example",
    ]
    const codes = ["created", "line-repeated", "invalid-address", "address-outside-domain", "address-too-similar", "alias-exists", "invalid", "not-allowed", "password-too-short", "not-allowed", "own-account", "address-outside-domain"]
    expect((await imported(lines.join("\r\n"), query)).lines.map(({ outcome, code }) => code ?? outcome)).toEqual(codes)
  })

  it("keeps the session of who imports their own new password", async () => {
    await imported("boss@example.com,,,,my new password")
    expect((await api.call("GET", "/api/session", administrator)).status).toBe(200)
    await imported(`boss@example.com,,,,${testPassword}`)
  })

  it("takes CSV only", async () => {
    expect((await api.call("POST", path, administrator, {})).body).toMatchObject({ code: "unsupported-type" })
  })

  it("notes who did it, without passwords", async () => {
    await imported(file)
    const act = await api.database.audit.findOne({ act: "users-imported" }, { sort: { time: -1 } })
    expect(act).toMatchObject({ by: "boss@example.com", domain: "example.com", detail: '{"created":2,"changed":0,"unchanged":0,"refused":0}' })
  })
})

describe("exporting users", () => {
  it("gives a file that changes nothing when it comes back", async () => {
    await imported("anna@example.com,\"=1+1\",a@example.com b@example.com\n-ben@example.com,Ben")
    const { text, headers } = await api.call("GET", "/api/domains/example.com/users.csv", operator)
    expect(headers.get("content-disposition")).toBe('attachment; filename="users-example.com.csv"')
    expect(text).toContain("anna@example.com,'=1+1,a@example.com b@example.com,user,local,yes,no,\r\n")
    expect(text).toContain("'-ben@example.com,Ben,")
    expect(text).not.toMatch(/\$argon2|\$pbkdf2/)
    expect((await imported(text, "", operator)).counts).toEqual({ created: 0, changed: 0, unchanged: 4, refused: 0 })
  })
})

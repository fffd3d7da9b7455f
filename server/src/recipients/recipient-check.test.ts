import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { startWayIn, type WayIn } from "../../test/support/way-in.ts"
import { insertUser } from "../../test/support/stored-mail.ts"
import { isFresh, isLearned } from "./callout-cache.ts"

let way: WayIn
beforeAll(async () => {
  way = await startWayIn()
  const anna = await insertUser(way.database, "anna@example.com")
  await way.database.users.updateOne({ _id: anna._id }, { $set: { aliases: ["a.b@example.com"] } })
  await insertUser(way.database, "grüße@xn--mnchen-3ya.test")
  way.directory.invalidate()
})
afterAll(() => way.stop())
beforeEach(async () => {
  way.host("example.com")
  await way.primary.behave({})
  way.primary.clear()
  way.signals.length = 0
  await new Promise((resolve) => setTimeout(resolve, 350))
})

const code = async (address: string) => {
  const checked = await way.check(address)
  return "ok" in checked ? checked.ok.user : checked.reply.code * 10 + Number(checked.reply.enhanced[4])
}

describe("recipient check", () => {
  it("finds users by address, alias, plus part, in any case", async () => {
    expect((await way.check("Anna@EXAMPLE.com")) as object).toEqual({
      ok: { address: "Anna@EXAMPLE.com", canonical: "anna@example.com", domain: "example.com", user: "anna@example.com", covered: true },
    })
    expect(await code("a.b@example.com")).toBe("anna@example.com")
    expect(await code("anna+shop@example.com")).toBe("anna@example.com")
    expect(await code("A.B+x@example.com")).toBe("anna@example.com")
  })

  it("knows internationalised domains and local parts", async () => {
    way.host("xn--mnchen-3ya.test")
    expect(await code("grüße@münchen.test")).toBe("grüße@xn--mnchen-3ya.test")
    expect(await code("GRÜSSE@MÜNCHEN.test")).toBe(null)
  })

  it("asks the primary about strangers, once for the same question, and remembers", async () => {
    await way.primary.behave({ slowMs: 50 })
    expect(await Promise.all(Array.from({ length: 20 }, () => code("new@example.com")))).toEqual(Array.from({ length: 20 }, () => null))
    expect(way.primary.commands().filter((command) => command === "RCPT new@example.com")).toHaveLength(1)
    await way.primary.behave({ refuse: true })
    expect(await code("new@example.com")).toBe(null)
  })

  it("refuses whom the primary refuses, the directory's own included", async () => {
    await way.primary.behave({ failRecipients: ["ghost@example.com", "carl@example.com"] })
    expect(await code("ghost@example.com")).toBe(5501)
    await insertUser(way.database, "carl@example.com")
    way.directory.invalidate()
    expect(await code("carl@example.com")).toBe(5501)
  })

  it("does not let users of the directory wait for a silent primary", async () => {
    await insertUser(way.database, "dora@example.com")
    way.directory.invalidate()
    await way.primary.behave({ silent: true })
    const started = Date.now()
    expect(await code("dora@example.com")).toBe("dora@example.com")
    expect(Date.now() - started).toBeLessThan(4_500)
  })

  it("puts strangers off while the primary is down, tells of it, and leaves it alone for a while", async () => {
    await way.primary.behave({ banner: "554 5.3.2 out of order" })
    const before = way.primary.accepted()
    expect(await code("stranger1@example.com")).toBe(4513)
    expect(way.signals).toMatchObject([{ kind: "failure", domain: "example.com", failure: "host" }])
    expect(await code("stranger2@example.com")).toBe(4513)
    expect(way.primary.accepted() - before).toBe(1)
  })

  it("puts strangers off when the primary greylists, without blaming the host", async () => {
    await way.primary.behave({ greylistMs: 60_000 })
    expect(await code("grey@example.com")).toBe(4513)
    expect(way.signals).toEqual([])
  })

  it("accepts learned recipients and postmaster in an emergency, nobody else", async () => {
    way.cache.noteAccepted("list@example.com", "250 ok", new Date())
    way.host("example.com", { mode: "emergency" })
    expect(await code("list@example.com")).toBe(null)
    expect(await code("postmaster@example.com")).toBe(null)
    expect(await code("anna@example.com")).toBe("anna@example.com")
    expect(await code("nobody@example.com")).toBe(5501)
    expect(way.primary.commands()).toEqual([])
  })

  it("never decides for a domain without a primary", async () => {
    way.host("example.com", { primary: null })
    expect(await code("anna@example.com")).toBe(4515)
    expect(await code("nobody@example.com")).toBe(4515)
  })

  it("does not offer routes to the outside through the primary", async () => {
    for (const address of ["victim%outside.test@example.com", "outside.test!victim@example.com", '"victim@outside.test"@example.com']) expect(await code(address)).toBe(5501)
    expect(way.primary.commands()).toEqual([])
    expect(await code("x@outside.test")).toBe(5501)
  })

  it("writes what it learned, keeps it over a restart, and notices a deleted user at once", async () => {
    way.cache.noteAccepted("kept@example.com", "250 ok", new Date())
    way.cache.put("gone@example.com", "refused", "550 no", new Date())
    await way.cache.flush()
    expect(await way.database.callouts.findOne({ _id: "kept@example.com" })).toMatchObject({ domain: "example.com", verdict: "accepted", acceptedAt: expect.any(Date) })
    expect(await way.database.callouts.findOne({ _id: "gone@example.com" })).toMatchObject({ verdict: "refused", acceptedAt: null })
    await insertUser(way.database, "emil@example.com")
    way.directory.invalidate()
    way.host("example.com", { mode: "emergency" })
    expect(await code("emil@example.com")).toBe("emil@example.com")
    await way.database.users.deleteOne({ _id: "emil@example.com" })
    await expect.poll(() => code("emil@example.com"), { timeout: 3_000 }).toBe(5501)
  })
})

describe("age of an answer", () => {
  const now = new Date("2026-11-23T12:00:00Z")
  const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000)
  it.each([
    ["accepted", 23 * 60, false, true],
    ["accepted", 25 * 60, false, false],
    ["refused", 9, false, true],
    ["refused", 11, false, false],
    ["refused", 1, true, false],
  ] as const)("%s %i min ago, known %s: fresh %s", (verdict, minutes, known, fresh) => expect(isFresh({ verdict, checkedAt: ago(minutes) }, known, now)).toBe(fresh))

  it("learned means accepted within 90 days and not refused since", () => {
    expect(isLearned({ verdict: "accepted", acceptedAt: ago(89 * 1440) }, now)).toBe(true)
    expect(isLearned({ verdict: "accepted", acceptedAt: ago(91 * 1440) }, now)).toBe(false)
    expect(isLearned({ verdict: "refused", acceptedAt: ago(1) }, now)).toBe(false)
    expect(isLearned(undefined, now)).toBe(false)
  })
})

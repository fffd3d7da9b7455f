import { argon2Verify } from "hash-wasm"
import { describe, expect, it } from "vitest"
import { hashPassword, verifyPassword } from "./passwords.ts"

describe("passwords", () => {
  it("verifies the right one and no other", async () => {
    const { passwordHash } = await hashPassword("Grün ist die Hoffnung")
    expect(await verifyPassword("Grün ist die Hoffnung", passwordHash)).toBe(true)
    expect(await verifyPassword("Gru\u0308n ist die Hoffnung", passwordHash)).toBe(true)
    expect(await verifyPassword("Grün ist die Hoffnung ", passwordHash)).toBe(false)
    expect(await verifyPassword("", passwordHash)).toBe(false)
  })

  it("writes argon2id as others read it", async () => {
    const { passwordHash } = await hashPassword("correct horse")
    expect(await argon2Verify({ password: "correct horse", hash: passwordHash })).toBe(true)
  })

  it("never gives two people the same hash", async () => {
    const [first, second] = await Promise.all([hashPassword("same"), hashPassword("same")])
    expect(first.passwordHash).not.toBe(second.passwordHash)
    expect(first.mailboxHash).not.toBe(second.mailboxHash)
  })

  it.each(["", "x", "$argon2id$v=19$m=19456,t=2,p=1$$", "$2a$10$abcdefghijklmnopqrstuv"])("refuses %j as a hash", async (hash) => {
    expect(await verifyPassword("x", hash)).toBe(false)
  })
})

import { describe, expect, it } from "vitest"
import type { Role } from "@lifeboat/shared/schemas/session"
import { decideAccess, decideScope, mayChangeUser } from "./access.ts"
import type { UserDocument } from "../store/documents.ts"

function user(role: Role, domain = "example.com"): UserDocument {
  return {
    _id: `${role}@${domain}`, domain, name: "", aliases: [], mailboxKey: "", role, source: "local", passwordHash: null, mailboxHash: null, version: 1, mailbox: null,
    selected: false, language: null, lastLoginAt: null, createdAt: new Date(0),
  }
}

describe("decideAccess", () => {
  it.each([
    [undefined, "operator", undefined, "not-allowed"],
    ["public", undefined, undefined, undefined],
    ["user", undefined, undefined, "not-signed-in"],
    ["user", "user", undefined, undefined],
    ["administrator", "user", "example.com", "not-allowed"],
    ["administrator", "administrator", "example.com", undefined],
    ["administrator", "administrator", undefined, undefined],
    ["administrator", "administrator", "other.example", "not-found"],
    ["administrator", "operator", "other.example", undefined],
    ["operator", "administrator", "example.com", "not-allowed"],
    ["operator", "operator", "example.com", undefined],
  ] as const)("%s route, %s, %s → %s", (access, role, domain, expected) => expect(decideAccess(access, role && user(role), domain)).toBe(expected))
})

describe("decideScope", () => {
  const addin = { addin: { id: "x", name: "Outlook", usedAt: new Date(0) } }
  it.each([
    ["user", undefined, undefined, undefined],
    ["user", undefined, {}, undefined],
    ["user", undefined, addin, "not-allowed"],
    ["user", "token", addin, undefined],
    ["user", "link", addin, undefined],
    ["administrator", undefined, addin, "not-allowed"],
    [undefined, undefined, addin, "not-allowed"],
    ["public", undefined, addin, undefined],
  ] as const)("%s route, add-in %s, session %j → %s", (access, allowed, session, expected) => expect(decideScope(access, allowed, session)).toBe(expected))
})

describe("mayChangeUser", () => {
  it.each([
    ["operator", "operator", "other.example", true],
    ["administrator", "user", "example.com", true],
    ["administrator", "administrator", "example.com", true],
    ["administrator", "operator", "example.com", false],
    ["administrator", "user", "other.example", false],
    ["user", "user", "example.com", false],
  ] as const)("%s changes %s of %s: %s", (by, role, domain, expected) => expect(mayChangeUser(user(by), user(role, domain))).toBe(expected))
})

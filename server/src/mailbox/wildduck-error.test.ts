import { describe, expect, it } from "vitest"
import { classifyAnswer } from "./wildduck-error.ts"

describe("classifyAnswer", () => {
  it.each([
    [500, "InternalDatabaseError", "MongoDB Error: getaddrinfo", "temporary"],
    [500, undefined, "something new", "temporary"],
    [503, undefined, "", "temporary"],
    [200, undefined, "not what was expected", "temporary"],
    [403, "InvalidToken", "Invalid token", "temporary"],
    [400, "OverQuotaError", "User is over quota", "over-quota"],
    [403, "UserDisabled", "User account is disabled", "user-disabled"],
    [500, "UserExistsError", "This username already exists", "exists"],
    [404, "NoSuchMailbox", "", "not-found"],
    [404, undefined, "", "not-found"],
    [400, "InputValidationError", "\"raw\" is required", "refused"],
    [500, undefined, "BSONObj exceeds maximum nested object depth: 200", "unstorable"],
    [500, undefined, "The value of \"offset\" is out of range. It must be >= 0 && <= 17825792", "unstorable"],
  ] as const)("%i %s %j → %s", (status, code, message, failure) => expect(classifyAnswer(status, code, message)).toBe(failure))

  it("is not fooled by names that every object has", () => expect(classifyAnswer(400, "constructor", "")).toBe("refused"))
})

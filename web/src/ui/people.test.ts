import { describe, expect, it } from "vitest"
import { addressesIn, callName, people } from "./people.ts"

describe("people", () => {
  it.each([
    ["Anna Schneider <anna@example.com>", "Anna Schneider"],
    ['"Kundendienst Holz & Stein" <service@holz.example>', "Kundendienst Holz & Stein"],
    ['"Berger, Alex" <a@example.com>, ben@example.com', "Berger, Alex, ben@example.com"],
    ["<anna@example.com>", "anna@example.com"],
    ['"O\\"Neil" <o@example.com>', 'O"Neil'],
    ['"ben@example.com" <mallory@evil.example>', "mallory@evil.example"],
    ["undisclosed-recipients:;", "undisclosed-recipients:;"],
    ["", ""],
  ])("%s → %s", (header, shown) => expect(people(header)).toBe(shown))
})

it("the addresses of a header, without what is none", () =>
  expect(addressesIn('"Berger, Alex" <a@example.com>, ben@example.com, undisclosed-recipients:;')).toEqual(["a@example.com", "ben@example.com"]))

it("a name that looks like an address does not stand for the address", () => {
  expect([callName("Ben", "ben@example.com"), callName("", "ben@example.com"), callName("ben@example.com", "mallory@evil.example"), callName("ben@example.com", ""), callName("", "")]).toEqual(["Ben", "ben@example.com", "mallory@evil.example", "ben@example.com", ""])
})

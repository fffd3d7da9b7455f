import { expect, it } from "vitest"
import { plainAddresses, withOneType, withPlainFields } from "./plain-fields.ts"

it.each([
  ["Carla (the (nested) one) <c@x.example> (again)", "Carla (the nested one) <c@x.example> (again)"],
  ["c@x.example (Carla (the (very) boss) Meyer)", "c@x.example (Carla the very boss Meyer)"],
  ["<<c@x.example>>", "<c@x.example>"],
  ["Carla <@relay.example,@other.example:c@x.example>", "Carla <c@x.example>"],
])("%s is read by all as %s", (value, plain) => expect(plainAddresses(value)).toBe(plain))

it.each(["\"a (b (c) d)\" <c@x.example>", "a ((b) <c@x.example>", "a \\( b <c@x.example>", "\"(( <c@x.example>", "a (b) <c@x.example>"])("%s stays", (value) => expect(plainAddresses(value)).toBe(value))

it("keeps the last of several subjects and dates, and the first of several types", () => {
  expect(withPlainFields("Subject: one\r\n more\r\nFrom: a@b.c\r\nDATE: x\r\nsubject : two\r\nDate: y\r\n\r\n")).toBe("From: a@b.c\r\nsubject : two\r\nDate: y\r\n\r\n")
  expect(withOneType("Content-Type: text/plain;\r\n charset=utf-8\r\nX: y\r\nContent-Type: text/html\r\n\r\n")).toBe("Content-Type: text/plain;\r\n charset=utf-8\r\nX: y\r\n\r\n")
})

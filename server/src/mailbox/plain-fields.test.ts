import { expect, it } from "vitest"
import { plainAddresses, withOneType, withPlainFields, withReadableWords } from "./plain-fields.ts"

it.each([
  ["Carla (the (nested) one) <c@x.example> (again)", "Carla (the nested one) <c@x.example> (again)"],
  ["c@x.example (Carla (the (very) boss) Meyer)", "c@x.example (Carla the very boss Meyer)"],
  ["<<c@x.example>>", "<c@x.example>"],
  ["Carla <@relay.example,@other.example:c@x.example>", "Carla <c@x.example>"],
])("%s is read by all as %s", (value, plain) => expect(plainAddresses(value)).toBe(plain))

it.each(["\"a (b (c) d)\" <c@x.example>", "a ((b) <c@x.example>", "a \\( b <c@x.example>", "\"(( <c@x.example>", "a (b) <c@x.example>"])("%s stays", (value) => expect(plainAddresses(value)).toBe(value))

it("keeps the last of several subjects and dates, and the first of several types", () => {
  expect(withPlainFields("Subject: one\r\n more\r\nFrom: a@b.c\r\nDATE: x\r\nsubject : two\r\nDate: y\r\n\r\n")).toBe("From: a@b.c\r\nsubject: two\r\nDate: y\r\n\r\n")
  expect(withOneType("Content-Type: text/plain;\r\n charset=utf-8\r\nX: y\r\nContent-Type: text/html\r\n\r\n")).toBe("Content-Type: text/plain;\r\n charset=utf-8\r\nX: y\r\n\r\n")
})

it("takes the blank before a colon away", () => expect(withPlainFields("From : a@b.c\r\nX-Y\t: z : w\r\n at : noon\r\n\r\n")).toBe("From: a@b.c\r\nX-Y: z : w\r\n at : noon\r\n\r\n"))

it("makes words in UTF-7 UTF-8", () => {
  const word = (text: string) => `=?utf-8?B?${Buffer.from(text).toString("base64")}?=`
  expect(withReadableWords("=?utf-7?Q?Gr+APwA3w-e_x=3Dy?= =?UNICODE-1-1-UTF-7?b?K0pqby0=?= =?utf-8?Q?=C3=BC?=")).toBe(`${word("Grüße x=y")} ${word("☺")} =?utf-8?Q?=C3=BC?=`)
})

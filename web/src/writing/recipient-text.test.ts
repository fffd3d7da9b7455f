import { expect, it } from "vitest"
import { readRecipient, splitRecipients } from "./recipient-text.ts"

it("takes a pasted list apart, commas in quoted names and all", () => {
  expect(splitRecipients('"Berg, Anna" <anna@example.com>; bob@example.com,\n Carl <carl@x.test> ,;')).toEqual(['"Berg, Anna" <anna@example.com>', "bob@example.com", "Carl <carl@x.test>"])
})
it("survives quotes that never end", () => {
  expect(splitRecipients('"anna@example.com, bob')).toEqual(['"anna@example.com, bob'])
})
it("finds the address, or says that there is none", () => {
  expect(readRecipient("Anna Berg <Anna@Example.COM>").address).toBe("anna@example.com")
  expect(readRecipient("jörg@müller.example").address).toBe("jörg@xn--mller-kva.example")
  expect(readRecipient("anna").address).toBeUndefined()
  expect(readRecipient("Anna <>").address).toBeUndefined()
})

import { expect, it } from "vitest"
import { linkAddress } from "./nodes.ts"

it.each([
  ["https://example.com/a?b", "https://example.com/a?b"],
  ["example.com", "https://example.com"],
  ["müller.example/x", "https://müller.example/x"],
  ["localhost.test:8080/x", "https://localhost.test:8080/x"],
  ["anna@example.com", "mailto:anna@example.com"],
  ["tel:+49301234", "tel:+49301234"],
  ["javascript:alert(1)", undefined],
  ["data:text/html,x", undefined],
  ["two words", undefined],
  ["", undefined],
])("%j as a link is %j", (typed, address) => expect(linkAddress(typed)).toBe(address))

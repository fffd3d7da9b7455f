import { expect, it } from "vitest"
import { linkTarget } from "./link-target.ts"

it("names the host, and the rest behind it", () => {
  expect(linkTarget("https://user:x@shop.example/a?b=1#c", "Shop")).toEqual({ host: "shop.example", rest: "/a?b=1#c", deceives: false })
  expect(linkTarget("https://xn--pypal-4ve.com/", "x")?.host).toBe("xn--pypal-4ve.com")
  expect(linkTarget("mailto:anna%40example.com?subject=x", "Anna")?.host).toBe("anna@example.com")
})
it.each([["https://evil.example/", "https://bank.example/login", true], ["https://evil.example", "www.bank.example", true], ["https://www.bank.example/a", "bank.example", false], ["https://mail.bank.example", "https://bank.example", false], ["https://evil.example", "Zur Bank", false], ["https://bank.example.evil.example", "bank.example", true]])(
  "%s written as %s",
  (href, text, deceives) => expect(linkTarget(href, text)?.deceives).toBe(deceives),
)
it("is nothing for what is no link", () => {
  for (const href of ["javascript:alert(1)", "data:text/html,x", "", "/x"]) expect(linkTarget(href, "x")).toBeUndefined()
})

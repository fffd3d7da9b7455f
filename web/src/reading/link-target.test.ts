import { expect, it } from "vitest"
import { linkTarget } from "./link-target.ts"

it("names the host, and the rest behind it", () => {
  expect(linkTarget("https://user:x@shop.example/a?b=1#c", "Shop")).toEqual({ host: "shop.example", rest: "/a?b=1#c", deceives: false })
  expect(linkTarget("https://xn--pypal-4ve.com/", "x")?.host).toBe("xn--pypal-4ve.com")
  expect(linkTarget("mailto:anna%40example.com?subject=x", "Anna")?.host).toBe("anna@example.com")
})
it.each([["https://evil.example/", "https://bank.example/login", true], ["https://evil.example", "www.bank.example", true], ["https://www.bank.example/a", "bank.example", false], ["https://mail.bank.example", "https://bank.example", false], ["https://evil.example", "Zur Bank", false], ["https://bank.example.evil.example", "bank.example", true],
  ["https://evil.example", "\u200bwww.ba\u00adnk.example\u2060", true], ["https://evil.example", "ba\u034fnk.exam\u3164ple", true], ["https://evil.example", "https://bank.example.", true], ["https://evil.example", "(www.bank.example)", true], ["https://evil.example", "Zur Bank: https://www.bank.example/login", true], ["https://evil.example", "bank。example", true], ["https://evil.example", "https://evil.example@bank.example/", true],
  ["https://bank.example", "Siehe www.bank.example, Seite 2", false], ["https://evil.example", "an info@bank.example", false], ["https://evil.example", "Bank. Oder nicht.", false], ["https://xn--bnk-qla.example", "www.bänk.example", false],
  ["mailto:x@evil.example", "info@bank.example", true], ["mailto:info@bank.example", "Info@Bank.example", false], ["mailto:x@evil.example", "Schreiben Sie uns", false]])(
  "%s written as %s",
  (href, text, deceives) => expect(linkTarget(href, text)?.deceives).toBe(deceives),
)
it("is nothing for what is no link", () => {
  for (const href of ["javascript:alert(1)", "data:text/html,x", "", "/x"]) expect(linkTarget(href, "x")).toBeUndefined()
})

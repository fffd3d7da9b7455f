import { expect, it } from "vitest"
import { readMailto } from "./mailto.ts"

it("reads recipients, subject and text", () => {
  expect(readMailto("mailto:anna+a@example.com,ben%40example.com?cc=c@x.test&subject=Gr%C3%BC%C3%9Fe&body=a%0D%0Ab&to=d@x.test")).toEqual({
    to: ["anna+a@example.com", "ben@example.com", "d@x.test"], cc: ["c@x.test"], bcc: [], subject: "Grüße", text: "a\nb",
  })
})

it("takes no other field, and no line ends into headers", () => {
  const letter = readMailto("MAILTO:a@x.test?attach=/etc/passwd&from=b@x.test&subject=a%0D%0ABcc:%20c@x.test")
  expect(letter).toEqual({ to: ["a@x.test"], cc: [], bcc: [], subject: "a Bcc: c@x.test", text: "" })
})

it.each(["https://example.com", "", "mail:to"])("%j is none", (address) => expect(readMailto(address)).toBeUndefined())
it("bears broken escapes", () => expect(readMailto("mailto:%E0%A4@x.test?subject=100%")?.subject).toBe("100%"))

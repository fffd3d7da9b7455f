import { expect, it } from "vitest"
import { withPlainNames } from "./plain-names.ts"

const named = (...parameters: string[]) => `Content-Type: application/pdf\r\nContent-Disposition: attachment;\r\n ${parameters.join(";\r\n ")}\r\n\r\n`
const nameIn = (header: string) => decodeURIComponent(/; filename\*=utf-8''(\S+)\r\n\r\n$/.exec(withPlainNames(header))?.[1] ?? "?")

it.each([
  ["in pieces", ["filename*0=\"very long \"", "filename*1=\"name.pdf\""], "very long name.pdf"],
  ["in encoded pieces", ["filename*0*=UTF-8''Gr%C3", "filename*1*=%BC%C3%9Fe.pdf"], "Grüße.pdf"],
  ["in pieces, some of them encoded", ["filename*0*=UTF-8''Gr%C3%BC%C3%9Fe%20", "filename*1=\"K=ln 50%25.pdf\""], "Grüße K=ln 50%25.pdf"],
  ["in pieces in any order", ["filename*10=c", "filename*9=b", "size=3", "filename*0=a"], "abc"],
  ["encoded in another charset", ["filename*=iso-8859-1'de'Gr%FC%DFe.pdf"], "Grüße.pdf"],
  ["encoded in a charset that nobody knows", ["filename*=x-foo''Gr%FC%DFe.pdf"], "Grüße.pdf"],
  ["encoded without a charset", ["filename*=Gr%C3%BC%C3%9Fe%.pdf"], "Grüße%.pdf"],
  ["encoded within quotes", ["filename*=\"UTF-8''Gr%C3%BC%C3%9Fe_a.pdf\""], "Grüße_a.pdf"],
  ["in two forms", ["filename=\"Gr__e; a.pdf\"", "filename*=UTF-8''Gr%C3%BC%C3%9Fe.pdf"], "Grüße.pdf"],
  ["with control characters", ["filename=\"a\u0007b.pdf\""], "a b.pdf"],
  ["with a semicolon", ["filename=\"a;b.pdf\""], "a;b.pdf"],
  ["with quotes", ["filename=\"a \\\"b\\\" c.pdf\""], "a \"b\" c.pdf"],
  ["with a semicolon in an encoded word", ["filename=\"=?utf-8?Q?a;_=C3=BC.pdf?=\""], "a; ü.pdf"],
])("a name %s becomes one that everybody reads", (_story, parameters, name) => expect(nameIn(named(...parameters))).toBe(name))

it("leaves the other parameters and fields as they are", () => {
  expect(withPlainNames("Content-Type: text/plain; charset=\"a;b\"; name*=utf-8''a_b%27.txt; x=y\r\nSubject: name*=x\r\n\r\n")).toBe("Content-Type: text/plain; charset=\"a;b\"; x=y; name*=utf-8''a%5fb%27.txt\r\nSubject: name*=x\r\n\r\n")
})

it.each(["filename=a.pdf", "filename=\"a b.pdf\"", "filename=\"=?utf-8?Q?=C3=BC.pdf?=\"", ""])("leaves what everybody reads as it is: %s", (parameter) => expect(withPlainNames(named(parameter))).toBe(named(parameter)))

it("ends soon, however strange", () => {
  const started = performance.now()
  for (const text of ["\"".repeat(19_000), "\\".repeat(19_000), ";filename*1=".repeat(1_500), "%".repeat(19_000), `"${"\\\"".repeat(9_000)}`]) withPlainNames(named(`filename*=${text}`))
  for (const text of ["name=", "name=\"", "name*", "name = "]) withPlainNames(`Subject: ${text.repeat(100_000)}\r\nContent-Type: text/plain; ${text.repeat(3_000)}\r\n\r\n`)
  expect(performance.now() - started).toBeLessThan(2_000)
})

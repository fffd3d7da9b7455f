import { describe, expect, it } from "vitest"
import { decodeLine, parseCommand, parsePathArgument } from "./command.ts"

const path = (rest: string) => {
  const parsed = parsePathArgument("FROM", rest)
  return parsed && [parsed.path, Object.fromEntries(parsed.parameters)]
}

describe("command lines", () => {
  it("splits verb and rest", () => {
    expect(parseCommand("mail FROM:<a@b>  ")).toEqual({ verb: "MAIL", rest: "FROM:<a@b>" })
    expect(parseCommand("QUIT")).toEqual({ verb: "QUIT", rest: "" })
  })

  it("refuses control characters and what is not UTF-8", () => {
    expect(decodeLine(Buffer.from("NOOP \u0001"))).toBeUndefined()
    expect(decodeLine(Buffer.from([0x4e, 0xff]))).toBeUndefined()
    expect(decodeLine(Buffer.from("RCPT TO:<grüße@example.com>"))).toBe("RCPT TO:<grüße@example.com>")
  })

  it.each([
    ["FROM:<a@b.test> SIZE=12 SMTPUTF8", ["a@b.test", { SIZE: "12", SMTPUTF8: undefined }]],
    ["from: <a@b.test> body=8bitmime", ["a@b.test", { BODY: "8bitmime" }]],
    ["FROM:<>", ["", {}]],
    ["FROM:a@b.test SIZE=1", ["a@b.test", { SIZE: "1" }]],
    ['FROM:<"a>b c"@d.test>', ['"a>b c"@d.test', {}]],
    ["FROM:<a@b.test", undefined],
    ["FROM:<a@b.test>x", undefined],
    ["FROM:<a@b.test> SIZE=1 SIZE=2", undefined],
    ["FROM:<a@b.test> S=ä", undefined],
    ["FROM:<<a@b.test>>", undefined],
    ["FROM:", undefined],
    ["TO:<a@b.test>", undefined],
  ])("reads %s", (rest, expected) => expect(path(rest)).toEqual(expected))
})

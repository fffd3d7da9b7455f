import { expect, test } from "vitest"
import { DotStuffing, stuffed } from "./dot-stuffing.ts"

const wire = (text: string) => Buffer.concat(stuffed([Buffer.from(text, "latin1")])).toString("latin1")

/** What RFC 5321 §4.5.2 makes of it at the other end; undefined where the end is missing or something follows it. */
function unstuffed(text: string): string | undefined {
  const end = `\r\n${text}`.indexOf("\r\n.\r\n")
  if (end < 0 || end + 3 !== text.length) return undefined
  return text.slice(0, end).replace(/(^|\r\n)\./g, "$1")
}

const repaired = (text: string) => {
  const lines = text.replace(/\r\n|\r|\n/g, "\r\n")
  return lines === "" || lines.endsWith("\r\n") ? lines : `${lines}\r\n`
}

test.each([
  ["", ".\r\n"],
  ["a", "a\r\n.\r\n"],
  ["a\r\n", "a\r\n.\r\n"],
  [".", "..\r\n.\r\n"],
  [".a\r\n..\r\nb.\r\n", "..a\r\n...\r\nb.\r\n.\r\n"],
  ["a\nb\rc\r\n", "a\r\nb\r\nc\r\n.\r\n"],
  ["a\r\r\nb", "a\r\n\r\nb\r\n.\r\n"],
  ["\n", "\r\n.\r\n"],
  ["a\r", "a\r\n.\r\n"],
  ["\xfc\x00\xff\r\n", "\xfc\x00\xff\r\n.\r\n"],
])("%j goes out as %j", (text, expected) => {
  expect(wire(text)).toBe(expected)
})

test("a body that is fine is not copied", () => {
  const body = Buffer.from("Subject: a\r\n\r\nb.c\r\n")
  expect(stuffed([body])[0]).toBe(body)
})

test.each(["\r\n.\r\n", "\n.\n", "\r.\r", "\n.\r\n", "\r\n.\n", "\r.\r\n", "\r\n.\r", "\r\r\n.\r\r\n", "\n.\r", "\r\n\x00.\r\n", "\r\n..\n.\r\n"])(
  "no body can end early with %j, whatever the reader takes for a line end",
  (sequence) => {
    const out = wire(`Subject: a${sequence}MAIL FROM:<b@c>${sequence}${sequence}x`)
    const withoutEnd = out.slice(0, -3)
    expect(out.endsWith("\r\n.\r\n")).toBe(true)
    expect(withoutEnd).not.toMatch(/(^|[\r\n])\.([\r\n]|$)/)
    expect(withoutEnd.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/)
  },
)

test("any bytes in any pieces arrive as they were, but for repaired line ends", () => {
  // A fixed linear congruence: the same bytes in every run.
  let seed = 42
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  const alphabet = ["\r", "\n", ".", "\r\n", "\r\n.", "a", "bc"]
  for (let round = 0; round < 5_000; round++) {
    let text = ""
    for (let n = random(14); n > 0; n--) text += alphabet[random(alphabet.length)]
    expect(unstuffed(wire(text)), JSON.stringify(text)).toBe(repaired(text))
    const encoder = new DotStuffing()
    let pieces = ""
    for (let at = 0; at < text.length; ) {
      const length = 1 + random(4)
      pieces += encoder.encode(Buffer.from(text.slice(at, at + length), "latin1")).toString("latin1")
      at += length
    }
    expect(pieces + encoder.end().toString("latin1"), JSON.stringify(text)).toBe(wire(text))
  }
})

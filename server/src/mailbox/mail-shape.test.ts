import { describe, expect, it } from "vitest"
import { maxDepth, maxShortLines, measureShape } from "./mail-shape.ts"

function nested(depth: number, newline = "\r\n"): string {
  let mail = ["Content-Type: text/plain", "", "innermost", ""].join(newline)
  for (let level = depth; level > 0; level--) {
    mail = [`Content-Type: multipart/mixed; boundary="level ${level}"`, "", `--level ${level}`, mail, `--level ${level}--`, ""].join(newline)
  }
  return `Subject: deep${newline}${mail}`
}

const attached = (depth: number): string => (depth === 0 ? "Subject: in\r\n\r\ntext\r\n" : `Content-Type: message/rfc822\r\n\r\n${attached(depth - 1)}`)
const shape = (text: string) => measureShape(Buffer.from(text))

describe("measureShape", () => {
  it.each([0, 1, 3, 50])("counts %i levels", (depth) => {
    expect(shape(nested(depth)).depth).toBe(depth)
    expect(shape(nested(depth, "\n")).depth).toBe(depth)
  })
  it("stops counting beyond the limit", () => expect(shape(nested(5_000)).depth).toBe(maxDepth + 1))
  it("counts attached messages", () => expect(shape(attached(7)).depth).toBe(7))
  it("leaves a level at its end", () => {
    const one = nested(2).replace("Subject: deep\r\n", "")
    const siblings = `Content-Type: multipart/mixed; boundary=top\r\n\r\n--top\r\n${one}\r\n--top\r\n${one}\r\n--top--\r\n`
    expect(shape(siblings).depth).toBe(3)
  })
  it("reads folded headers", () => expect(shape("Content-Type: multipart/mixed;\r\n\tboundary=x\r\n\r\n--x\r\n\r\na\r\n--x--\r\n").depth).toBe(1))
  it("takes dashes in a text for what they are", () => expect(shape("Subject: x\r\n\r\n-- \r\nAnna\r\n--x--\r\n").depth).toBe(0))
  it("counts short lines up to the limit", () => {
    expect(shape("Subject: x\r\n\r\na\r\nb").shortLines).toBe(4)
    expect(shape("\n".repeat(maxShortLines * 3)).shortLines).toBe(maxShortLines + 1)
  })
  it("counts no line of ordinary length, however many there are", () => {
    expect(shape(`Subject: x\r\n\r\n${`${"QUJD".repeat(19)}\r\n`.repeat(maxShortLines * 2)}`).shortLines).toBe(2)
    expect(shape(`${"a".repeat(39)}\r\n${"a".repeat(40)}\r\n${"a".repeat(39)}\n${"a".repeat(40)}`).shortLines).toBe(2)
  })
  it("takes an empty mail", () => expect(shape("")).toEqual({ depth: 0, shortLines: 0 }))
  it("is quick with a hostile one", () => {
    const hostile = `Content-Type: multipart/mixed; boundary=x\r\n\r\n${"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n".repeat(40_000)}`
    const started = performance.now()
    shape(hostile)
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

import { expect, test } from "vitest"
import { ReplyError, ReplyParser, replyLine, type ServerReply } from "./smtp-reply.ts"

function parse(...chunks: string[]): ServerReply[] {
  const parser = new ReplyParser()
  const replies: ServerReply[] = []
  for (const chunk of chunks) parser.feed(Buffer.from(chunk), (reply) => replies.push(reply))
  return replies
}

test.each([
  ["250 2.1.0 Ok\r\n", 250, "2.1.0", "250 2.1.0 Ok"],
  ["250\r\n", 250, undefined, "250"],
  ["354 \r\n", 354, undefined, "354"],
  ["550 5.1.1\r\n", 550, "5.1.1", "550 5.1.1"],
  ["550 4.1.1 classes differ\r\n", 550, undefined, "550 4.1.1 classes differ"],
  ["250-5.1.1 is mine\n250 ok\n", 250, undefined, "250 5.1.1 is mine ok"],
  ["550-5.7.1 refused:\r\n550-5.7.1 see\r\n550 5.7.1 https://a.test\r\n", 550, "5.7.1", "550 5.7.1 refused: see https://a.test"],
  ["550 5.7.1 a\u0000b\u001b[31m\r\n", 550, "5.7.1", "550 5.7.1 a b [31m"],
  ["550 5.1.1 Empfänger unbekannt\r\n", 550, "5.1.1", "550 5.1.1 Empfänger unbekannt"],
])("%j", (text, code, enhanced, line) => {
  const replies = parse(text)
  expect(replies).toHaveLength(1)
  expect(replies[0]).toMatchObject({ code, enhanced })
  expect(replyLine(replies[0]!)).toBe(line)
})

test("several replies in one piece, and one reply in many", () => {
  expect(parse("250 a\r\n250 b\r\n35", "4 c\r", "\n").map(replyLine)).toEqual(["250 a", "250 b", "354 c"])
  expect(parse(...[..."250-one\r\n250 two\r\n"]).map(replyLine)).toEqual(["250 one two"])
})

test("replies before a broken one are still told", () => {
  const parser = new ReplyParser()
  const replies: ServerReply[] = []
  expect(() => parser.feed(Buffer.from("250 taken\r\nwhat\r\n"), (reply) => replies.push(reply))).toThrow(ReplyError)
  expect(replies.map(replyLine)).toEqual(["250 taken"])
})

test.each([
  "HTTP/1.1 400 Bad Request\r\n",
  "25 x\r\n",
  "150 too low\r\n",
  "650 too high\r\n",
  "250_x\r\n",
  "\r\n",
  "250-a\r\n550 b\r\n",
  `250 ${"x".repeat(5_000)}\r\n`,
  `250 ${"x".repeat(5_000)}`,
  "250-x\r\n".repeat(201),
])("is no reply: %#", (text) => {
  expect(() => parse(text)).toThrow(ReplyError)
})

test("nothing said before TLS is left after it", () => {
  const parser = new ReplyParser()
  const replies: ServerReply[] = []
  parser.feed(Buffer.from("250-half\r\n250 inj"), (reply) => replies.push(reply))
  parser.reset()
  expect(parser.partial).toBe(false)
  parser.feed(Buffer.from("250 clean\r\n"), (reply) => replies.push(reply))
  expect(replies.map(replyLine)).toEqual(["250 clean"])
})

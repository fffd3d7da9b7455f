import { expect, test } from "vitest"
import { classifyOutcome, isTooManyRecipients, type Incident, type Stage } from "./classify-outcome.ts"
import type { ServerReply } from "./smtp-reply.ts"

const reply = (text: string): ServerReply => ({ code: Number(text.slice(0, 3)), enhanced: /^\d{3} (\d\.\d+\.\d+)/.exec(text)?.[1], lines: [text.slice(4)] })
const classify = (incident: Incident) => {
  const { kind, failure, possiblyTwice, untried } = { failure: undefined, possiblyTwice: undefined, untried: undefined, ...classifyOutcome(incident, "mx:25") }
  return [kind, failure, ...(possiblyTwice ? ["possibly-twice"] : []), ...(untried ? ["untried"] : [])].filter(Boolean).join(" ")
}

test.each<[Stage, string, string]>([
  ["banner", "554 5.3.0 no service", "deferred host"],
  ["banner", "450 4.3.2 later", "deferred host"],
  ["banner", "421 4.3.2 later", "deferred host"],
  ["ehlo", "550 5.7.1 go away", "deferred host"],
  ["ehlo", "451 4.3.0 later", "deferred host"],
  ["tls", "454 4.7.0 TLS not available", "deferred host"],
  ["auth", "535 5.7.8 wrong", "deferred host"],
  ["mail", "421 4.3.2 later", "deferred host"],
  ["mail", "452 4.3.1 disk full", "deferred message"],
  ["mail", "550 5.7.1 sender refused", "failed message"],
  ["mail", "530 5.7.0 must issue STARTTLS first", "deferred host"],
  ["mail", "503 5.5.1 bad sequence", "deferred host"],
  ["mail", "500 5.5.2 unknown command", "deferred host"],
  ["rcpt", "421 4.3.2 later", "deferred host"],
  ["rcpt", "450 4.2.0 greylisted", "deferred recipient"],
  ["rcpt", "452 4.2.2 mailbox full", "deferred recipient"],
  ["rcpt", "550 5.1.1 unknown", "failed recipient"],
  ["rcpt", "552 5.2.2 mailbox full", "failed recipient"],
  ["rcpt", "354 what", "deferred recipient"],
  ["data", "451 4.3.0 later", "deferred message"],
  ["data", "554 5.7.1 no", "failed message"],
  ["data", "250 what", "deferred message"],
  ["body", "552 5.3.4 too big", "failed message"],
  ["dot", "250 2.0.0 queued", "delivered"],
  ["dot", "251 will forward", "delivered"],
  ["dot", "421 4.3.2 later", "deferred host"],
  ["dot", "452 4.3.1 disk full", "deferred message"],
  ["dot", "550 5.7.1 spam", "failed message"],
  ["dot", "354 what", "deferred message possibly-twice"],
])("%s answered with %s: %s", (stage, text, expected) => {
  expect(classify({ stage, reply: reply(text) })).toBe(expected)
})

test.each<[Stage, Exclude<Incident, { reply: ServerReply }>["broken"], string]>([
  ["dns", "lost", "deferred host"],
  ["connect", "refused", "deferred host"],
  ["connect", "timeout", "deferred host"],
  ["connect", "local", "deferred message untried"],
  ["banner", "timeout", "deferred host"],
  ["tls", "tls", "deferred host"],
  ["mail", "timeout", "deferred host"],
  ["mail", "lost", "deferred host"],
  ["mail", "protocol", "deferred host"],
  ["rcpt", "timeout", "deferred recipient"],
  ["rcpt", "lost", "deferred host"],
  ["data", "timeout", "deferred host"],
  ["body", "lost", "deferred host"],
  ["body", "local", "deferred message"],
  ["dot", "timeout", "deferred message possibly-twice"],
  ["dot", "lost", "deferred message possibly-twice"],
  ["dot", "protocol", "deferred message possibly-twice"],
  ["dot", "aborted", "deferred message possibly-twice"],
  ["connect", "aborted", "deferred message untried"],
  ["rcpt", "aborted", "deferred message untried"],
])("%s breaks off by %s: %s", (stage, broken, expected) => {
  expect(classify({ stage, broken, detail: "x" })).toBe(expected)
})

test("no stage makes a 5xx before MAIL permanent, and none a 4xx", () => {
  for (let code = 400; code < 600; code++) {
    for (const stage of ["dns", "connect", "banner", "ehlo", "tls", "auth"] as const) expect(classify({ stage, reply: reply(`${code} x`) })).toBe("deferred host")
    for (const stage of ["mail", "rcpt", "data", "body", "dot"] as const) if (code < 500) expect(classify({ stage, reply: reply(`${code} x`) })).toMatch(/^deferred/)
  }
})

test("too many recipients is told from a full mailbox", () => {
  expect(isTooManyRecipients(reply("452 4.5.3 too many"), 1)).toBe(true)
  expect(isTooManyRecipients(reply("452 too many"), 1)).toBe(true)
  expect(isTooManyRecipients(reply("552 too many"), 1)).toBe(true)
  expect(isTooManyRecipients(reply("452 4.5.3 too many"), 0)).toBe(false)
  expect(isTooManyRecipients(reply("452 4.2.2 full"), 1)).toBe(false)
  expect(isTooManyRecipients(reply("552 5.2.2 full"), 1)).toBe(false)
  expect(isTooManyRecipients(reply("550 5.1.1 unknown"), 1)).toBe(false)
})

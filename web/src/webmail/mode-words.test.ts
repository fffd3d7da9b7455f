import type { MailOutage, MailStatus } from "@lifeboat/shared/schemas/mail"
import { describe, expect, it } from "vitest"
import { modeWords } from "./mode-words.ts"

const since = "2026-03-10T08:14:00.000Z"
const outage = (change: Partial<MailOutage> = {}): MailOutage => ({ id: "o1", start: since, end: null, mails: 12, delivered: 0, deleted: 0, refused: 0, ...change })
const status = (change: Partial<MailStatus> = {}): MailStatus => ({ domain: "example.com", mode: "normal", since, forced: false, silent: true, mailbox: true, covered: true, waiting: 0, outage: null, ...change })
const said = (given: MailStatus, seen: string | null = null) => {
  const { look, headline, rest, numbers, details } = modeWords(given, seen)
  return [look, ...[...headline, ...rest, ...numbers].map(({ text }) => text.replace("modeBar.", "")), "|", ...details.map(({ text }) => text.replace("modeBar.", ""))]
}

describe("the bar says", () => {
  it.each([
    [{}, ["calm", "normal", "normalMore", "|", "outgoing", "sentCopy"]],
    [{ covered: false }, ["calm", "normal", "normalUncovered", "|", "outgoing", "sentCopy"]],
    [{ forced: true }, ["calm", "normal", "normalMore", "|", "forcedNormal", "outgoing", "sentCopy"]],
    [{ mode: "emergency", waiting: 2 }, ["outage", "emergency", "standby", "later", "waitingNow", "|", "incoming", "outgoingInside", "sentCopy"]],
    [{ mode: "emergency", forced: true, silent: false }, ["outage", "forced", "standby", "laterForced", "|", "incoming", "outgoingInside", "sentCopy"]],
    [{ mode: "emergency", silent: false }, ["outage", "forced", "standby", "laterForced", "|", "incoming", "outgoingInside", "sentCopy"]],
    [{ mode: "emergency", covered: false }, ["outage", "emergency", "uncovered", "later", "|", "outgoingInside", "sentCopy"]],
    [{ mode: "emergency", covered: false, forced: true, silent: false }, ["outage", "forced", "uncoveredForced", "|", "outgoingInside", "sentCopy"]],
    [{ mode: "recovering", waiting: 5, outage: outage({ delivered: 7 }) }, ["recovering", "recovering", "handingOver", "waiting", "|", "incomingBack", "outgoing", "sentCopy"]],
    [{ mode: "recovering", waiting: 1, outage: outage({ delivered: 11, refused: 1 }) }, ["recovering", "recovering", "handingOver", "refused", "|", "incomingBack", "outgoing", "sentCopy"]],
    [{ outage: outage({ end: since, delivered: 10, deleted: 2 }) }, ["over", "allDelivered", "normal", "allDeliveredMore", "|", "outgoing", "sentCopy"]],
    [{ outage: outage({ end: since, delivered: 11, refused: 1 }) }, ["over", "over", "normal", "allDeliveredMore", "refused", "|", "outgoing", "sentCopy"]],
    [{ outage: outage({ end: since, delivered: 5, refused: 1 }), waiting: 7 }, ["over", "over", "handingOver", "allDeliveredMore", "waiting", "refused", "|", "outgoing", "sentCopy"]],
    [{ outage: outage({ end: since, mails: 0 }) }, ["calm", "normal", "normalMore", "|", "outgoing", "sentCopy"]],
  ] satisfies [Partial<MailStatus>, string[]][])("%j", (change, expected) => expect(said(status(change))).toEqual(expected))

  it("nothing more of an outage that was put away", () => expect(said(status({ outage: outage({ end: since, delivered: 12 }) }), "o1")[0]).toBe("calm"))

  it("how far the handing over is, without what was deleted or refused", () => {
    expect(modeWords(status({ mode: "recovering", waiting: 4, outage: outage({ delivered: 6, deleted: 1, refused: 1 }) }), null).progress).toEqual({ done: 6, of: 10 })
    expect(modeWords(status({ mode: "recovering", outage: outage({ mails: 0 }) }), null).progress).toBeNull()
  })
})

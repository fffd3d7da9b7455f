import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { FailureClass, Outcome } from "../delivery/delivery-target.ts"
import { continuitySettings } from "./continuity-settings.ts"
import { PrimaryGate } from "./primary-gate.ts"

const settings = continuitySettings({ scaled: (ms) => ms, scaledTimeout: (ms) => ms })
const delivered: Outcome = { kind: "delivered", reply: "250 2.0.0 ok", server: "p:25" }
const deferred = (failure: FailureClass, reply = "451 4.3.0 later"): Outcome => ({ kind: "deferred", failure, reply, server: "p:25" })
const refused: Outcome = { kind: "failed", failure: "recipient", reply: "550 5.1.1 unknown", server: "p:25" }

function open() {
  let reopened = 0
  let changes = 0
  const gate = new PrimaryGate(settings, () => reopened++)
  gate.onChange(() => changes++)
  const learn = (outcome: Outcome, times = 1) => {
    for (let i = 0; i < times; i++) gate.learned(outcome)
  }
  return { gate, learn, reopened: () => reopened, changes: () => changes }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe("PrimaryGate", () => {
  it("lets due mail through in normal operation", () => expect(open().gate.allowance()).toEqual({ claim: "due", concurrency: 20 }))

  it("lets nothing through in emergency or without a primary", () => {
    const { gate } = open()
    gate.follow("emergency", true, false)
    expect(gate.allowance().claim).toBe("nothing")
    gate.follow("normal", false, false)
    expect(gate.allowance().claim).toBe("nothing")
  })

  it("begins a recovery with the canary and doubles with each round", () => {
    const { gate, learn } = open()
    gate.follow("emergency", true, false)
    gate.follow("recovering", true, false)
    const widths = [gate.allowance().concurrency]
    for (const round of [1, 2, 4, 8, 16]) {
      learn(delivered, round)
      widths.push(gate.allowance().concurrency)
    }
    expect(widths).toEqual([1, 2, 4, 8, 16, 20])
    expect(gate.allowance().claim).toBe("due-and-held")
  })

  it("goes on draining in normal operation while mail is held, and no longer", () => {
    const { gate } = open()
    gate.follow("emergency", true, false)
    gate.follow("normal", true, false)
    expect(gate.allowance().claim).toBe("due-and-held")
    gate.holds(false)
    expect(gate.allowance().claim).toBe("due")
    gate.holds(true)
    expect(gate.allowance()).toEqual({ claim: "due-and-held", concurrency: 1 })
  })

  it("shrinks when the primary defers mails or says 421, and not for single recipients", () => {
    const { gate, learn } = open()
    learn(deferred("recipient"), 50)
    learn(refused, 50)
    learn({ kind: "deferred", failure: "message", reply: "no mail server is set for this domain", server: "none" }, 50)
    expect(gate.allowance().concurrency).toBe(20)
    learn(deferred("message", "452 4.3.1 full"))
    expect(gate.allowance().concurrency).toBe(10)
    learn(deferred("host", "421 4.7.0 too many"))
    expect(gate.allowance().concurrency).toBe(5)
  })

  it("pauses after a failure of the host, longer each time, with one canary between", () => {
    const { gate, learn, reopened } = open()
    for (const pause of [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
      learn(deferred("host", "connection lost"), 10)
      expect(gate.allowance().claim).toBe("nothing")
      vi.advanceTimersByTime(pause - 1)
      expect(gate.allowance().claim).toBe("nothing")
      vi.advanceTimersByTime(1)
      expect(gate.allowance()).toEqual({ claim: "due", concurrency: 1 })
    }
    expect(reopened()).toBe(0)
    learn(delivered)
    expect(reopened()).toBe(1)
    expect(gate.allowance()).toEqual({ claim: "due", concurrency: 2 })
    learn(deferred("host", "connection lost"))
    vi.advanceTimersByTime(2_000)
    expect(gate.allowance().claim).toBe("due")
  })

  it("runs no canary while a failure is being confirmed, and goes on when it was none", () => {
    const { gate, learn } = open()
    gate.follow("normal", true, true)
    expect(gate.allowance()).toEqual({ claim: "due", concurrency: 20 })
    learn(deferred("host", "no reply within 10 s"))
    vi.advanceTimersByTime(2_000)
    expect(gate.allowance().claim).toBe("nothing")
    gate.follow("normal", true, false)
    expect(gate.allowance()).toEqual({ claim: "due", concurrency: 1 })
  })

  it("takes a run of 421 for a failure of the host, single ones not", () => {
    const { gate, learn } = open()
    for (let i = 0; i < 20; i++) {
      learn(deferred("host", "421 4.7.0 enough"), 4)
      learn(delivered)
    }
    expect(gate.allowance().claim).toBe("due")
    learn(deferred("host", "421 4.7.0 enough"), 5)
    expect(gate.allowance().claim).toBe("nothing")
  })

  it("a canary that is not tried or refused for its recipient neither opens nor stops", () => {
    const { gate, learn } = open()
    gate.follow("emergency", true, false)
    gate.follow("recovering", true, false)
    learn({ kind: "deferred", failure: "host", reply: "", server: "", untried: true })
    learn(refused)
    learn({ kind: "cancelled", reply: "", server: "" })
    expect(gate.allowance()).toEqual({ claim: "due-and-held", concurrency: 1 })
  })

  it("ends its pause when told that the primary answers", () => {
    const { gate, learn, changes } = open()
    learn(deferred("host", "connection lost"))
    gate.resume()
    expect(gate.allowance()).toEqual({ claim: "due", concurrency: 1 })
    expect(changes()).toBe(2)
  })
})

import { describe, expect, it } from "vitest"
import type { ModeReason } from "@lifeboat/shared/continuity-mode"
import type { ModeState } from "../store/documents.ts"
import { continuitySettings } from "./continuity-settings.ts"
import { initialMode, transition, type Effect, type ModeContext, type ModeEvent, type ProbeVerdict } from "./mode-machine.ts"

const start = new Date("2026-03-02T09:00:00Z")
const thresholds = continuitySettings({ scaled: (ms) => ms, scaledTimeout: (ms) => ms })

type Settings = Partial<Pick<ModeContext, "enabled" | "activation" | "hasPrimary">>

/** A domain under the machine with a clock of its own; each probe runs when it is due. */
function domain(settings: Settings = {}, state: ModeState = initialMode(start)) {
  let now = start
  let current: Settings = settings
  const effects: Effect["kind"][] = []
  const versions: number[] = [state.version]
  let outages = 0
  const machine = {
    get state() {
      return state
    },
    get now() {
      return now
    },
    effects,
    versions,
    wait(ms: number) {
      now = new Date(now.getTime() + ms)
      return machine
    },
    set(next: Settings, primaryChanged = false) {
      current = { ...current, ...next }
      return machine.on({ type: "settings", by: "admin@example.com", primaryChanged })
    },
    on(event: ModeEvent) {
      const next = transition(state, event, { enabled: true, activation: "automatic", hasPrimary: true, ...current, thresholds, now, random: () => 0.5, outageId: () => `outage-${outages + 1}` })
      if (next.state !== state) versions.push(next.state.version)
      for (const effect of next.effects) {
        if (effect.kind === "outage-started") outages++
        effects.push(effect.kind)
      }
      state = next.state
      return machine
    },
    fails: (failure: "host" | "message" | "recipient", reply = "451 4.3.0 later", again = false) => machine.on({ type: "failure", failure, reply, again }),
    succeeds: () => machine.on({ type: "success" }),
    force: (mode: "emergency" | "normal" | null) => machine.on({ type: "forced", mode, by: "admin@example.com" }),
    /** Waits until the probe is due, claims and runs it. */
    probe(verdict: ProbeVerdict) {
      const seen = state.nextProbeAt
      if (!seen) throw new Error("no probe is due")
      if (seen > now) now = seen
      const until = new Date(now.getTime() + 20_000)
      machine.on({ type: "claim", seen, until })
      return machine.on({ type: "probe", claimed: until, verdict })
    },
    up: (times = 1) => {
      for (let i = 0; i < times; i++) machine.probe({ up: true })
      return machine
    },
    down: (reason: ModeReason = "primary-refused", failure: "host" | "message" | "recipient" = "host") =>
      machine.probe({ up: false, failure, reason, reply: `reply: ${reason}` }),
  }
  return machine.on({ type: "settings", by: "automatic", primaryChanged: false })
}

const outage = (settings: Settings = {}) => domain(settings).fails("host", "cannot connect").down()
const recovering = () => outage().up(3)

describe("normal", () => {
  it("asks for the confirming probe after a failure of the host, and is still normal", () => {
    const machine = domain().up().fails("host", "cannot connect")
    expect(machine.state).toMatchObject({ mode: "normal", nextProbeAt: machine.now, watch: { confirming: true } })
    expect(machine.effects).toContain("probe")
  })

  it.each<[ModeReason]>([["primary-silent"], ["primary-refused"], ["primary-error"], ["primary-deferring"]])("goes into emergency when the confirming probe ends %s", (reason) => {
    const machine = domain().up().fails("host").down(reason)
    expect(machine.state).toMatchObject({ mode: "emergency", reason, detail: `reply: ${reason}`, by: "automatic", forced: false, outageId: "outage-1", since: machine.now })
    expect(machine.effects.slice(-2)).toEqual(["outage-started", "rescue"])
  })

  it("stays when the confirming probe succeeds", () => expect(domain().up().fails("host").up().state).toMatchObject({ mode: "normal", outageId: null, watch: { confirming: false } }))

  it("confirms a failing probe as it confirms a failing delivery", () => {
    expect(domain().down().state).toMatchObject({ mode: "normal", watch: { confirming: true } })
    expect(domain().down().down().state.mode).toBe("emergency")
  })

  it("probes from time to time", () => {
    const machine = domain().up()
    expect(machine.state.nextProbeAt?.getTime()).toBe(machine.now.getTime() + 60_000)
  })

  it("does not count a probe that was overtaken by a new question", () => {
    const machine = domain().up()
    const seen = machine.state.nextProbeAt ?? machine.now
    const until = new Date(seen.getTime() + 20_000)
    machine.on({ type: "claim", seen, until }).fails("host").on({ type: "probe", claimed: until, verdict: { up: true } })
    expect(machine.state.watch?.confirming).toBe(true)
  })

  it("gives a probe to one node only", () => {
    const machine = domain().up()
    const seen = machine.state.nextProbeAt ?? machine.now
    machine.on({ type: "claim", seen, until: new Date(1) })
    const version = machine.state.version
    expect(machine.on({ type: "claim", seen, until: new Date(2) }).state).toMatchObject({ version, nextProbeAt: new Date(1) })
  })

  it.each<["message" | "recipient"]>([["message"], ["recipient"]])("asks after one failure of a %s, and stays with the probe succeeding", (failure) => {
    const machine = domain().up().wait(11_000).fails(failure)
    expect(machine.state.watch?.confirming).toBe(true)
    expect(machine.up().state.mode).toBe("normal")
  })

  it("does not ask about single mails again right after a probe succeeded", () => {
    const machine = domain().up().wait(2_000).fails("message")
    expect(machine.state.watch?.confirming).toBe(false)
  })

  it("does not take 421 on one session for the host while a probe succeeded just now", () => {
    expect(domain().up().fails("host", "421 4.7.0 enough").state.watch?.confirming).toBe(false)
    expect(domain().up().wait(11_000).fails("host", "421 4.7.0 enough").state.watch?.confirming).toBe(true)
  })

  it("takes a probe that is deferred at MAIL for an outage", () => expect(domain().up().wait(11_000).fails("message").down("primary-deferring", "message").state).toMatchObject({ mode: "emergency", reason: "primary-deferring" }))

  it("does not take a probe that is greylisted at RCPT for an outage", () => {
    const machine = domain().up().wait(11_000).fails("recipient").down("primary-deferring", "recipient")
    expect(machine.state).toMatchObject({ mode: "normal", watch: { confirming: false } })
  })

  it("takes five deferred mails within a minute or more for an outage, whatever the probes say", () => {
    const machine = domain().up()
    for (let i = 0; i < 5; i++) machine.fails("message", "452 4.3.1 disk full")
    expect(machine.state.mode).toBe("normal")
    machine.wait(59_000).fails("message")
    expect(machine.state.mode).toBe("normal")
    machine.wait(1_000).fails("message", "452 4.3.1 disk full")
    expect(machine.state).toMatchObject({ mode: "emergency", reason: "primary-deferring", detail: "452 4.3.1 disk full" })
  })

  it("a success between ends the run", () => {
    const machine = domain().up()
    for (let i = 0; i < 4; i++) machine.fails("message")
    machine.wait(60_000).succeeds().fails("message")
    expect(machine.state).toMatchObject({ mode: "normal", failureRun: { count: 1 } })
  })

  it("one mail deferred again and again is no run", () => {
    const machine = domain().up().fails("message")
    for (let i = 0; i < 20; i++) machine.wait(30_000).fails("message", "451 virus scanner", true)
    expect(machine.state).toMatchObject({ mode: "normal", failureRun: { count: 1 } })
  })

  it("writes nothing for what it knows already", () => {
    const machine = domain().up().wait(20_000).fails("host")
    const { version } = machine.state
    for (let i = 0; i < 100; i++) machine.fails("host").succeeds()
    expect(machine.state.version).toBe(version)
    for (let i = 0; i < 100; i++) machine.fails("message")
    expect(machine.state.version).toBe(version + 5)
  })

  it("takes recipients deferred for ten minutes, probes included, for an outage", () => {
    const machine = domain().up()
    for (let minute = 0; minute < 9; minute++) machine.down("primary-deferring", "recipient").fails("recipient")
    expect(machine.state.mode).toBe("normal")
    machine.down("primary-deferring", "recipient").down("primary-deferring", "recipient").down("primary-deferring", "recipient")
    expect(machine.state.mode).toBe("emergency")
  })

  it("one full mailbox is no outage, however long", () => {
    const machine = domain().up()
    for (let minute = 0; minute < 60; minute++) machine.fails("recipient", "452 4.2.2 mailbox full").up()
    expect(machine.state.mode).toBe("normal")
  })
})

describe("manual and disabled", () => {
  it("manual stays, and notes what the probe saw", () => {
    const machine = outage({ activation: "manual" })
    expect(machine.state).toMatchObject({ mode: "normal", outageId: null, detail: "reply: primary-refused" })
    expect(machine.effects).not.toContain("outage-started")
  })

  it("manual forgets it and tries the mail again when the primary is back", () => {
    const machine = outage({ activation: "manual" }).up()
    expect(machine.state.detail).toBeNull()
    expect(machine.effects.at(-1)).toBe("release")
  })

  it("a disabled service neither probes nor switches", () => {
    const machine = domain({ enabled: false }).fails("host")
    expect(machine.state).toMatchObject({ mode: "normal", nextProbeAt: null, version: 1 })
  })

  it("a domain without a primary is not probed", () => expect(domain({ hasPrimary: false }).fails("host").state.nextProbeAt).toBeNull())

  it("switching the service off in an outage ends the outage and lets the held mail go", () => {
    const machine = outage().set({ enabled: false })
    expect(machine.state).toMatchObject({ mode: "normal", outageId: null, nextProbeAt: null, by: "admin@example.com" })
    expect(machine.effects.slice(-2)).toEqual(["outage-ended", "release"])
  })

  it("another primary is probed at once and begins with nothing held against it", () => {
    const machine = domain().up().fails("message").set({}, true)
    expect(machine.state).toMatchObject({ nextProbeAt: machine.now, failureRun: null })
    expect(outage().up(2).set({}, true).state).toMatchObject({ mode: "emergency", successes: 0 })
  })
})

describe("emergency", () => {
  it("probes every 15 s, and every 5 s after the first success", () => {
    const machine = outage()
    expect(machine.state.nextProbeAt?.getTime()).toBe(machine.now.getTime() + 15_000)
    machine.up()
    expect(machine.state.nextProbeAt?.getTime()).toBe(machine.now.getTime() + 5_000)
  })

  it("varies the interval by a fifth either way", () => {
    const at = (random: number) => {
      const context: ModeContext = { enabled: true, activation: "automatic", hasPrimary: true, thresholds, now: start, random: () => random, outageId: () => "o" }
      const { state } = transition({ ...initialMode(start), mode: "emergency", outageId: "o", nextProbeAt: start }, { type: "probe", claimed: start, verdict: { up: false, failure: "host", reason: "primary-silent", reply: "" } }, context)
      return (state.nextProbeAt?.getTime() ?? 0) - start.getTime()
    }
    expect([at(0), at(0.5), at(1)]).toEqual([12_000, 15_000, 18_000])
  })

  it("recovers after three successes in a row", () => {
    expect(outage().up(2).state.mode).toBe("emergency")
    const machine = recovering()
    expect(machine.state).toMatchObject({ mode: "recovering", reason: "probes-succeeded", outageId: "outage-1" })
    expect(machine.effects.at(-1)).toBe("release")
  })

  it("a run that broke begins anew and has to be longer", () => {
    const machine = outage().up(2).down().up(5)
    expect(machine.state).toMatchObject({ mode: "emergency", successes: 5 })
    expect(machine.up().state.mode).toBe("recovering")
  })

  it("takes a greylisted probe for an answer, unless deferring is the outage", () => {
    const machine = outage()
    for (let i = 0; i < 3; i++) machine.down("primary-deferring", "recipient")
    expect(machine.state.mode).toBe("recovering")
    const deferring = domain().up().wait(11_000).fails("message").down("primary-deferring", "message")
    for (let i = 0; i < 3; i++) deferring.down("primary-deferring", "recipient")
    expect(deferring.state.mode).toBe("emergency")
  })

  it("does not care about deliveries that were on their way", () => {
    const machine = outage()
    const { version } = machine.state
    expect(machine.fails("host").succeeds().fails("message").state.version).toBe(version)
  })

  it("a primary that flaps every 5 s stays in its one emergency", () => {
    const machine = outage()
    const began = machine.now.getTime()
    const isUp = () => Math.floor((machine.now.getTime() - began) / 5_000) % 2 === 1
    for (let i = 0; i < 400; i++) {
      machine.wait(Math.max(0, (machine.state.nextProbeAt?.getTime() ?? 0) - machine.now.getTime()))
      if (isUp()) machine.up()
      else machine.down()
    }
    expect(machine.state).toMatchObject({ mode: "emergency", outageId: "outage-1" })
  })
})

describe("recovering", () => {
  it("is normal once drained", () => {
    const machine = recovering().on({ type: "drained" })
    expect(machine.state).toMatchObject({ mode: "normal", reason: "drained", outageId: null, detail: null, forced: false })
    expect(machine.effects.slice(-2)).toEqual(["outage-ended", "release"])
  })

  it("confirms a failure of the host, and goes back into the same outage", () => {
    const machine = recovering().wait(11_000).fails("host", "connection lost").down("primary-silent")
    expect(machine.state).toMatchObject({ mode: "emergency", reason: "relapse", outageId: "outage-1", detail: "reply: primary-silent" })
    expect(machine.effects.filter((effect) => effect === "outage-started")).toHaveLength(1)
    expect(machine.effects.at(-1)).toBe("rescue")
  })

  it("goes on when the failure is not confirmed", () => expect(recovering().fails("host", "connection lost").up().state.mode).toBe("recovering"))

  it("needs six successes after a relapse, and no more after the next", () => {
    const machine = recovering().fails("host").down().up(5)
    expect(machine.state.mode).toBe("emergency")
    machine.up().fails("host").down().up(6)
    expect(machine.state.mode).toBe("recovering")
  })

  it("needs six successes in an outage within a minute of the last one, three later", () => {
    const soon = recovering().on({ type: "drained" }).wait(30_000).fails("host").down()
    expect(soon.state).toMatchObject({ mode: "emergency", outageId: "outage-2", watch: { successesNeeded: 6 } })
    const later = recovering().on({ type: "drained" }).wait(61_000).fails("host").down()
    expect(later.state.watch?.successesNeeded).toBe(3)
  })

  it("goes back when the primary defers every mail", () => {
    const machine = recovering()
    for (let i = 0; i < 7; i++) machine.wait(12_000).fails("message", "452 4.3.1 disk full")
    expect(machine.state).toMatchObject({ mode: "emergency", reason: "relapse" })
  })

  it("only recovering can be drained", () => {
    expect(domain().on({ type: "drained" }).state.reason).toBe("initial")
    expect(outage().on({ type: "drained" }).state.mode).toBe("emergency")
  })
})

describe("forced", () => {
  it("emergency by hand begins an outage, names who, and is not probed", () => {
    const machine = domain().up().force("emergency")
    expect(machine.state).toMatchObject({ mode: "emergency", forced: true, by: "admin@example.com", reason: "forced", nextProbeAt: null, outageId: "outage-1" })
    expect(machine.effects.slice(-2)).toEqual(["outage-started", "rescue"])
  })

  it("emergency by hand stays until it is released, then goes on by probing", () => {
    const machine = domain().up().force("emergency").succeeds().fails("host")
    expect(machine.state).toMatchObject({ mode: "emergency", forced: true })
    machine.force(null)
    expect(machine.state).toMatchObject({ mode: "emergency", forced: false, nextProbeAt: machine.now })
    expect(machine.up(3).state.mode).toBe("recovering")
  })

  it("emergency works in manual, too, and comes back by itself once released", () => expect(domain({ activation: "manual" }).force("emergency").force(null).up(3).on({ type: "drained" }).state.mode).toBe("normal"))

  it("an automatic emergency made forced keeps its start and its outage", () => {
    const machine = outage()
    const { since } = machine.state
    expect(machine.wait(60_000).force("emergency").state).toMatchObject({ since, outageId: "outage-1", forced: true })
  })

  it("normal by hand in an outage ends it, and lets the held mail go", () => {
    const machine = outage().force("normal")
    expect(machine.state).toMatchObject({ mode: "normal", forced: true, outageId: null, nextProbeAt: null })
    expect(machine.effects.slice(-2)).toEqual(["outage-ended", "release"])
  })

  it("normal by hand does not switch, whatever fails", () => {
    const machine = outage().force("normal")
    for (let i = 0; i < 10; i++) machine.wait(10_000).fails("message").fails("host")
    expect(machine.state.mode).toBe("normal")
  })

  it("normal released is automatic again", () => {
    const machine = outage().force("normal").force(null)
    expect(machine.state).toMatchObject({ forced: false, reason: "released", nextProbeAt: machine.now })
    expect(machine.down().down().state).toMatchObject({ mode: "emergency", outageId: "outage-2" })
  })

  it("releasing what is not forced changes nothing", () => expect(domain().force(null).state.version).toBe(domain().state.version))
})

it("raises the version by one with each change", () => {
  const { versions } = recovering().on({ type: "drained" }).force("emergency").force(null)
  expect(versions).toEqual(versions.map((_, index) => index + 1))
})

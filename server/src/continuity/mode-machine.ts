import type { Activation, ModeReason } from "@lifeboat/shared/continuity-mode"
import type { FailureClass } from "../delivery/delivery-target.ts"
import type { ModeState, ModeWatch } from "../store/documents.ts"
import type { ContinuitySettings } from "./continuity-settings.ts"

/** What a probe found. A refusal of the probe's recipient for good is `up`: the host answers. */
export type ProbeVerdict =
  | { readonly up: true }
  | { readonly up: false; readonly failure: FailureClass; readonly reason: ModeReason; readonly reply: string }

/** Everything that can move the mode. */
export type ModeEvent =
  /** A delivery or a callout succeeded. */
  | { readonly type: "success" }
  /** `again`: it happened to a mail that this run has counted already. */
  | { readonly type: "failure"; readonly failure: FailureClass; readonly reply: string; readonly again?: boolean }
  /** A probe is over; `claimed` is the `nextProbeAt` under which it ran, an older one does not count. */
  | { readonly type: "probe"; readonly claimed: Date; readonly verdict: ProbeVerdict }
  /** A node takes the probe that was due at `seen`, and answers for it until `until`. */
  | { readonly type: "claim"; readonly seen: Date; readonly until: Date }
  /** Nothing of the outage waits for the primary any more. */
  | { readonly type: "drained" }
  | { readonly type: "forced"; readonly mode: "emergency" | "normal" | null; readonly by: string }
  /** Service or primary were set anew. */
  | { readonly type: "settings"; readonly by: string; readonly primaryChanged: boolean }

/** What else has to happen; all of it is found again from the state by whoever comes after a crash. */
export type Effect =
  | { readonly kind: "outage-started"; readonly outageId: string }
  | { readonly kind: "outage-ended"; readonly outageId: string }
  /** The next probe is due now. */
  | { readonly kind: "probe" }
  /** Open mail for the primary goes to the mailboxes. */
  | { readonly kind: "rescue" }
  /** Held mail may go to the primary. */
  | { readonly kind: "release" }

/** The domain's settings, time and chance. `random` gives 0 to 1, `outageId` the name of an outage that begins. */
export interface ModeContext {
  readonly enabled: boolean
  readonly activation: Activation
  readonly hasPrimary: boolean
  readonly thresholds: ContinuitySettings
  readonly now: Date
  readonly random: () => number
  readonly outageId: () => string
}

export interface Transition {
  /** The same object when nothing changes; otherwise its version is one higher. */
  readonly state: ModeState
  readonly effects: readonly Effect[]
}

type Change = Partial<ModeState>
type Step = { readonly change: Change; readonly effects: readonly Effect[] } | undefined

const blankWatch: ModeWatch = { confirming: false, upAt: null, recipientRun: null, successesNeeded: null }

/** The mode of a domain at its beginning. */
export function initialMode(now: Date): ModeState {
  return {
    mode: "normal", since: now, reason: "initial", detail: null, by: "automatic", forced: false, version: 1,
    successes: 0, nextProbeAt: null, failureRun: null, outageId: null, watch: blankWatch,
  }
}

/** The mode machine (design §3). Pure: the state after an event, and what follows from it. */
export function transition(state: ModeState, event: ModeEvent, context: ModeContext): Transition {
  const step = stepOf(state, event, context)
  if (!step) return { state, effects: [] }
  return { state: { ...state, ...step.change, version: state.version + 1 }, effects: step.effects }
}

/** Whether the machine wants this domain probed from time to time. */
export function wantsProbes(state: ModeState, context: Pick<ModeContext, "enabled" | "hasPrimary">): boolean {
  return context.enabled && context.hasPrimary && !state.forced
}

function stepOf(state: ModeState, event: ModeEvent, context: ModeContext): Step {
  switch (event.type) {
    case "success":
      return onSuccess(state)
    case "failure":
      return onFailure(state, event, context)
    case "claim":
      return state.nextProbeAt?.getTime() === event.seen.getTime() ? { change: { nextProbeAt: event.until }, effects: [] } : undefined
    case "probe":
      if (state.nextProbeAt?.getTime() !== event.claimed.getTime() || state.forced) return undefined
      return state.mode === "emergency" ? onRecoveryProbe(state, event.verdict, context) : onProbe(state, event.verdict, context)
    case "drained":
      return state.mode === "recovering" ? toNormal(state, "drained", "automatic", false, context) : undefined
    case "forced":
      return onForced(state, event.mode, event.by, context)
    case "settings":
      return onSettings(state, event, context)
  }
}

function watchOf(state: ModeState, change: Partial<ModeWatch> = {}): ModeWatch {
  return { ...blankWatch, ...state.watch, ...change }
}

function onSuccess(state: ModeState): Step {
  if (!state.failureRun && !state.watch?.recipientRun) return undefined
  return { change: { failureRun: null, watch: watchOf(state, { recipientRun: null }) }, effects: [] }
}

function onFailure(state: ModeState, { failure, reply, again }: Extract<ModeEvent, { type: "failure" }>, context: ModeContext): Step {
  if (state.mode === "emergency" || !wantsProbes(state, context)) return undefined
  const watch = watchOf(state)
  const { thresholds, now } = context
  const upLately = watch.upAt !== null && now.getTime() - watch.upAt.getTime() < thresholds.askAgainAfter
  // A busy server ends sessions with 421 while it takes mail on others.
  const single = failure !== "host" || reply.startsWith("421")
  const ask = !watch.confirming && !(single && upLately)
  const asked: Change = ask ? { nextProbeAt: now, watch: { ...watch, confirming: true } } : {}
  const effects: Effect[] = ask ? [{ kind: "probe" }] : []
  if (failure === "host") return ask ? { change: asked, effects } : undefined
  const counted = countFailure(state, failure, context, again)
  if (counted.complete) return toOutage(state, "primary-deferring", reply, context)
  if (!counted.changed) return ask ? { change: asked, effects } : undefined
  if (failure === "message") return { change: { ...asked, failureRun: counted.run }, effects }
  return { change: { ...asked, watch: { ...(asked.watch ?? watch), recipientRun: counted.run } }, effects }
}

/** One failure more in the run of its class. A run grows no further than its threshold, so that it costs few writes. */
function countFailure(state: ModeState, failure: "message" | "recipient", { thresholds, now }: ModeContext, again = false) {
  const before = failure === "message" ? state.failureRun : (state.watch?.recipientRun ?? null)
  const needed = failure === "message" ? thresholds.messageFailures : thresholds.recipientFailures
  const over = failure === "message" ? thresholds.messageFailuresOver : thresholds.recipientFailuresOver
  const run = before ? { count: Math.min(before.count + (again ? 0 : 1), needed), since: before.since } : { count: 1, since: now }
  return { run, changed: run.count !== before?.count, complete: run.count >= needed && now.getTime() - run.since.getTime() >= over }
}

/** A probe in normal operation or while recovering: from time to time, or to confirm a failure. */
function onProbe(state: ModeState, verdict: ProbeVerdict, context: ModeContext): Step {
  const watch = watchOf(state)
  const { thresholds, now } = context
  const nextProbeAt = later(state.mode === "recovering" ? thresholds.returnProbeEvery : thresholds.idleProbeEvery, context)
  const detail = state.mode === "normal" ? null : state.detail
  if (verdict.up) {
    const overcome = state.mode === "normal" && state.detail !== null
    return { change: { nextProbeAt, detail, watch: { ...watch, confirming: false, upAt: now, recipientRun: null } }, effects: overcome ? [{ kind: "release" }] : [] }
  }
  if (verdict.failure === "recipient") {
    const counted = countFailure(state, "recipient", context)
    if (counted.complete) return toOutage(state, "primary-deferring", verdict.reply, context)
    return { change: { nextProbeAt, detail, watch: { ...watch, confirming: false, upAt: now, recipientRun: counted.run } }, effects: [] }
  }
  if (!watch.confirming) return { change: { nextProbeAt: now, watch: { ...watch, confirming: true } }, effects: [{ kind: "probe" }] }
  return toOutage(state, verdict.reason, verdict.reply, context)
}

/** A failure is certain: emergency where the service switches by itself, a note for the administrator elsewhere. */
function toOutage(state: ModeState, reason: ModeReason, reply: string, context: ModeContext): Step {
  if (state.mode === "recovering") return toEmergency(state, "relapse", reply, "automatic", false, context)
  if (context.activation === "automatic") return toEmergency(state, reason, reply, "automatic", false, context)
  const nextProbeAt = later(context.thresholds.returnProbeEvery, context)
  return { change: { detail: reply, nextProbeAt, failureRun: null, watch: watchOf(state, { confirming: false, recipientRun: null, upAt: null }) }, effects: [] }
}

function onRecoveryProbe(state: ModeState, verdict: ProbeVerdict, context: ModeContext): Step {
  const { thresholds } = context
  const needed = watchOf(state).successesNeeded ?? thresholds.successesNeeded
  const answers = verdict.up || (verdict.failure === "recipient" && state.reason !== "primary-deferring")
  if (!answers) {
    const successesNeeded = state.successes > 0 ? Math.max(needed, thresholds.successesNeededAfterRelapse) : needed
    return { change: { successes: 0, nextProbeAt: later(thresholds.emergencyProbeEvery, context), watch: watchOf(state, { successesNeeded }) }, effects: [] }
  }
  const successes = state.successes + 1
  const nextProbeAt = later(thresholds.returnProbeEvery, context)
  if (successes < needed) return { change: { successes, nextProbeAt }, effects: [] }
  return {
    change: {
      mode: "recovering", since: context.now, reason: "probes-succeeded", by: "automatic", successes, nextProbeAt, failureRun: null,
      watch: { ...blankWatch, upAt: context.now, successesNeeded: needed },
    },
    effects: [{ kind: "release" }],
  }
}

function toEmergency(state: ModeState, reason: ModeReason, detail: string | null, by: string, forced: boolean, context: ModeContext): Step {
  const { thresholds, now } = context
  const outageId = state.outageId ?? context.outageId()
  const soonAgain = state.mode === "normal" && state.reason === "drained" && now.getTime() - state.since.getTime() < thresholds.relapseWithin
  const successesNeeded = state.mode === "recovering" || soonAgain ? thresholds.successesNeededAfterRelapse : thresholds.successesNeeded
  return {
    change: {
      mode: "emergency", since: state.mode === "emergency" ? state.since : now, reason, detail, by, forced, successes: 0, failureRun: null, outageId,
      nextProbeAt: forced ? null : later(thresholds.emergencyProbeEvery, context),
      watch: { ...blankWatch, successesNeeded },
    },
    effects: [...(state.outageId === null ? [{ kind: "outage-started", outageId } as const] : []), { kind: "rescue" }],
  }
}

function toNormal(state: ModeState, reason: ModeReason, by: string, forced: boolean, context: ModeContext): Step {
  const since = state.mode === "normal" ? state.since : context.now
  const probes = context.enabled && context.hasPrimary && !forced
  return {
    change: {
      mode: "normal", since, reason, detail: null, by, forced, successes: 0, failureRun: null, outageId: null, watch: blankWatch,
      nextProbeAt: probes ? later(context.thresholds.idleProbeEvery, context) : null,
    },
    effects: [...(state.outageId === null ? [] : [{ kind: "outage-ended", outageId: state.outageId } as const]), { kind: "release" }],
  }
}

function onForced(state: ModeState, mode: "emergency" | "normal" | null, by: string, context: ModeContext): Step {
  if (mode !== null) {
    if (state.forced && state.mode === mode) return undefined
    return mode === "normal" ? toNormal(state, "forced", by, true, context) : toEmergency(state, "forced", null, by, true, context)
  }
  if (!state.forced) return undefined
  const probes = context.enabled && context.hasPrimary
  return { change: { forced: false, reason: "released", by, successes: 0, nextProbeAt: probes ? context.now : null }, effects: probes ? [{ kind: "probe" }] : [] }
}

function onSettings(state: ModeState, event: { by: string; primaryChanged: boolean }, context: ModeContext): Step {
  if (!context.enabled && state.mode !== "normal") return toNormal(state, "released", event.by, false, context)
  const wanted = wantsProbes(state, context)
  if (wanted && (state.nextProbeAt === null || event.primaryChanged)) {
    const watch = watchOf(state, { confirming: false, upAt: null, recipientRun: null })
    return { change: { nextProbeAt: context.now, successes: 0, failureRun: null, watch }, effects: [{ kind: "probe" }] }
  }
  if (wanted || state.nextProbeAt === null) return undefined
  return { change: { nextProbeAt: null, successes: 0, failureRun: null, watch: watchOf(state, { confirming: false, recipientRun: null }) }, effects: [] }
}

/** A point in time after `interval`, varied so that many domains and nodes do not probe in step. */
function later(interval: number, { now, random, thresholds }: ModeContext): Date {
  return new Date(now.getTime() + interval * (1 + (random() * 2 - 1) * thresholds.jitter))
}

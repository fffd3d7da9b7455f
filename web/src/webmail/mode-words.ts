import type { MailStatus } from "@lifeboat/shared/schemas/mail"
import type { TextKey } from "../text/index.ts"

/** A sentence of the bar; `time` (ISO 8601) and `n`, `done` where it names them. */
export interface Sentence {
  readonly text: TextKey
  readonly time?: string
  readonly n?: number
  readonly done?: number
}

/** What the bar says (F5). `calm`: all is normal; `over`: an outage has just ended, with its id for being put away. */
export interface ModeWords {
  readonly look: "calm" | "outage" | "recovering" | "over"
  /** What is going on: bold, then plain. Changes only with the mode, so that it is read aloud then and only then. A closed bar on a phone shows the first plain sentence. */
  readonly headline: readonly Sentence[]
  readonly rest: readonly Sentence[]
  /** Numbers that change while the mode stays. */
  readonly numbers: readonly Sentence[]
  /** What it means for mail that comes and goes, on demand. */
  readonly details: readonly Sentence[]
  /** Mails handed over of those to hand over. */
  readonly progress: { readonly done: number; readonly of: number } | null
}

/** The words for a status. Pure. `seen`: the ended outage whose notice the person has put away. */
export function modeWords(status: MailStatus, seen: string | null): ModeWords {
  if (status.mode === "emergency") return emergency(status)
  if (status.mode === "recovering") return recovering(status)
  const { outage } = status
  if (outage && outage.end !== null && outage.mails > 0 && outage.id !== seen) return over(status, outage)
  return {
    look: "calm",
    headline: [],
    rest: [{ text: "modeBar.normal" }, status.covered ? { text: "modeBar.normalMore" } : { text: "modeBar.normalUncovered" }],
    numbers: refused(status),
    details: [...(status.forced ? [{ text: "modeBar.forcedNormal" as const, time: status.since }] : []), { text: "modeBar.outgoing" }, { text: "modeBar.sentCopy" }],
    progress: null,
  }
}

function emergency(status: MailStatus): ModeWords {
  const { covered } = status
  const forced = !status.silent
  const waiting = status.waiting - (status.outage?.refused ?? 0)
  const where: TextKey = covered ? "modeBar.standby" : forced ? "modeBar.uncoveredForced" : "modeBar.uncovered"
  const later: TextKey = forced ? "modeBar.laterForced" : "modeBar.later"
  return {
    look: "outage",
    headline: [{ text: forced ? "modeBar.forced" : "modeBar.emergency", time: status.since }],
    rest: [{ text: where }, ...(covered || !forced ? [{ text: later }] : [])],
    numbers: waiting > 0 ? [{ text: "modeBar.waitingNow", n: waiting }] : [],
    details: [...(covered ? [{ text: "modeBar.incoming" as const }] : []), { text: "modeBar.outgoingInside" }, { text: "modeBar.sentCopy" }],
    progress: null,
  }
}

function recovering(status: MailStatus): ModeWords {
  const { outage } = status
  const waiting = status.waiting - (outage?.refused ?? 0)
  const of = outage ? outage.mails - outage.deleted - outage.refused : 0
  return {
    look: "recovering",
    headline: [{ text: "modeBar.recovering" }],
    rest: [{ text: "modeBar.handingOver" }],
    numbers: [...(waiting > 0 ? [{ text: "modeBar.waiting" as const, n: waiting }] : []), ...refused(status)],
    details: [{ text: "modeBar.incomingBack" }, { text: "modeBar.outgoing" }, { text: "modeBar.sentCopy" }],
    progress: outage && of > 0 ? { done: outage.delivered, of } : null,
  }
}

function over(status: MailStatus, outage: NonNullable<MailStatus["outage"]>): ModeWords {
  const complete = outage.refused === 0 && outage.delivered + outage.deleted >= outage.mails
  const waiting = status.waiting - outage.refused
  return {
    look: "over",
    headline: [{ text: complete ? "modeBar.allDelivered" : "modeBar.over" }],
    rest: [{ text: complete || waiting <= 0 ? "modeBar.normal" : "modeBar.handingOver" }, ...(outage.delivered > 0 ? [{ text: "modeBar.allDeliveredMore" as const, n: outage.delivered }] : [])],
    numbers: [...(!complete && waiting > 0 ? [{ text: "modeBar.waiting" as const, n: waiting }] : []), ...refused(status)],
    details: [{ text: "modeBar.outgoing" }, { text: "modeBar.sentCopy" }],
    progress: null,
  }
}

const refused = ({ outage }: MailStatus): Sentence[] => (outage && outage.refused > 0 ? [{ text: "modeBar.refused", n: outage.refused }] : [])

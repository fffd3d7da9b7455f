/** One threshold of the continuity service. `ms` values are divided by `LIFEBOAT_TIMING`. */
interface Threshold {
  readonly value: number
  readonly unit: "ms" | "count" | "ratio"
  readonly explanation: string
}

/** Every threshold of mode machine, probes, rescue and drain, with its default. The only place where they stand. */
export const continuityThresholds = {
  probeTimeout: { value: 10_000, unit: "ms", explanation: "How long a probe waits for each reply of the primary." },
  confirmTimeout: { value: 8_000, unit: "ms", explanation: "The same for the probe that confirms a failure: with the failure before it, a silent primary is noticed within 20 s." },
  idleProbeEvery: { value: 60_000, unit: "ms", explanation: "Between probes in normal operation, so that an outage without traffic is noticed." },
  emergencyProbeEvery: { value: 15_000, unit: "ms", explanation: "Between probes while the primary is down." },
  returnProbeEvery: { value: 5_000, unit: "ms", explanation: "Between probes once one has succeeded in an emergency, and while recovering." },
  jitter: { value: 0.2, unit: "ratio", explanation: "Share by which the time to the next probe varies either way." },
  successesNeeded: { value: 3, unit: "count", explanation: "Probes in a row that must succeed before the domain goes back." },
  successesNeededAfterRelapse: { value: 6, unit: "count", explanation: "The same after a relapse, a run that broke, or an outage soon after the last one." },
  relapseWithin: { value: 60_000, unit: "ms", explanation: "An outage this soon after the return to normal counts as a relapse." },
  askAgainAfter: { value: 3_000, unit: "ms", explanation: "After a probe that succeeded, failures of single mails or sessions ask for no further one for this long." },
  messageFailures: { value: 5, unit: "count", explanation: "Mails that the primary defers in a row, with no success between, before this is an outage." },
  messageFailuresOver: { value: 60_000, unit: "ms", explanation: "How long such a run must last at least." },
  recipientFailures: { value: 5, unit: "count", explanation: "Recipients deferred in a row, probes included, before this is an outage." },
  recipientFailuresOver: { value: 600_000, unit: "ms", explanation: "How long such a run must last at least: longer than any greylisting." },
  divertAfter: { value: 300_000, unit: "ms", explanation: "A mail that the primary keeps deferring goes to the mailbox as well after this long." },
  probesAtOnce: { value: 50, unit: "count", explanation: "Probes from time to time that a node runs side by side." },
  tick: { value: 250, unit: "ms", explanation: "How often due probes are looked for." },
  sweepEvery: { value: 1_000, unit: "ms", explanation: "Between rescue sweeps of a domain in emergency, and looks at what is held while it recovers." },
  fullSweepEvery: { value: 60_000, unit: "ms", explanation: "Between sweeps that also look at mail already seen, for users covered since." },
  heldCheckEvery: { value: 60_000, unit: "ms", explanation: "Between looks for held mail of a domain long back to normal." },
  settleFor: { value: 300_000, unit: "ms", explanation: "For how long after a change of mode held mail is looked for as often as in recovery." },
  connections: { value: 20, unit: "count", explanation: "Connections to a primary at the same time, per node." },
  pauseFirst: { value: 2_000, unit: "ms", explanation: "First pause of deliveries after a failure of the host in normal operation; doubles with each further one." },
  pauseLongest: { value: 60_000, unit: "ms", explanation: "Longest such pause." },
  busyRepliesInARow: { value: 5, unit: "count", explanation: "421 replies with no success between that count as a failure of the host." },
} as const satisfies Record<string, Threshold>
export type ThresholdName = keyof typeof continuityThresholds

/** The thresholds as numbers: milliseconds scaled by `config.timing`, counts and ratios as they are. */
export type ContinuitySettings = Readonly<Record<ThresholdName, number>>

const networkTimeouts: ReadonlySet<ThresholdName> = new Set<ThresholdName>(["probeTimeout", "confirmTimeout"])

/** Thresholds of one node; `scaled` and `scaledTimeout` are those of `config`. */
export function continuitySettings(
  scale: { scaled(ms: number): number; scaledTimeout(ms: number): number },
  overrides: Partial<Record<ThresholdName, number>> = {},
): ContinuitySettings {
  const entries = (Object.keys(continuityThresholds) as ThresholdName[]).map((name): [ThresholdName, number] => {
    const threshold: Threshold = continuityThresholds[name]
    const value = overrides[name] ?? threshold.value
    if (threshold.unit !== "ms") return [name, value]
    return [name, networkTimeouts.has(name) ? scale.scaledTimeout(value) : scale.scaled(value)]
  })
  return Object.fromEntries(entries) as Record<ThresholdName, number>
}

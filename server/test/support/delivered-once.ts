import type { Transmission } from "./numbered-load.ts"
import { numberOf, numberedMail } from "./numbered-load.ts"
import { subjectOf } from "./company.ts"
import type { TestPrimary } from "./primary.ts"

/** A mail that its recipient got again. */
export interface Duplicate {
  readonly number: number
  readonly recipient: string
  readonly acknowledged: boolean
  /** When the primary took it, each time. */
  readonly arrivals: readonly number[]
}

/** What the primary got of what senders were promised. */
export interface Balance {
  readonly acknowledged: number
  readonly lost: readonly string[]
  readonly damaged: readonly number[]
  readonly duplicates: readonly Duplicate[]
  /** Mails that arrived though nobody was promised so: their sender had no answer, or a no. */
  readonly unpromised: number
}

/** Compares recipient by recipient. */
export function balance(transmissions: readonly Transmission[], primary: TestPrimary): Balance {
  const arrivals = new Map<string, { number: number; recipient: string; at: number[] }>()
  const damaged: number[] = []
  for (const mail of primary.messages()) {
    const number = numberOf(subjectOf(mail.raw))
    if (!mail.raw.toString("latin1").endsWith(`\r\n${numberedMail(number)}\r\n`)) damaged.push(number)
    for (const recipient of mail.envelope.rcptTo) {
      const key = `${number} ${recipient}`
      const entry = arrivals.get(key) ?? { number, recipient, at: [] }
      entry.at.push(mail.receivedAt.getTime())
      arrivals.set(key, entry)
    }
  }
  const promised = new Set(transmissions.filter(({ fate }) => fate === "acknowledged").flatMap(({ number, recipients }) => recipients.map((recipient) => `${number} ${recipient}`)))
  return {
    acknowledged: promised.size,
    lost: [...promised].filter((key) => !arrivals.has(key)),
    damaged,
    duplicates: [...arrivals].filter(([, { at }]) => at.length > 1).map(([key, { number, recipient, at }]) => ({ number, recipient, acknowledged: promised.has(key), arrivals: at })),
    unpromised: [...arrivals.keys()].filter((key) => !promised.has(key)).length,
  }
}

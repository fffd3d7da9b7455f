/** One line of the result (contract): `ratio` says how many times better than the peer. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly peer: string | null
  readonly peerValue: number | null
  readonly ratio: number | null
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** A figure against a peer measured in the same run: pairs of values taken in turn; higher is better. */
export function compared(name: string, unit: string, peer: string, pairs: readonly { ours: number; theirs: number }[]): Figure {
  return {
    name,
    unit,
    peer,
    value: Math.round(median(pairs.map((pair) => pair.ours))),
    peerValue: Math.round(median(pairs.map((pair) => pair.theirs))),
    ratio: Number(median(pairs.map((pair) => pair.ours / pair.theirs)).toFixed(2)),
  }
}

/** A figure without a peer. */
export function alone(name: string, value: number, unit: string): Figure {
  return { name, value: Number(value.toPrecision(4)), unit, peer: null, peerValue: null, ratio: null }
}

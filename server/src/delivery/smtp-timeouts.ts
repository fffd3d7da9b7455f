/** Longest waits, milliseconds (RFC 5321 §4.5.3.2). */
export interface SmtpTimeouts {
  readonly connect: number
  readonly banner: number
  /** EHLO, STARTTLS with its handshake, AUTH, MAIL, RCPT, DATA, RSET: each. */
  readonly command: number
  /** Until a block of the body is taken by the network. */
  readonly block: number
  /** From the final dot to its reply. */
  readonly dot: number
}

/** Time-outs towards a primary: silence is noticed within 20 s. `scale` is `config.scaledTimeout`. */
export function primaryTimeouts(scale: (ms: number) => number): SmtpTimeouts {
  return { connect: scale(10_000), banner: scale(10_000), command: scale(10_000), block: scale(180_000), dot: scale(600_000) }
}

/** Time-outs towards the internet, as RFC 5321 §4.5.3.2 asks. */
export function outsideTimeouts(scale: (ms: number) => number): SmtpTimeouts {
  return { connect: scale(30_000), banner: scale(300_000), command: scale(300_000), block: scale(180_000), dot: scale(600_000) }
}

/** A time for a sentence: `0.5 s`. */
export function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`
}

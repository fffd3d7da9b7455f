import { randomBytes } from "node:crypto"

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

/**
 * A new message id: 9 characters of time (milliseconds, sorts by arrival) and 15 of chance, in Crockford's base 32.
 * `random` gives that many bytes.
 */
export function createMessageId(now: Date, random: (bytes: number) => Uint8Array = randomBytes): string {
  let time = now.getTime()
  let head = ""
  for (let i = 0; i < 9; i++) {
    head = alphabet[time % 32] + head
    time = Math.floor(time / 32)
  }
  let tail = ""
  for (const byte of random(15)) tail += alphabet[byte & 31]
  return head + tail
}

/** The first id of a point in time: a bound for queries by time of arrival. */
export function messageIdAt(time: Date): string {
  return createMessageId(time, (bytes) => new Uint8Array(bytes))
}

/** Whether a text has the form of a message id. */
export function isMessageId(text: string): boolean {
  return /^[0-9a-hjkmnp-tv-z]{24}$/.test(text)
}

import { setTimeout as sleep } from "node:timers/promises"
import { SmtpDialogue } from "./smtp-dialogue.ts"

/** One attempt of an outside server to hand a mail over; a further attempt is another transmission with a Message-ID of its own. */
export interface Transmission {
  readonly number: number
  /** Recipients that RCPT accepted. */
  readonly recipients: readonly string[]
  /** What the sender was told: yes, no, or nothing because the connection ended. */
  readonly fate: "acknowledged" | "refused" | "unknown"
  readonly reply: string
  readonly at: number
}

export interface LoadOptions {
  readonly port: number
  /** A mail goes to one to three of them. */
  readonly recipients: readonly string[]
  readonly sessions: number
  /** Longest pause between two mails of a session, milliseconds. */
  readonly pause: number
  readonly random: () => number
}

/** Every so many mails one is too large to lie in one document. */
const largeEvery = 70
const largeBytes = 1_300_000

/** Several senders that hand over numbered mails one after another, whatever happens to the server, until they are stopped. */
export class NumberedLoad {
  readonly transmissions: Transmission[] = []
  readonly #options: LoadOptions
  #number = 0
  #stopping = false
  readonly #sessions: Promise<void>[]

  constructor(options: LoadOptions) {
    this.#options = options
    this.#sessions = Array.from({ length: options.sessions }, () => this.#session())
  }

  /** Ends after the mails under way. */
  async stop(): Promise<void> {
    this.#stopping = true
    await Promise.all(this.#sessions)
  }

  async #session(): Promise<void> {
    const { port, random, pause } = this.#options
    let smtp: SmtpDialogue | undefined
    while (!this.#stopping) {
      try {
        smtp ??= await SmtpDialogue.open(port)
        if (!(await this.#send(smtp))) throw new Error("cut off")
      } catch {
        smtp?.close()
        smtp = undefined
      }
      await sleep(random() * pause)
    }
    smtp?.close()
  }

  /** False: the connection is of no use any more. */
  async #send(smtp: SmtpDialogue): Promise<boolean> {
    const number = ++this.#number
    const recipients: string[] = []
    const over = (fate: Transmission["fate"], reply: string) => void this.transmissions.push({ number, recipients, fate, reply, at: Date.now() })
    let mayBeTaken = false
    try {
      let reply = await smtp.command("MAIL FROM:<load@outside.example>")
      for (const recipient of reply.code === 250 ? this.#choose() : []) {
        reply = await smtp.command(`RCPT TO:<${recipient}>`)
        if (reply.code === 250) recipients.push(recipient)
      }
      if (recipients.length > 0) {
        reply = await smtp.command("DATA")
        if (reply.code === 354) {
          mayBeTaken = true
          smtp.write(`${numberedMail(number)}\r\n.\r\n`)
          reply = await smtp.reply(60_000)
          over(reply.code === 250 ? "acknowledged" : "refused", reply.text)
          return reply.code !== 421
        }
      }
      over("refused", reply.text)
      return reply.code !== 421 && (await smtp.command("RSET")).code === 250
    } catch (error) {
      over(mayBeTaken ? "unknown" : "refused", error instanceof Error ? error.message : String(error))
      return false
    }
  }

  #choose(): string[] {
    const { recipients, random } = this.#options
    const left = [...recipients]
    return Array.from({ length: 1 + Math.floor(random() * Math.min(3, left.length)) }, () => left.splice(Math.floor(random() * left.length), 1)).flat()
  }
}

/** The text of a mail, always the same for the same number; without the last line end. */
export function numberedMail(number: number): string {
  const line = `${number} `.repeat(12)
  const lines = number % largeEvery === 0 ? Math.ceil(largeBytes / (line.length + 2)) : 3
  return [
    "From: Load <load@outside.example>",
    "To: undisclosed-recipients:;",
    `Subject: load ${number}`,
    `Message-ID: <load.${number}@outside.example>`,
    "Date: Mon, 23 Nov 2026 10:00:00 +0000",
    "",
    ...Array.from({ length: lines }, () => line),
    `end of ${number}`,
  ].join("\r\n")
}

/** The number of such a mail, from its subject. */
export function numberOf(subject: string): number {
  return Number(/^load (\d+)$/.exec(subject)?.[1])
}

/** A repeatable source of numbers from 0 to 1 (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

import type { Readable } from "node:stream"
import { isSuccess, isTooManyRecipients, type Incident } from "./classify-outcome.ts"
import { DotStuffing, stuffed } from "./dot-stuffing.ts"
import type { SmtpConnection } from "./smtp-connection.ts"
import { SmtpFailure, incidentOf } from "./smtp-failure.ts"
import type { SmtpTimeouts } from "./smtp-timeouts.ts"
import { checkedPath, isAscii, withAsciiDomain } from "./smtp-path.ts"
import type { ServerReply } from "./smtp-reply.ts"

/** The text of a mail: in memory, or to be opened after `trace` when the server asks for it. `size` in bytes, without stuffing. */
export type MailBody =
  | { readonly size: number; readonly parts: readonly Buffer[] }
  | { readonly size: number; readonly trace: Buffer; readonly open: () => Promise<Readable> }

/** What goes over the wire in one transaction. */
export interface OutgoingMail {
  /** Empty: the null sender. */
  readonly mailFrom: string
  readonly eightBit: boolean
  /** SMTPUTF8 was used when it arrived. */
  readonly smtpUtf8: boolean
  /** Whether the header has bytes above 127, so that with `smtpUtf8` it cannot go without that extension. */
  readonly utf8Header: () => Promise<boolean>
  readonly body: MailBody
}

/** A recipient of the transaction; `id` is the caller's. */
export interface OutgoingRecipient {
  readonly id: string
  readonly address: string
}

/** The end of one recipient: an incident to classify, `untried` (another transaction, at once), or not possible for that server. */
export type RecipientResult = Incident | "untried" | "needs-smtputf8"

export interface TransactionResult {
  /** One for every recipient, by id. */
  readonly results: ReadonlyMap<string, RecipientResult>
  /** MAIL was answered on this connection, with anything but 421: it was alive. */
  readonly alive: boolean
}

/**
 * One transaction: MAIL, RCPT for each recipient, DATA, pipelined where offered (RFC 2920). Never rejects. Whatever
 * breaks off closes the connection; otherwise it is ready for the next transaction.
 */
export async function runTransaction(
  connection: SmtpConnection,
  mail: OutgoingMail,
  recipients: readonly OutgoingRecipient[],
  timeouts: SmtpTimeouts,
): Promise<TransactionResult> {
  const transaction = new Transaction(connection, mail, timeouts)
  try {
    await transaction.run(recipients)
  } catch (error) {
    connection.destroy()
    transaction.settleRest(error instanceof SmtpFailure ? incidentOf(error) : { stage: "body", broken: "local", detail: `the message text could not be read (${error instanceof Error ? error.message : String(error)})` })
  }
  return { results: transaction.results, alive: transaction.alive }
}

class Transaction {
  readonly results = new Map<string, RecipientResult>()
  alive = false
  readonly #connection: SmtpConnection
  readonly #mail: OutgoingMail
  readonly #timeouts: SmtpTimeouts
  /** Recipients without a result yet, in the order of RCPT. */
  #open: OutgoingRecipient[] = []

  constructor(connection: SmtpConnection, mail: OutgoingMail, timeouts: SmtpTimeouts) {
    this.#connection = connection
    this.#mail = mail
    this.#timeouts = timeouts
  }

  async run(recipients: readonly OutgoingRecipient[]): Promise<void> {
    const utf8Offered = this.#connection.capabilities.has("SMTPUTF8")
    const rcpts: string[] = []
    const sender = utf8Offered ? this.#mail.mailFrom : withAsciiDomain(this.#mail.mailFrom)
    const senderFits = utf8Offered || (isAscii(sender) && !(this.#mail.smtpUtf8 && (await this.#mail.utf8Header())))
    for (const recipient of recipients) {
      const address = utf8Offered ? recipient.address : withAsciiDomain(recipient.address)
      if (!senderFits || !(utf8Offered || isAscii(address))) this.results.set(recipient.id, "needs-smtputf8")
      else {
        this.#open.push(recipient)
        rcpts.push(`RCPT TO:<${checkedPath(address)}>\r\n`)
      }
    }
    if (this.#open.length === 0) {
      this.alive = true
      return
    }
    this.#connection.transactions++
    const mailCommand = this.#mailCommand(sender, utf8Offered && (this.#mail.smtpUtf8 || !isAscii(sender) || rcpts.some((rcpt) => !isAscii(rcpt))))
    const ready = this.#connection.capabilities.has("PIPELINING") ? await this.#pipelined(mailCommand, rcpts) : await this.#oneByOne(mailCommand, rcpts)
    if (ready) await this.#sendBody()
  }

  settleRest(incident: Incident): void {
    for (const recipient of this.#open) this.results.set(recipient.id, incident)
    this.#open = []
  }

  #mailCommand(sender: string, utf8: boolean): string {
    const { capabilities } = this.#connection
    let command = `MAIL FROM:<${checkedPath(sender)}>`
    if (capabilities.has("SIZE")) command += ` SIZE=${this.#mail.body.size}`
    if (this.#mail.eightBit && capabilities.has("8BITMIME")) command += " BODY=8BITMIME"
    if (utf8) command += " SMTPUTF8"
    return `${command}\r\n`
  }

  /** All commands in one group, then their replies. True: the server waits for the body. */
  async #pipelined(mailCommand: string, rcpts: readonly string[]): Promise<boolean> {
    const connection = this.#connection
    const reset = connection.needsReset ? "RSET\r\n" : ""
    connection.needsReset = false
    connection.write(`${reset}${mailCommand}${rcpts.join("")}DATA\r\n`)
    if (reset) await connection.reply("mail", this.#timeouts.command)
    const mailReply = await this.#mailReply()
    if (isSuccess(mailReply)) {
      await this.#rcptReplies(() => undefined)
    } else {
      this.settleRest({ stage: "mail", reply: mailReply })
      // The answers to RCPT are only its echo now.
      for (let echo = rcpts.length; echo > 0; echo--) await connection.reply("rcpt", this.#timeouts.command)
    }
    return this.#dataReply(await connection.reply("data", this.#timeouts.command))
  }

  async #oneByOne(mailCommand: string, rcpts: readonly string[]): Promise<boolean> {
    const connection = this.#connection
    if (connection.needsReset) {
      await connection.command("RSET", "mail", this.#timeouts.command)
      connection.needsReset = false
    }
    connection.write(mailCommand)
    const mailReply = await this.#mailReply()
    if (!isSuccess(mailReply)) {
      this.settleRest({ stage: "mail", reply: mailReply })
      return false
    }
    await this.#rcptReplies((index) => connection.write(rcpts[index] ?? ""))
    if (this.#open.length === 0) {
      connection.needsReset = true
      return false
    }
    connection.write("DATA\r\n")
    return this.#dataReply(await connection.reply("data", this.#timeouts.command))
  }

  async #mailReply(): Promise<ServerReply> {
    const reply = await this.#connection.reply("mail", this.#timeouts.command)
    if (reply.code === 421) throw new SmtpFailure("mail", "lost", "421", reply)
    this.alive = true
    if (!isSuccess(reply)) this.#connection.needsReset = true
    return reply
  }

  /** Afterwards `#open` are the accepted ones. If it breaks off, those answered with a refusal keep their own result. */
  async #rcptReplies(ask: (index: number) => void): Promise<void> {
    const tried = this.#open
    const accepted: OutgoingRecipient[] = []
    let index = 0
    try {
      for (const recipient of tried) {
        ask(index)
        const reply = await this.#connection.reply("rcpt", this.#timeouts.command)
        index++
        if (isSuccess(reply)) accepted.push(recipient)
        else if (isTooManyRecipients(reply, accepted.length)) this.results.set(recipient.id, "untried")
        else this.results.set(recipient.id, { stage: "rcpt", reply })
        if (reply.code === 421) throw new SmtpFailure("rcpt", "lost", "421", reply)
      }
    } finally {
      this.#open = index === tried.length ? accepted : [...accepted, ...tried.slice(index)]
    }
  }

  /** True: the body is wanted, and somebody is there to get it. */
  #dataReply(reply: ServerReply): boolean {
    if (reply.code === 354) {
      if (this.#open.length > 0) return true
      // Asked for a body that nobody gets: a lone dot could be taken for an empty mail, so no dot at all.
      this.#connection.destroy()
      return false
    }
    this.settleRest({ stage: "data", reply })
    if (reply.code === 421) this.#connection.destroy()
    this.#connection.needsReset = true
    return false
  }

  async #sendBody(): Promise<void> {
    const connection = this.#connection
    const { body } = this.#mail
    if (!("parts" in body)) {
      await this.#stream(body.trace, await body.open())
    } else if (body.size <= smallBody) {
      connection.write(...stuffed(body.parts))
    } else {
      // The dot is held back until the rest is on its way: before it, a loss cannot mean a second copy.
      const pieces = stuffed(body.parts)
      connection.write(...pieces.slice(0, -1))
      await this.#drained()
      connection.write(...pieces.slice(-1))
    }
    const reply = await connection.reply("dot", this.#timeouts.dot)
    this.settleRest({ stage: "dot", reply })
    if (reply.code === 421) connection.destroy()
  }

  async #stream(trace: Buffer, source: Readable): Promise<void> {
    const encoder = new DotStuffing()
    this.#connection.write(encoder.encode(trace))
    try {
      for await (const chunk of source) {
        if (!Buffer.isBuffer(chunk)) throw new TypeError("a body must be bytes")
        this.#connection.write(encoder.encode(chunk))
        await this.#drained()
      }
    } finally {
      source.destroy()
    }
    this.#connection.write(encoder.end())
  }

  /** Waits for the network; a refusal that came in the middle of the body counts for more than the loss that follows it. */
  async #drained(): Promise<void> {
    try {
      await this.#connection.drain(this.#timeouts.block)
    } catch (error) {
      const reply = this.#connection.earlyReply()
      throw reply && reply.code >= 400 ? new SmtpFailure("body", "lost", "refused in the middle of the message", reply) : error
    }
  }
}

/** Bodies up to this size leave in one write with their final dot. */
const smallBody = 65_536

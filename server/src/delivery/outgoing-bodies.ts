import type { Readable } from "node:stream"
import { headerBlock, inlineBytes } from "../archive/bodies.ts"
import type { MessageDocument } from "../store/documents.ts"
import type { Claim } from "./delivery-target.ts"
import type { OutgoingMail } from "./smtp-transaction.ts"

/** Where the bodies come from: the part of the archive's `Bodies` that delivery reads. */
export interface BodySource {
  open(messageId: string): Promise<Readable | undefined>
  readSmall(messageIds: readonly string[]): Promise<Map<string, Buffer>>
}

/** Memory for bodies that were read ahead, bytes. */
const aheadBytes = 67_108_864
const headerBytes = 1_048_576

/** Mails as they go out: trace header and body, small ones from memory, large ones as a stream. */
export class OutgoingBodies {
  readonly #source: BodySource
  readonly #ahead = new Map<string, Buffer>()
  #bytes = 0

  constructor(source: BodySource) {
    this.#source = source
  }

  /** Reads the small bodies of a batch in one query. What does not fit in memory is read when it is due. */
  async preload(claims: readonly Claim[]): Promise<void> {
    const wanted = new Set<string>()
    let bytes = this.#bytes
    for (const { message } of claims) {
      if (message.size > inlineBytes || this.#ahead.has(message._id) || bytes + message.size > aheadBytes) continue
      wanted.add(message._id)
      bytes += message.size
    }
    if (wanted.size === 0) return
    for (const [id, body] of await this.#source.readSmall([...wanted])) this.#keep(id, body)
  }

  /**
   * The mail of a message; undefined: its body is not in the archive (of a large one that shows when it is opened).
   * Rejects when the archive cannot be read.
   */
  async mail(message: MessageDocument): Promise<OutgoingMail | undefined> {
    const trace = Buffer.from(message.trace, "utf8")
    const size = trace.length + message.size
    const common = { mailFrom: message.envelope.mailFrom, eightBit: message.envelope.eightBit, smtpUtf8: message.envelope.smtpUtf8 }
    if (message.size <= inlineBytes) {
      const body = this.#take(message._id) ?? (await this.#source.readSmall([message._id])).get(message._id)
      const utf8Header = () => Promise.resolve(body !== undefined && hasHighBytes(headerBlock(body, headerBytes)))
      return body && { ...common, utf8Header, body: { size, parts: [trace, body] } }
    }
    const open = async (): Promise<Readable> => {
      const stream = await this.#source.open(message._id)
      if (!stream) throw new Error("it is not in the archive any more")
      return stream
    }
    return { ...common, utf8Header: async () => hasHighBytes(await headerOf(await open())), body: { size, trace, open } }
  }

  #keep(id: string, body: Buffer): void {
    this.#ahead.set(id, body)
    this.#bytes += body.length
    for (const [oldest] of this.#ahead) {
      if (this.#bytes <= aheadBytes) break
      this.#take(oldest)
    }
  }

  #take(id: string): Buffer | undefined {
    const body = this.#ahead.get(id)
    if (body) {
      this.#ahead.delete(id)
      this.#bytes -= body.length
    }
    return body
  }
}

async function headerOf(stream: Readable): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0)
  for await (const chunk of stream) {
    if (Buffer.isBuffer(chunk)) head = Buffer.concat([head, chunk])
    const header = headerBlock(head, headerBytes)
    if (header.length < head.length || head.length >= headerBytes) return header
  }
  return head
}

function hasHighBytes(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte > 127) return true
  return false
}

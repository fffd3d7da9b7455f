import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { setTimeout as sleep } from "node:timers/promises"
import { constants, createZstdCompress, createZstdDecompress, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from "node:zlib"
import { promisify } from "node:util"
import { Binary, GridFSBucket, type GridFSBucketWriteStream } from "mongodb"
import type { Database } from "../store/database.ts"
import type { BodyDocument } from "../store/documents.ts"

const params = { [constants.ZSTD_c_compressionLevel]: 1 }
const compressAside = promisify(zstdCompress)
const decompressAside = promisify(zstdDecompress)

/** Up to this many bytes, handing the work to another thread costs several times the work itself. */
const asideFrom = 65_536

async function compress(bytes: Buffer): Promise<Buffer> {
  if (bytes.length === 0) return bytes
  return bytes.length < asideFrom ? zstdCompressSync(bytes, { params }) : compressAside(bytes, { params })
}

/** `size`: bytes when decompressed. */
async function decompress(frame: Uint8Array, size: number): Promise<Buffer> {
  if (size === 0) return Buffer.alloc(0)
  return size < asideFrom ? zstdDecompressSync(frame) : decompressAside(frame)
}

/** A chunk of a broken upload that takes longer than this to be written never is, milliseconds. */
const chunkPatience = 5_000

/** Waits for chunks that were on their way when an upload broke: written after it was cleaned up, they would stay for ever. */
async function landed({ state }: GridFSBucketWriteStream): Promise<void> {
  const end = performance.now() + chunkPatience
  while (state.outstandingRequests > 0 && !state.errored && performance.now() < end) await sleep(10)
}

/** Bodies up to this many bytes lie in one document, larger ones in GridFS, streamed. */
export const inlineBytes = 1_048_576

/** A body that has arrived: small ones in memory, large ones already in GridFS under their message id. */
export interface ReceivedBody {
  readonly messageId: string
  readonly size: number
  /** The bytes of a small body; undefined: in GridFS. */
  readonly bytes: Buffer | undefined
  /** The header block up to and including its empty line, at most `headerLimit` bytes of it. */
  readonly header: Buffer
}

/** The archive's bodies: written once, byte for byte, compressed (invariant 4). */
export class Bodies {
  readonly #database: Database
  readonly #large: GridFSBucket

  constructor(database: Database) {
    this.#database = database
    this.#large = new GridFSBucket(database.db, { bucketName: "largeBodies" })
  }

  /**
   * Takes a body from a stream. Memory stays within `inlineBytes`: what is larger goes to GridFS while it arrives.
   * When it fails or is aborted, nothing is left behind. `headerLimit` bounds the header block, bytes.
   */
  async receive(messageId: string, source: AsyncIterable<Buffer>, headerLimit: number): Promise<ReceivedBody> {
    const iterator = source[Symbol.asyncIterator]()
    const chunks: Buffer[] = []
    let size = 0
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      chunks.push(next.value)
      size += next.value.length
      if (size > inlineBytes) return this.#receiveLarge(messageId, chunks, iterator, headerLimit)
    }
    const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
    return { messageId, size, bytes, header: headerBlock(bytes, headerLimit) }
  }

  async #receiveLarge(messageId: string, chunks: Buffer[], iterator: AsyncIterator<Buffer>, headerLimit: number): Promise<ReceivedBody> {
    let size = 0
    let head = Buffer.concat(chunks)
    let headComplete = hasHeaderEnd(head) || head.length >= headerLimit
    const all = async function* () {
      size += head.length
      yield head
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
        size += next.value.length
        if (!headComplete) {
          head = Buffer.concat([head, next.value])
          headComplete = hasHeaderEnd(head) || head.length >= headerLimit
        }
        yield next.value
      }
    }
    const upload = this.#large.openUploadStream(messageId)
    try {
      await pipeline(Readable.from(all()), createZstdCompress({ params }), upload)
    } catch (error) {
      await landed(upload)
      await upload.abort().catch(() => undefined)
      throw error
    }
    return { messageId, size, bytes: undefined, header: headerBlock(head, headerLimit) }
  }

  /** The document to insert for a received body. */
  async document(body: ReceivedBody, expireAt: Date): Promise<BodyDocument> {
    const zstd = body.bytes === undefined ? null : new Binary(await compress(body.bytes))
    return { _id: body.messageId, zstd, size: body.size, expireAt }
  }

  /** Drops what `receive` wrote for a mail that was not accepted after all. */
  async discard(body: ReceivedBody): Promise<void> {
    if (body.bytes === undefined) await this.#deleteLarge(body.messageId)
  }

  /** The bytes of one body as received, as a stream; undefined: not kept any more. */
  async open(messageId: string): Promise<Readable | undefined> {
    const document = await this.#database.bodies.findOne({ _id: messageId })
    if (!document) return undefined
    if (document.zstd) return Readable.from([await decompress(document.zstd.buffer, document.size)])
    const stream = createZstdDecompress()
    void pipeline(this.#large.openDownloadStreamByName(messageId), stream).catch((error: unknown) => {
      stream.destroy(error instanceof Error ? error : new Error(String(error)))
    })
    return stream
  }

  /** The bytes of one body as received, in memory; undefined: not kept any more. */
  async read(messageId: string): Promise<Buffer | undefined> {
    const stream = await this.open(messageId)
    if (!stream) return undefined
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
  }

  /** The small bodies among these messages, in one query; the rest is left to `open`. */
  async readSmall(messageIds: readonly string[]): Promise<Map<string, Buffer>> {
    const found = new Map<string, Buffer>()
    const documents = await this.#database.bodies.find({ _id: { $in: [...messageIds] } }).toArray()
    for (const document of documents) {
      if (document.zstd) found.set(document._id, await decompress(document.zstd.buffer, document.size))
    }
    return found
  }

  /** Removes large bodies whose document has expired; their small documents go by TTL. Returns how many. */
  async sweepLarge(olderThan: Date, limit = 100): Promise<number> {
    const files = await this.#large.find({ uploadDate: { $lt: olderThan } }, { limit, sort: { uploadDate: 1 } }).toArray()
    let removed = 0
    for (const file of files) {
      if (await this.#database.bodies.findOne({ _id: file.filename }, { projection: { _id: 1 } })) continue
      await this.#large.delete(file._id)
      removed++
    }
    return removed
  }

  async #deleteLarge(messageId: string): Promise<void> {
    for await (const file of this.#large.find({ filename: messageId })) await this.#large.delete(file._id)
  }
}

function hasHeaderEnd(bytes: Buffer): boolean {
  return headerEnd(bytes) >= 0
}

/** Where the header block ends (after its empty line), or -1. Understands CRLF and bare LF. */
function headerEnd(bytes: Buffer): number {
  if (bytes[0] === 0x0a) return 1
  if (bytes[0] === 0x0d && bytes[1] === 0x0a) return 2
  const crlf = bytes.indexOf("\r\n\r\n")
  const lf = bytes.indexOf("\n\n")
  if (crlf < 0 && lf < 0) return -1
  if (lf < 0 || (crlf >= 0 && crlf < lf)) return crlf + 4
  return lf + 2
}

/** The header block with its empty line; all of the body where it has no end, at most `limit` bytes. */
export function headerBlock(bytes: Buffer, limit: number): Buffer {
  const end = headerEnd(bytes)
  return bytes.subarray(0, Math.min(end < 0 ? bytes.length : end, limit))
}

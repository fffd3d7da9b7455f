import { randomUUID } from "node:crypto"
import { Binary } from "mongodb"
import { ApiError } from "@lifeboat/shared/api-errors"
import type { Database } from "../store/database.ts"
import type { UploadDocument } from "../store/documents.ts"

const partBytes = 1_048_576
const keptMs = 7 * 86_400_000
/** How long a file is surely kept: those older make room when their user has too many. */
const safeMs = 86_400_000
/** How many mails full of files a user may have waiting here. */
const mailsFull = 10
const maxFiles = 2_000

/** A file to keep. */
export interface NewUpload {
  readonly user: string
  readonly name: string
  readonly contentType: string
  readonly source: AsyncIterable<Uint8Array>
  /** Largest file taken, bytes. */
  readonly limit: number
}

/**
 * Files for mails being written: they come in once, as they are, and mails, drafts and the outbox name them. Bytes are
 * written while they arrive, so that memory holds one part of a file at a time. Kept for a week, for their owner only.
 */
export class Uploads {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Throws `too-large`, `uploads-full`; a file that does not arrive completely leaves nothing behind. */
  async keep({ user, name, contentType, source, limit }: NewUpload): Promise<UploadDocument> {
    const createdAt = this.#database.now()
    const upload: UploadDocument = { _id: randomUUID(), user, name, contentType, size: 0, createdAt, expireAt: new Date(createdAt.getTime() + keptMs) }
    await this.makeRoom(user, 0, limit)
    try {
      let n = 0
      let pending: Uint8Array[] = []
      let bytes = 0
      const write = async () => {
        const data = new Binary(Buffer.concat(pending))
        pending = []
        bytes = 0
        await this.#database.uploadParts.insertOne({ _id: `${upload._id}.${n}`, upload: upload._id, n: n++, data, expireAt: upload.expireAt })
      }
      for await (const chunk of source) {
        upload.size += chunk.byteLength
        if (upload.size > limit) throw new ApiError("too-large")
        pending.push(chunk)
        bytes += chunk.byteLength
        if (bytes >= partBytes) await write()
      }
      if (bytes > 0) await write()
      await this.makeRoom(user, upload.size, limit)
      await this.#database.uploads.insertOne(upload)
    } catch (error) {
      await this.#database.uploadParts.deleteMany({ upload: upload._id }).catch(() => undefined)
      throw error
    }
    return upload
  }

  /** Throws `not-found`, for the files of others as well. */
  async find(user: string, id: string): Promise<UploadDocument> {
    const upload = await this.#database.uploads.findOne({ _id: id, user })
    if (!upload) throw new ApiError("not-found")
    return upload
  }

  /** The bytes of a file, part by part. Throws where some are missing. */
  async *bytes(upload: UploadDocument): AsyncGenerator<Buffer> {
    let size = 0
    for await (const { data } of this.#database.uploadParts.find({ upload: upload._id }).sort({ n: 1 }).batchSize(2)) {
      size += data.length()
      yield Buffer.from(data.buffer)
    }
    if (size !== upload.size) throw new ApiError("not-found")
  }

  /** The same in memory. */
  async read(upload: UploadDocument): Promise<Buffer> {
    const parts: Buffer[] = []
    for await (const part of this.bytes(upload)) parts.push(part)
    return Buffer.concat(parts)
  }

  async remove(user: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    const own = await this.#database.uploads.find({ _id: { $in: [...ids] }, user }, { projection: { _id: 1 } }).toArray()
    const found = own.map(({ _id }) => _id)
    await this.#database.uploads.deleteMany({ _id: { $in: found } })
    await this.#database.uploadParts.deleteMany({ upload: { $in: found } })
  }

  /** Removes what is older than a day where there is too much; throws `uploads-full` when that is not enough. */
  async makeRoom(user: string, bytes: number, limit: number): Promise<void> {
    const files = await this.#database.uploads.find({ user }, { projection: { size: 1, createdAt: 1 } }).sort({ createdAt: 1 }).toArray()
    const most = mailsFull * limit
    let total = files.reduce((sum, file) => sum + file.size, bytes)
    let count = files.length
    const old: string[] = []
    for (const file of files) {
      if (total <= most && count < maxFiles) break
      if (this.#database.now().getTime() - file.createdAt.getTime() < safeMs) throw new ApiError("uploads-full")
      old.push(file._id)
      total -= file.size
      count--
    }
    await this.remove(user, old)
  }
}

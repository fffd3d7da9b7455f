import { randomUUID } from "node:crypto"
import { ApiError } from "@lifeboat/shared/api-errors"
import type { MailJob, MailJobCreate } from "@lifeboat/shared/schemas/mail-job"
import type { Database } from "../store/database.ts"
import type { MailJobDocument, MailJobPartDocument } from "../store/documents.ts"

const claimMs = 60_000
/** How long a finished job can be looked at and undone, milliseconds. */
const keptMs = 86_400_000
const atOnce = 5
const open = ["collecting", "running"] as const

/** Mails that are done in one step: small enough that a person who stops a job need not wait. */
export const partSize = 200

/**
 * Actions on many mails, written down with all that they are about, so that they go on after any crash and can be taken
 * back. Whoever works on a job holds it by a token that each write checks.
 */
export class MailJobs {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Writes a new job down; throws `job-running` where a user has too many at once. `target`: folder to move to. */
  async create(user: string, account: string, request: MailJobCreate, target: string | null): Promise<MailJobDocument> {
    if ((await this.#database.mailJobs.countDocuments({ user, state: { $in: [...open] } })) >= atOnce) throw new ApiError("job-running")
    const job: MailJobDocument = { _id: randomUUID(), user, account, request, target, state: "collecting", ...this.#fresh(), total: 0, parts: 0, undoOf: null }
    await this.#database.mailJobs.insertOne(job)
    return job
  }

  /** Throws `not-found`, for the jobs of others as well. */
  async find(user: string, id: string): Promise<MailJobDocument> {
    const job = await this.#database.mailJobs.findOne({ _id: id, user })
    if (!job) throw new ApiError("not-found")
    return job
  }

  /** Ends a job where it is; what is done stays done, and can be undone. */
  async stop(user: string, id: string): Promise<MailJobDocument> {
    const now = this.#database.now()
    const stopped = await this.#database.mailJobs.findOneAndUpdate(
      { _id: id, user, state: { $in: [...open] } },
      [{ $set: { state: "stopped", token: null, undoable: { $and: [{ $ne: ["$target", null] }, { $gt: ["$done", 0] }, { $eq: ["$undoOf", null] }] }, expireAt: new Date(now.getTime() + keptMs) } }],
      { returnDocument: "after" },
    )
    return stopped ?? this.find(user, id)
  }

  /** A job that moves back what another one has moved. Asking twice answers the same one. Throws `not-undoable`. */
  async undo(user: string, id: string): Promise<MailJobDocument> {
    const job = await this.find(user, id)
    const back = `${job._id}.undo`
    const there = await this.#database.mailJobs.findOne({ _id: back, user })
    if (there) return there
    if (!job.undoable || job.target === null || (job.state !== "done" && job.state !== "stopped")) throw new ApiError("not-undoable")
    let parts = 0
    let total = 0
    for await (const part of this.#database.mailJobParts.find({ job: job._id, n: { $lt: job.nextPart + 1 } }).sort({ n: 1 })) {
      const roots = new Map(part.mails.map(({ uid, root }) => [uid, root]))
      const mails = part.moved.map(([before, now]) => ({ uid: now, root: roots.get(before) ?? "" }))
      if (mails.length === 0) continue
      await this.putPart({ job: back, n: parts++, folder: part.target ?? job.target, target: part.folder, mails })
      total += mails.length
    }
    const request: MailJobCreate = { folder: job.target, action: "move", target: job.request.folder }
    const undo: MailJobDocument = { _id: back, user, account: job.account, request, target: job.request.folder, state: "running", ...this.#fresh(), total, parts, undoOf: job._id }
    await this.#database.mailJobs.updateOne({ _id: back }, { $setOnInsert: undo }, { upsert: true })
    await this.#database.mailJobs.updateOne({ _id: job._id }, { $set: { undoable: false } })
    return this.find(user, back)
  }

  /** Takes up the next job that nobody works on; null: there is none. */
  async claim(): Promise<MailJobDocument | null> {
    const now = this.#database.now()
    return this.#database.mailJobs.findOneAndUpdate(
      { state: { $in: [...open] }, due: { $lte: now } },
      { $set: { due: new Date(now.getTime() + claimMs), token: randomUUID() }, $inc: { attempts: 1 } },
      { sort: { due: 1 }, returnDocument: "after" },
    )
  }

  /** Writes progress down and keeps the job; undefined when it was stopped, or is somebody else's by now. */
  async advance(job: MailJobDocument, set: Partial<MailJobDocument>): Promise<MailJobDocument | undefined> {
    const due = new Date(this.#database.now().getTime() + claimMs)
    const after = await this.#database.mailJobs.findOneAndUpdate({ _id: job._id, token: job.token, state: { $in: [...open] } }, { $set: { due, attempts: 0, ...set } }, { returnDocument: "after" })
    return after ?? undefined
  }

  async finish(job: MailJobDocument, state: "done" | "failed"): Promise<void> {
    const undoable = job.target !== null && job.done > 0 && job.undoOf === null
    await this.advance(job, { state, token: null, undoable, expireAt: new Date(this.#database.now().getTime() + keptMs) })
  }

  /** Later, again. */
  async putOff(job: MailJobDocument, ms: number): Promise<void> {
    await this.#database.mailJobs.updateOne({ _id: job._id, token: job.token }, { $set: { due: new Date(this.#database.now().getTime() + ms), token: null } })
  }

  async putPart(given: Pick<MailJobPartDocument, "job" | "n" | "folder" | "target" | "mails">): Promise<void> {
    const part: MailJobPartDocument = { _id: `${given.job}.${given.n}`, ...given, targetFrom: null, moved: [], expireAt: new Date(this.#database.now().getTime() + 30 * keptMs) }
    await this.#database.mailJobParts.replaceOne({ _id: part._id }, part, { upsert: true })
  }

  part(job: MailJobDocument, n: number): Promise<MailJobPartDocument | null> {
    return this.#database.mailJobParts.findOne({ _id: `${job._id}.${n}` })
  }

  async changePart(part: MailJobPartDocument, set: Partial<Pick<MailJobPartDocument, "targetFrom" | "moved">>): Promise<void> {
    await this.#database.mailJobParts.updateOne({ _id: part._id }, { $set: set })
  }

  #fresh() {
    const now = this.#database.now()
    return { done: 0, nextPart: 0, undoable: false, due: now, token: null, attempts: 0, createdAt: now, expireAt: new Date(now.getTime() + 30 * keptMs) }
  }
}

export function jobView(job: MailJobDocument): MailJob {
  return { id: job._id, folder: job.request.folder, action: job.request.action, target: job.target, state: job.state === "collecting" ? "running" : job.state, total: job.total, done: job.done, undoable: job.undoable }
}

import { randomUUID } from "node:crypto"
import { ApiError } from "@lifeboat/shared/api-errors"
import type { ArchiveFilter, RedeliveryJob } from "@lifeboat/shared/schemas/archive"
import type { Database } from "../store/database.ts"
import type { RedeliveryJobDocument } from "../store/documents.ts"

const claimMs = 60_000
/** How long a finished job can be looked at, milliseconds. */
const keptMs = 86_400_000
const open = ["collecting", "running"] as const
const withoutIds = { projection: { ids: 0 } } as const
/** A job without its list of mails. */
export type JobState = Omit<RedeliveryJobDocument, "ids">

/** Jobs that deliver again all that a filter finds in the archive, written down so that they go on after any crash. Each user has one at a time. */
export class RedeliveryJobs {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Writes a new job down; throws `job-running` where the user has one. */
  async create(user: string, filter: ArchiveFilter): Promise<JobState> {
    if ((await this.#database.redeliveryJobs.countDocuments({ user, state: { $in: [...open] } })) > 0) throw new ApiError("job-running")
    const now = this.#database.now()
    const job: RedeliveryJobDocument = { _id: randomUUID(), user, filter, state: "collecting", ids: [], total: 0, next: 0, done: 0, failures: {}, due: now, token: null, attempts: 0, createdAt: now, expireAt: new Date(now.getTime() + 30 * keptMs) }
    await this.#database.redeliveryJobs.insertOne(job)
    return job
  }

  /** A user's jobs of the last day, latest first. */
  list(user: string): Promise<JobState[]> {
    return this.#database.redeliveryJobs.find({ user }, withoutIds).sort({ createdAt: -1 }).limit(10).toArray()
  }

  /** Throws `not-found`, for the jobs of others as well. */
  async find(user: string, id: string): Promise<JobState> {
    const job = await this.#database.redeliveryJobs.findOne({ _id: id, user }, withoutIds)
    if (!job) throw new ApiError("not-found")
    return job
  }

  /** Ends a job where it is; what is on its way stays so. */
  async stop(user: string, id: string): Promise<JobState> {
    const stopped = await this.#database.redeliveryJobs.findOneAndUpdate({ _id: id, user, state: { $in: [...open] } }, { $set: { state: "stopped", token: null, expireAt: this.#kept() } }, { returnDocument: "after", ...withoutIds })
    return stopped ?? this.find(user, id)
  }

  /** Takes up the next job that nobody works on; null: there is none. */
  claim(): Promise<RedeliveryJobDocument | null> {
    const now = this.#database.now()
    return this.#database.redeliveryJobs.findOneAndUpdate(
      { state: { $in: [...open] }, due: { $lte: now } },
      { $set: { due: new Date(now.getTime() + claimMs), token: randomUUID() }, $inc: { attempts: 1 } },
      { sort: { due: 1 }, returnDocument: "after" },
    )
  }

  /** Writes progress down and keeps the job; false when it was stopped, or is somebody else's by now. */
  async advance(job: Pick<RedeliveryJobDocument, "_id" | "token">, set: Partial<RedeliveryJobDocument>): Promise<boolean> {
    const due = new Date(this.#database.now().getTime() + claimMs)
    const { matchedCount } = await this.#database.redeliveryJobs.updateOne({ _id: job._id, token: job.token, state: { $in: [...open] } }, { $set: { due, attempts: 0, ...set } })
    return matchedCount > 0
  }

  async finish(job: RedeliveryJobDocument, state: "done" | "failed"): Promise<void> {
    await this.advance(job, { state, token: null, expireAt: this.#kept() })
  }

  /** Later, again. */
  async putOff(job: RedeliveryJobDocument, ms: number): Promise<void> {
    await this.#database.redeliveryJobs.updateOne({ _id: job._id, token: job.token }, { $set: { due: new Date(this.#database.now().getTime() + ms), token: null } })
  }

  #kept(): Date {
    return new Date(this.#database.now().getTime() + keptMs)
  }
}

export function redeliveryJobView(job: JobState): RedeliveryJob {
  const failures = Object.entries(job.failures).map(([code, count]) => ({ code, count }))
  return { id: job._id, state: job.state === "collecting" ? "running" : job.state, total: job.total, done: job.done, failures, createdAt: job.createdAt.toISOString() }
}
